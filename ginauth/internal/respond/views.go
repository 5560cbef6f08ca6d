package respond

// Response bodies: the views of the application and the user that a response is about.

import (
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

type subjectKey struct{}

// SetSubject records the user the response is about, for views.
func SetSubject(g *gin.Context, account models.Account) { g.Set(subjectKey{}, account) }

// subject returns the user the response is about: the one recorded, else the one logged in, else nil.
func (w *Writer) subject(g *gin.Context) models.Account {
	if v, found := g.Get(subjectKey{}); found {
		return v.(models.Account)
	}
	return w.Account(g)
}

// viewOf returns the view of a type of body.
func (w *Writer) viewOf(t reflect.Type) (config.ViewSpec, bool) {
	for _, v := range w.Config.Views {
		if v.In() == t {
			return v, true
		}
	}
	return config.ViewSpec{}, false
}

// View returns a body through the application's view of it, or of its elements or the user in it, if there is such a view.
func (w *Writer) View(g *gin.Context, body any) any {
	if len(w.Config.Views) == 0 || body == nil {
		return body
	}
	v := reflect.ValueOf(body)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice {
		if _, found := w.viewOf(v.Type().Elem()); !found {
			return body
		}
		out := make([]any, v.Len())
		for i := range out {
			out[i] = w.View(g, v.Index(i).Interface())
		}
		return out
	}
	login, isLogin := v.Interface().(binding.LoginResponse)
	if spec, found := w.viewOf(v.Type()); found {
		if isLogin && login.Tokens == nil {
			login.Tokens = &binding.Tokens{} // so that a view can read them without a nil check
			return spec.Render(login, w.subject(g))
		}
		return spec.Render(v.Interface(), w.subject(g))
	}
	if spec, found := w.viewOf(reflect.TypeFor[binding.User]()); found && isLogin && login.User != nil {
		return spec.RenderLogin(login, w.subject(g))
	}
	return body
}

// ErrorType returns the type that the view of errors returns, or nil without such a view.
func (w *Writer) ErrorType() reflect.Type {
	if v, found := w.viewOf(reflect.TypeFor[binding.Error]()); found {
		return v.Out()
	}
	return nil
}

// TypeOf returns the type that View returns for the type of a body.
func (w *Writer) TypeOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice {
		return reflect.SliceOf(w.TypeOf(t.Elem()))
	}
	if v, found := w.viewOf(t); found {
		return v.Out()
	}
	if v, found := w.viewOf(reflect.TypeFor[binding.User]()); found && t == reflect.TypeFor[binding.LoginResponse]() {
		return v.LoginType()
	}
	return t
}
