package custom

// Bodies that have the application's own sign-up fields besides those of another route.

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

// Join returns a struct type with the fields of base, embedded, and the application's own fields of a sign-up form. It fails if a name is
// in both.
func Join(base reflect.Type, spec *config.FormSpec) (joined reflect.Type, err error) {
	fields := []reflect.StructField{{Name: base.Name(), Type: base, Anonymous: true}}
	for _, own := range ownFields(spec.Type()) {
		name := jsonName(own)
		for _, f := range reflect.VisibleFields(base) {
			if f.Name == own.Name || jsonName(f) == name {
				return nil, fmt.Errorf("has the field %s (%q), which the body of this route has already; rename it", own.Name, name)
			}
		}
		fields = append(fields, reflect.StructField{Name: own.Name, Type: own.Type, Tag: own.Tag})
	}
	return reflect.StructOf(fields), nil
}

// DecodeJoined reads the body into a joined type, and returns the part of the type base. [Form] then returns the application's form,
// with what the body has of the library's fields.
func DecodeJoined(g *gin.Context, joined, base reflect.Type, spec *config.FormSpec, lang func() string, options ...binding.Option) (any, error) {
	body := reflect.New(joined)
	err := binding.Decode(g.Writer, g.Request, body.Interface(), options...)
	form := spec.New()
	for _, own := range ownFields(spec.Type()) {
		reflect.ValueOf(form).Elem().FieldByIndex(own.Index).Set(body.Elem().FieldByName(own.Name))
	}
	register := reflect.TypeFor[binding.Register]()
	target, in := reflect.ValueOf(spec.Base(form, register)).Elem(), body.Elem().Field(0)
	for _, f := range reflect.VisibleFields(register) {
		if from := in.FieldByName(f.Name); from.IsValid() && from.Type() == f.Type {
			target.FieldByIndex(f.Index).Set(from)
		}
	}
	g.Set(formKey{}, filled{spec, form, register, lang})
	return in.Addr().Interface(), err
}

// ownFields returns the fields of a sign-up form that a body fills and that are not the library's.
func ownFields(form reflect.Type) (own []reflect.StructField) {
	library := reflect.TypeFor[binding.Register]()
	for _, f := range reflect.VisibleFields(form) {
		if f.Anonymous || !f.IsExported() || jsonName(f) == "" {
			continue
		}
		if theirs, found := library.FieldByName(f.Name); found && theirs.Tag == f.Tag && theirs.Type == f.Type {
			continue
		}
		own = append(own, f)
	}
	return own
}

// jsonName returns the name of a field in the body, or "" if no body fills it.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" {
		return ""
	}
	return name
}
