package config

import (
	"reflect"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// Views replace bodies of answers, each the one of its argument's type:
//
//	config.Views{
//		config.View(func(r binding.LoginResponse) MyLogin { ... }),
//		config.UserView(func(r binding.User, m *Member) MyUser { ... }),
//		config.View(func(e binding.Error) MyError { ... }), // the error body
//	}
//
// A view of binding.User also counts within a login, unless that has a view itself; one of
// an element, such as binding.Session, counts within lists. Errors that a client wants as
// application/problem+json stay as RFC 9457 has them.
type Views []ViewSpec

// A ViewSpec is a view that [View] or [UserView] made.
type ViewSpec struct {
	in, out, user, login reflect.Type                                        // user is nil for a View
	render               func(answer any, user models.Account) any           // the application's
	logIn                func(login binding.LoginResponse, rendered any) any // puts what render made into a login
}

// View makes a view of a function on the library's answer.
func View[In, Out any](render func(answer In) Out) ViewSpec {
	if render == nil {
		return ViewSpec{}
	}
	return newView[In, Out](nil, func(answer any, _ models.Account) any { return render(answer.(In)) })
}

// UserView makes a view that also sees the user whom the answer is about: the one who is
// logged in, or logs in. The user is nil where nobody does.
func UserView[In, U, Out any, P Embeds[U]](render func(answer In, user *U) Out) ViewSpec {
	if render == nil {
		return ViewSpec{}
	}
	return newView[In, Out](reflect.TypeFor[U](), func(answer any, account models.Account) any {
		user, _ := any(account).(P)
		return render(answer.(In), (*U)(user))
	})
}

func newView[In, Out any](user reflect.Type, render func(any, models.Account) any) ViewSpec {
	return ViewSpec{
		in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](), user: user, login: reflect.TypeFor[binding.LoginOf[Out]](), render: render,
		logIn: func(l binding.LoginResponse, rendered any) any {
			own, _ := rendered.(Out) // not that of a nil
			return binding.LoginOf[Out]{Key: l.Key, User: &own, Tokens: l.Tokens}
		},
	}
}

// In is the type of the library's answer, Out that of the application's.
func (v ViewSpec) In() reflect.Type { return v.in }

// Out is the type of what the view makes.
func (v ViewSpec) Out() reflect.Type { return v.out }

// Render calls the application's function.
func (v ViewSpec) Render(answer any, user models.Account) any { return v.render(answer, user) }

// LoginType is the type of RenderLogin, for a view of binding.User.
func (v ViewSpec) LoginType() reflect.Type { return v.login }

// RenderLogin returns a login with the view of its user, a [binding.LoginOf].
func (v ViewSpec) RenderLogin(login binding.LoginResponse, user models.Account) any {
	return v.logIn(login, v.render(*login.User, user))
}

// answers are what a view may replace.
var answers = []reflect.Type{
	reflect.TypeFor[binding.LoginResponse](), reflect.TypeFor[binding.User](), reflect.TypeFor[binding.Detail](), reflect.TypeFor[binding.Tokens](),
	reflect.TypeFor[binding.Session](), reflect.TypeFor[binding.Token](), reflect.TypeFor[binding.NewToken](), reflect.TypeFor[binding.Email](),
	reflect.TypeFor[binding.Error](),
}

func (c Config) checkViews(user reflect.Type, bad report) {
	seen := map[reflect.Type]bool{}
	for i, v := range c.Views {
		switch {
		case v.render == nil:
			bad(at("Views", i), "is empty; make it with config.View or config.UserView")
		case !slices.Contains(answers, v.in):
			bad(at("Views", i), "%s is no answer of the library; it may be one of %s", v.in, answers)
		case seen[v.in]:
			bad(at("Views", i), "there is another view of %s", v.in)
		case v.user != nil && v.user != user:
			bad(at("Views", i), "it is for %s, but NewUser makes %s", v.user, user)
		}
		seen[v.in] = true
	}
}
