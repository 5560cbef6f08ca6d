package openapi

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/binding"
)

// reserve takes a name for a schema without a Go type.
func (g *schemas) reserve(name string, s *openapi3.Schema) {
	g.taken[name] = use{}
	g.all[name] = s.NewRef()
}

// name gives a type its Go name. If the name is taken by the same type in the other direction, the direction is appended; if
// it is taken by another type, the package comes first. The name of a response that a view replaces is reserved for the type of
// the view, so that "User" is never the user of a feature.
func (g *schemas) name(u use) string {
	short := nameOf(u.t)
	pkg, _, _ := strings.Cut(u.t.String(), ".")
	long := exported(pkg) + short
	candidates := []string{short, short + string(u.way), long, long + string(u.way)}
	if g.taken[short].t != u.t { // taken by another type, or free
		candidates = slices.Delete(candidates, 1, 2)
	}
	free := func(name string) bool {
		_, taken := g.taken[name]
		only, held := g.held[name]
		return !taken && (!held || only == u.t)
	}
	for i := 2; !slices.ContainsFunc(candidates, free); i++ {
		candidates = append(candidates, long+strconv.Itoa(i))
	}
	name := candidates[slices.IndexFunc(candidates, free)]
	g.taken[name], g.names[u] = u, name
	return name
}

var (
	packagePath = regexp.MustCompile(`[\w./~-]*[./]`) // before a type argument
	notInName   = regexp.MustCompile(`\W+`)
)

// nameOf returns the name of a type without packages, including those of type arguments. A login response with the
// application's user, binding.LoginOf, is called LoginResponse.
func nameOf(t reflect.Type) string {
	if isLogin(t) {
		return reflect.TypeFor[binding.LoginResponse]().Name()
	}
	if t.Name() == "" && t.Kind() == reflect.Struct && t.NumField() > 0 && t.Field(0).Anonymous {
		return nameOf(t.Field(0).Type) // core.Route.SignUpForm: with the application's own fields
	}
	name, arguments, _ := strings.Cut(t.Name(), "[")
	for argument := range strings.SplitSeq(arguments, ",") {
		argument = packagePath.ReplaceAllString(argument, "")
		name += exported(notInName.ReplaceAllString(argument, ""))
	}
	return exported(name)
}

func exported(name string) string {
	name = notInName.ReplaceAllString(name, "")
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
