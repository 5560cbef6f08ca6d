package openapi

import (
	"reflect"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// forms creates the schemas of request bodies, as binding.Decode reads them.
type forms struct {
	*schemas
	always map[reflect.Type][]string // fields that every route with the form requires
	closed bool                      // no feature has invitations, so sign-ups ignore the field
}

func newForms(g *schemas, routes []core.RouteInfo) *forms {
	always, closed := map[reflect.Type][]string{}, false
	for _, r := range routes {
		closed = closed || slices.Contains(r.Ignored, core.InvitationField)
		if r.Input == nil {
			continue
		}
		before, seen := always[r.Input]
		if always[r.Input] = slices.Clone(r.Required); seen {
			always[r.Input] = slices.DeleteFunc(before, func(f string) bool { return !slices.Contains(r.Required, f) })
		}
	}
	return &forms{g, always, closed}
}

// body returns the schema of a route's body, and whether the body is optional. If a route requires more fields than others
// with the same form, the schema adds them with allOf.
func (g *forms) body(r *core.RouteInfo) (s *openapi3.SchemaRef, optional bool) {
	u := use{r.Input, in}
	name, known := g.names[u]
	if !known {
		name = g.name(u)
		g.all[name] = g.form(r.Input).NewRef()
	}
	s = g.ref(name)
	var more []string
	for _, field := range r.Required {
		if s.Value.Properties[field] != nil && !slices.Contains(s.Value.Required, field) {
			more = append(more, field)
		}
	}
	if more == nil {
		return s, len(s.Value.Required) == 0
	}
	both := openapi3.NewAllOfSchema().WithRequired(more)
	both.AllOf = openapi3.SchemaRefs{s}
	return both.NewRef(), false
}

// form returns the schema of the fields that binding.Decode sets: those with a json name, at any depth.
func (g *forms) form(t reflect.Type) *openapi3.Schema {
	s := openapi3.NewObjectSchema()
	s.Description = noteOn(t)
	for _, f := range reflect.VisibleFields(t) {
		owner := ownerOf(t, f)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || !f.IsExported() || name == "" || name == "-" || g.ignores(owner, name) {
			continue
		}
		p := g.of(f.Type, in)
		options := strings.Split(f.Tag.Get("in"), ",")
		if slices.Contains(options, "raw") && strings.Contains(name, "password") {
			p.Value.Format, p.Value.WriteOnly = "password", true
		}
		required := applyTags(p, f.Type, f.Tag) || slices.Contains(g.always[t], name)
		if p.Value.Type.Is("string") && !slices.Contains(options, "blank") && (required || f.Type.Kind() == reflect.Pointer) {
			p.Value.MinLength = max(p.Value.MinLength, 1)
		}
		if required && name == "username" && owner == reflect.TypeFor[binding.Register]() {
			p.Value.MinLength = max(p.Value.MinLength, uint64(g.cfg.Username.MinLength)) //nolint:gosec // at least 1
		}
		p.Value.Examples = sample(owner, name)
		s.WithPropertyRef(name, p)
		if required {
			s.Required = append(s.Required, name)
		}
	}
	return s
}

// ownerOf returns the struct that declares a field of a form: the form, or a struct that it embeds.
func ownerOf(form reflect.Type, f reflect.StructField) reflect.Type {
	if len(f.Index) == 1 {
		return form
	}
	return form.FieldByIndex(f.Index[:len(f.Index)-1]).Type
}

// ignores reports whether the configuration switches off a field of the library.
func (g *forms) ignores(owner reflect.Type, name string) bool {
	uses := func(m config.LoginMethod) bool { return slices.Contains(g.cfg.LoginMethods, m) }
	if name == core.InvitationField && g.closed {
		return true
	}
	switch owner {
	case reflect.TypeFor[binding.Register]():
		return name == "username" && g.cfg.SignUpFields.Username == config.FieldOff ||
			name == "email" && g.cfg.SignUpFields.Email == config.FieldOff
	case reflect.TypeFor[binding.Login]():
		return name == "username" && !uses(config.LoginByUsername) || name == "email" && !uses(config.LoginByEmail)
	case reflect.TypeFor[binding.CreateToken]():
		return name == "scopes" && len(g.cfg.Token.Scopes) == 0
	}
	return false
}

// noteOn returns how the fields of a library form depend on each other.
func noteOn(form reflect.Type) string {
	for _, note := range []struct {
		base reflect.Type
		text string
	}{
		{reflect.TypeFor[binding.Login](), "A name or an address, and the password."},
		{reflect.TypeFor[binding.KeyOrCode](), "Either the key from the link in the mail, or the address and the code from the mail."},
		{reflect.TypeFor[binding.ConfirmReset](), "Either uid and token from the link in the mail, or the address and the code from the mail; and the new password twice."},
		{reflect.TypeFor[binding.RecentPassword](), "The password is needed if the login is not recent."},
		{reflect.TypeFor[binding.AddEmail](), "The password is needed if the login is not recent."},
		{reflect.TypeFor[binding.RefreshToken](), "The refresh token, unless a cookie contains it."},
	} {
		if contains(form, note.base) {
			return note.text
		}
	}
	return ""
}

// contains reports whether a form is, or embeds, the library form base.
func contains(form, base reflect.Type) bool {
	if form == base {
		return true
	}
	f, found := form.FieldByName(base.Name())
	return found && f.Anonymous && f.Type == base
}
