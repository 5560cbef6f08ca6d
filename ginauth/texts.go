package ginauth

// Texts of responses and errors in the language of the client.

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
)

// langOf is the language of answers: config.Config.ResponseLocale, else the user's own, else what
// the client prefers, else the default one.
func (a *Auth) langOf(c *gin.Context) string {
	if a.cfg.ResponseLocale != "" {
		return a.cfg.ResponseLocale
	}
	var own string
	if user := User(c); user != nil {
		own = user.Locale
	}
	return a.texts.Match(own, c.GetHeader("Accept-Language"))
}

// say returns a text in the language of the request, for this route where there is one for it.
func (a *Auth) say(c *gin.Context, id string, params map[string]any) string {
	return a.texts.Text(a.langOf(c), id, params, a.pathOf(c))
}

// worded is a copy of an error with the library's text wherever it has none of its own: that for the
// field and the route, else for one of them, where Config.Texts has such a text.
func (a *Auth) worded(e *binding.Error, lang, path string) *binding.Error {
	worded := *e
	if worded.Message == "" {
		worded.Message = a.textOf(lang, "error."+string(e.Code), e.Code, nil, "error."+string(codeOfStatus(e.Status)), path)
	}
	if e.Fields != nil {
		worded.Fields = make(map[string][]binding.Problem, len(e.Fields))
	}
	for field, problems := range e.Fields {
		for _, p := range problems {
			if p.Message == "" {
				p.Message = a.textOf(lang, problemText(p.Code), p.Code, p.Params, "error.field_invalid", path+"."+field, field, path)
			}
			worded.Fields[field] = append(worded.Fields[field], p)
		}
	}
	return &worded
}

// codeOfStatus is the code of ours that says what a status does.
func codeOfStatus(status int) binding.Code {
	code, found := map[int]binding.Code{
		http.StatusUnauthorized: binding.CodeNotAuthenticated, http.StatusForbidden: binding.CodePermissionDenied,
		http.StatusNotFound: binding.CodeNotFound, http.StatusInternalServerError: binding.CodeInternal,
		http.StatusServiceUnavailable: binding.CodeUnavailable,
	}[status]
	if !found {
		return binding.CodeInvalid
	}
	return code
}

// textOf is the library's text for a code or, for a code of the application's own, that of
// Config.Texts by the code itself; else the one that always fits.
func (a *Auth) textOf(lang, id string, code binding.Code, params map[string]any, otherwise string, narrower ...string) string {
	for _, try := range []string{id, string(code)} {
		if text := a.texts.Text(lang, try, params, narrower...); text != try {
			return text
		}
	}
	return a.texts.Text(lang, otherwise, nil)
}

// problemText is the message of a code of fields. The one code that whole requests have, too,
// has two.
func problemText(code binding.Code) string {
	if code == binding.CodeInvalid {
		return "error.field_invalid"
	}
	return "error." + string(code)
}

// explained puts the library's texts, in the default language, into an error that is not
// written but returned to the application.
func (a *Auth) explained(err error) error {
	if e, ok := errors.AsType[*binding.Error](err); ok {
		return a.worded(e, a.cfg.DefaultLocale, "")
	}
	return err
}

// pathOf is the path of a route of the library's below the base, "emails/:id/resend"; of another
// route, the whole path.
func (a *Auth) pathOf(c *gin.Context) string {
	return strings.Trim(strings.TrimPrefix(c.FullPath(), a.base+"/"), "/")
}
