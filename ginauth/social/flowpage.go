package social

// Where logins by redirect end: the settings, and the page of a request.

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// openPages reads the settings. Each mistake is an error of New. Without settings, there are no routes for redirects.
func (f *feature) openPages(s *core.Setup) {
	o := f.options
	if o.URL == "" && len(o.Pages) == 0 {
		return
	}
	out := &pages{base: strings.TrimRight(o.URL, "/"), secure: strings.HasPrefix(o.URL, "https://")}
	if err := secureURL(o.URL); err != nil {
		s.Refuse("social.Options.URL", fmt.Errorf("%w; set it to the public URL of the library's routes, such as https://app.example.com/auth", err))
	} else if strings.ContainsAny(o.URL, "?:*") && strings.ContainsAny(strings.SplitN(o.URL, "//", 2)[1], "?*") {
		s.Refuse("social.Options.URL", errors.New("must have neither a query nor parameters"))
	}
	if len(o.Pages) == 0 {
		s.Refuse("social.Options.Pages", errors.New("is empty; list the pages of your front end where a login by redirect ends"))
	}
	for _, page := range o.Pages {
		u, err := parsePage(page)
		if err != nil {
			s.Refuse("social.Options.Pages", fmt.Errorf("has %q, which %w", page, err))
			continue
		}
		out.list = append(out.list, u)
	}
	f.pages = out
	s.Check("social.Options.Pages", f.checkPages)
}

// pageKey is the key of the page of a flow in the context of a request.
type pageKey struct{}

// page returns where an error leads: to the page of the flow, or to the first page if there is no valid flow.
func (f *feature) page(g *gin.Context, e *binding.Error) string {
	if e.Code == binding.CodeNotFound {
		return ""
	}
	value, _ := g.Get(pageKey{})
	at, known := value.(string)
	if !known {
		at, _ = f.pages.allowed("")
	}
	code := e.Code
	for _, name := range e.FieldNames() {
		code = e.Fields[name][0].Code
	}
	return withParameter(at, "error", string(code))
}
