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

// reserve keeps a name for a schema that no type has.
func (g *schemas) reserve(name string, s *openapi3.Schema) {
	g.taken[name] = use{}
	g.all[name] = s.NewRef()
}

// name gives a type the name it has in Go. Where that is taken, a type that travels both ways
// gets its way behind it, another one its package before it.
func (g *schemas) name(u use) string {
	short := nameOf(u.t)
	pkg, _, _ := strings.Cut(u.t.String(), ".")
	long := exported(pkg) + short
	candidates := []string{short, short + string(u.way), long, long + string(u.way)}
	if g.taken[short].t != u.t { // another type's, if anybody's
		candidates = slices.Delete(candidates, 1, 2)
	}
	free := func(name string) bool { _, taken := g.taken[name]; return !taken }
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

// nameOf is the name of a type without packages, those of type arguments included. A login
// with the application's user in it, binding.LoginOf, is called as ours.
func nameOf(t reflect.Type) string {
	if isLogin(t) {
		return reflect.TypeFor[binding.LoginResponse]().Name()
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
