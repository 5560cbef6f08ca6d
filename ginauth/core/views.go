package core

// Response bodies: the views of the application and the user that a response is about.

import (
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

type subjectKey struct{}

// SetSubject notes whom the answer is about, for views.
func SetSubject(g *gin.Context, account models.Account) { g.Set(subjectKey{}, account) }

// subject is whom the answer is about: the one noted, else the one logged in, else nil.
func subject(g *gin.Context) models.Account {
	if v, found := g.Get(subjectKey{}); found {
		return v.(models.Account)
	}
	if id := IdentityOf(g); id != nil {
		return id.Account
	}
	return nil
}

// viewOf returns the view of a type of answer.
func (c *Core) viewOf(t reflect.Type) (config.ViewSpec, bool) {
	for _, v := range c.cfg.Views {
		if v.In() == t {
			return v, true
		}
	}
	return config.ViewSpec{}, false
}

// View is a body as the application wants it: through its view, if it has one, or through
// that of the elements or of the user within.
func (c *Core) View(g *gin.Context, body any) any {
	if len(c.cfg.Views) == 0 || body == nil {
		return body
	}
	v := reflect.ValueOf(body)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice {
		if _, found := c.viewOf(v.Type().Elem()); !found {
			return body
		}
		out := make([]any, v.Len())
		for i := range out {
			out[i] = c.View(g, v.Index(i).Interface())
		}
		return out
	}
	login, isLogin := v.Interface().(binding.LoginResponse)
	if spec, found := c.viewOf(v.Type()); found {
		if isLogin && login.Tokens == nil {
			login.Tokens = &binding.Tokens{} // so that a view may read them without looking first
			return spec.Render(login, subject(g))
		}
		return spec.Render(v.Interface(), subject(g))
	}
	if spec, found := c.viewOf(reflect.TypeFor[binding.User]()); found && isLogin && login.User != nil {
		return loginWith(login, spec.Out(), spec.Render(*login.User, subject(g)))
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
