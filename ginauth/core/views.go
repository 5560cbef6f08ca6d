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
		return spec.RenderLogin(login, subject(g))
	}
	return body
}
