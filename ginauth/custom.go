package ginauth

import (
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// formKey and answerKey are where a request keeps its form, and whom its answer is about.
type (
	formKey   struct{}
	answerKey struct{}
)

// filled is a form of the application's with what came in it.
type filled struct {
	spec *config.FormSpec
	form any
	base reflect.Type // the library's struct in it
}

// own is a copy of the form without what is in the library's struct.
func (f filled) own() any {
	own := reflect.New(f.spec.Type())
	own.Elem().Set(reflect.ValueOf(f.form).Elem())
	reflect.ValueOf(f.spec.Base(own.Interface(), f.base)).Elem().SetZero()
	return own.Interface()
}

// decode reads the body into the library's struct or, where the route has one, into that in
// the application's form.
func decode[In any](c *gin.Context, r *route) (*In, error) {
	options := []binding.Option{binding.Require(r.required...), binding.Ignore(r.ignored...)}
	if r.partial {
		options = append(options, binding.Partial())
	}
	if r.form == nil {
		in := new(In)
		return in, binding.Decode(c.Writer, c.Request, in, options...)
	}
	form := r.form.New()
	err := binding.Decode(c.Writer, c.Request, form, options...)
	base := reflect.TypeFor[In]()
	c.Set(formKey{}, filled{r.form, form, base})
	return r.form.Base(form, base).(*In), err
}

// applyForm takes what came in the application's fields over into a new user. What it does to
// models.User is undone, but for what a user may say of himself: no form gives rights, or
// becomes another.
//
// A form of config.FormTx is applied in the transaction, any other one before it: tx is nil then.
func applyForm(c *gin.Context, tx *store.Tx, account models.Account) error {
	v, found := c.Get(formKey{})
	if !found || v.(filled).spec.InTx() != (tx != nil) {
		return nil
	}
	kept := *copyOf(account).Base()
	f := v.(filled)
	var err error
	if tx == nil {
		err = f.spec.Apply(c.Request.Context(), nil, f.form, account)
	} else {
		err = ofApplication("a form", f.spec.Apply(c.Request.Context(), tx.Handle(), f.form, account))
	}
	user := account.Base()
	kept.FirstName, kept.LastName, kept.Locale = user.FirstName, user.LastName, user.Locale
	*user = kept
	return err
}

// applyOwn is applyForm for a user who is stored, or comes from a backend. Of models.User nothing
// is changed: the routes write that themselves.
func applyOwn(c *gin.Context, tx *store.Tx, account models.Account) error {
	kept := *copyOf(account).Base()
	err := applyForm(c, tx, account)
	*account.Base() = kept
	return err
}

// applyToCopy is applyOwn on a copy of a user, before the transaction, in which saveOwn is called.
func applyToCopy(c *gin.Context, account models.Account) (models.Account, error) {
	own := copyOf(account)
	return own, applyOwn(c, nil, own)
}

// saveOwn stores what a form has changed in the columns of the application's own.
func saveOwn(c *gin.Context, tx *store.Tx, before, own models.Account) error {
	if err := applyOwn(c, tx, own); err != nil {
		return err
	}
	return tx.SaveOwn(before, copyOf(own))
}

// answers notes whom the answer is about, for views.
func answers(c *gin.Context, account models.Account) { c.Set(answerKey{}, account) }

// answered is whom the answer is about: the one noted, else the one logged in, else nil.
func answered(c *gin.Context) models.Account {
	if v, found := c.Get(answerKey{}); found {
		return v.(models.Account)
	}
	if id := identityOf(c); id != nil {
		return id.account
	}
	return nil
}

// viewOf returns the view of a type of answer.
func (a *Auth) viewOf(t reflect.Type) (config.ViewSpec, bool) {
	for _, v := range a.cfg.Views {
		if v.In() == t {
			return v, true
		}
	}
	return config.ViewSpec{}, false
}

// view is a body as the application wants it: through its view, if it has one, or through
// that of the elements or of the user within.
func (a *Auth) view(c *gin.Context, body any) any {
	if len(a.cfg.Views) == 0 || body == nil {
		return body
	}
	v := reflect.ValueOf(body)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice {
		if _, found := a.viewOf(v.Type().Elem()); !found {
			return body
		}
		out := make([]any, v.Len())
		for i := range out {
			out[i] = a.view(c, v.Index(i).Interface())
		}
		return out
	}
	login, isLogin := v.Interface().(binding.LoginResponse)
	if spec, found := a.viewOf(v.Type()); found {
		if isLogin && login.Tokens == nil {
			login.Tokens = &binding.Tokens{} // so that a view may read them without looking first
			return spec.Render(login, answered(c))
		}
		return spec.Render(v.Interface(), answered(c))
	}
	if spec, found := a.viewOf(reflect.TypeFor[binding.User]()); found && isLogin && login.User != nil {
		return loginWith(login, spec.Out(), spec.Render(*login.User, answered(c)))
	}
	return body
}

// loginType is binding.LoginResponse with another type of user in it.
func loginType(user reflect.Type) reflect.Type {
	t := reflect.TypeFor[binding.LoginResponse]()
	fields := make([]reflect.StructField, t.NumField())
	for i := range fields {
		fields[i] = t.Field(i)
		if fields[i].Name == "User" {
			fields[i].Type = reflect.PointerTo(user)
		}
	}
	return reflect.StructOf(fields)
}

func loginWith(login binding.LoginResponse, user reflect.Type, rendered any) any {
	own := reflect.New(user)
	if rendered != nil { // a nil of an interface has no value to set
		own.Elem().Set(reflect.ValueOf(rendered))
	}
	out := reflect.New(loginType(user)).Elem()
	from := reflect.ValueOf(login)
	for i := range from.NumField() {
		if from.Type().Field(i).Name == "User" {
			out.Field(i).Set(own)
		} else {
			out.Field(i).Set(from.Field(i))
		}
	}
	return out.Interface()
}
