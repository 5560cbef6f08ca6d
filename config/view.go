package config

import (
	"reflect"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// Views replace the bodies of responses. The type of a view's argument decides which body it replaces:
//
//	config.Views{
//		config.View(func(r binding.LoginResponse) MyLogin { ... }),
//		config.UserView(func(r binding.User, m *Member) MyUser { ... }),
//		config.View(func(e binding.Error) MyError { ... }), // the error body
//	}
//
// These types can have a view: binding.LoginResponse, User, Detail, Tokens, Session, Token, NewToken,
// Email and Error. Two views of one type are an error of New.
//
// A view of binding.User is also used within the response of a login, unless binding.LoginResponse has a view. A
// view of an element, such as binding.Session, is also used in lists. If a client accepts
// application/problem+json, errors keep the form of RFC 9457.
type Views []ViewSpec

// A ViewSpec is a view made by [View] or [UserView]. Its methods are for the library.
type ViewSpec struct {
	in, out, user, login reflect.Type                                        // user is nil for a View
	render               func(response any, user models.Account) any         // the application's function
	logIn                func(login binding.LoginResponse, rendered any) any // puts what render made into a login
}

// View returns a view from a function that gets the library's response and returns your own. encoding/json writes it.
func View[In, Out any](render func(response In) Out) ViewSpec {
	if render == nil {
		return ViewSpec{}
	}
	return newView[In, Out](nil, func(response any, _ models.Account) any { return render(response.(In)) })
}

// UserView returns a view from a function that also gets the user that the response is about: the user who is
// logged in, or who logs in. It is nil if there is no such user.
func UserView[In, U, Out any, P Embeds[U]](render func(response In, user *U) Out) ViewSpec {
	if render == nil {
		return ViewSpec{}
	}
	return newView[In, Out](reflect.TypeFor[U](), func(response any, account models.Account) any {
		user, _ := any(account).(P)
		return render(response.(In), (*U)(user))
	})
}

func newView[In, Out any](user reflect.Type, render func(any, models.Account) any) ViewSpec {
	return ViewSpec{
		in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](), user: user, login: reflect.TypeFor[binding.LoginOf[Out]](), render: render,
		logIn: func(l binding.LoginResponse, rendered any) any {
			own, _ := rendered.(Out) // zero if render returned a nil interface
			return binding.LoginOf[Out]{Key: l.Key, User: &own, Tokens: l.Tokens}
		},
	}
}

// In returns the type of the library's response.
func (v ViewSpec) In() reflect.Type { return v.in }

// Out returns the type of the application's response.
func (v ViewSpec) Out() reflect.Type { return v.out }

// Render calls the application's function.
func (v ViewSpec) Render(response any, user models.Account) any { return v.render(response, user) }

// LoginType returns the type of what RenderLogin returns, for a view of binding.User.
func (v ViewSpec) LoginType() reflect.Type { return v.login }

// RenderLogin returns a login with the view of its user, a [binding.LoginOf].
func (v ViewSpec) RenderLogin(login binding.LoginResponse, user models.Account) any {
	return v.logIn(login, v.render(*login.User, user))
}

// replaceable are the types of responses that a view can replace.
var replaceable = []reflect.Type{
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
		case !slices.Contains(replaceable, v.in):
			bad(at("Views", i), "%s is not a response of the library; use one of %s", v.in, replaceable)
		case seen[v.in]:
			bad(at("Views", i), "there is another view of %s", v.in)
		case v.user != nil && v.user != user:
			bad(at("Views", i), "it is for %s, but NewUser makes %s", v.user, user)
		}
		seen[v.in] = true
	}
}
