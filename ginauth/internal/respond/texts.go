package respond

// Texts of responses and errors in the language of the client.

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
)

// Open reads the texts of the library, of features and of the application, and looks for the ResponseLocale among their
// languages. codes are the messages that error codes of features and of the application need. partial means that some
// features have not added theirs.
func (w *Writer) Open(added []fs.FS, codes []string, partial bool) (err error) {
	cfg, setting := w.Config, "DefaultLocale"
	if cfg.Texts != nil {
		_, noMail := fs.Stat(cfg.Texts, "mail")
		if _, noLocales := fs.Stat(cfg.Texts, "locales"); noMail != nil && noLocales != nil {
			return &config.Mistake{Setting: "Texts", Err: errors.New("has neither mail nor locales at its root; fs.Sub makes a folder the root")}
		}
	}
	if cfg.Texts != nil || added != nil {
		setting = "Texts"
	}
	w.Texts, err = locale.Open(cfg.Texts, cfg.DefaultLocale, locale.Added{Texts: added, Codes: codes, Partial: partial, Unfilled: w.warnOfUnfilled})
	if err != nil {
		return &config.Mistake{Setting: setting, Err: err}
	}
	if pinned := cfg.ResponseLocale; pinned != "" {
		var found bool
		if cfg.ResponseLocale, found = w.Texts.Name(pinned); !found {
			return &config.Mistake{Setting: "ResponseLocale", Err: fmt.Errorf("%q is not among the languages %s; add locales/%s.json to Texts",
				pinned, strings.Join(w.Texts.Languages(), ", "), pinned)}
		}
	}
	return nil
}

// LanguageOf returns the language of responses: config.Config.ResponseLocale, else the user's own, else what
// the client prefers, else the default one.
func (w *Writer) LanguageOf(g *gin.Context) string {
	if w.Config.ResponseLocale != "" {
		return w.Config.ResponseLocale
	}
	var own string
	if account := w.Account(g); account != nil {
		own = account.Base().Locale
	}
	return w.Texts.Match(own, g.GetHeader("Accept-Language"))
}

// Say returns a text in the language of the request. A text for this route comes first.
func (w *Writer) Say(g *gin.Context, id string, params map[string]any) string {
	return w.Texts.Text(w.LanguageOf(g), id, params, w.pathOf(g))
}

// localize returns a copy of an error with library messages filled in where none is set. Messages of Config.Texts for the
// field and the route come first, then those for one of them.
func (w *Writer) localize(e *binding.Error, lang, path string) *binding.Error {
	localized := *e
	if localized.Message == "" {
		localized.Message = w.textOf(lang, "error."+string(e.Code), nil, "error."+string(codeOfStatus(e.Status)), path)
	}
	if e.Fields != nil {
		localized.Fields = make(map[string][]binding.Problem, len(e.Fields))
	}
	for field, problems := range e.Fields {
		for _, p := range problems {
			if p.Message == "" {
				p.Message = w.textOf(lang, problemText(p.Code), p.Params, "error.field_invalid", path+"."+field, field, path)
			}
			localized.Fields[field] = append(localized.Fields[field], p)
		}
	}
	return &localized
}

// codeOfStatus returns the library's code for a status.
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

// textOf returns the text for a code, or else the text otherwise. A code without a text is logged once.
func (w *Writer) textOf(lang, id string, params map[string]any, otherwise string, narrower ...string) string {
	if text := w.Texts.Text(lang, id, params, narrower...); text != id {
		return text
	}
	code := strings.TrimPrefix(id, "error.")
	w.warnOnce(id, `a code has no text, so clients get a general one; declare it in Config.Codes, add "`+id+`" to locales/en.json of Config.Texts, or set Message`,
		slog.String("code", code))
	return w.Texts.Text(lang, otherwise, nil)
}

// warnOfUnfilled logs a text that cannot be shown, because a placeholder in it has no value.
func (w *Writer) warnOfUnfilled(file, id string, err error) {
	w.warnOnce(id, "a text has a placeholder without a value, so another text is shown; correct the placeholder, or set the Params of the problem",
		slog.String("file", file), slog.String("text", id), slog.String("error", err.Error()))
}

// warnOnce logs a problem with a text once.
func (w *Writer) warnOnce(id, problem string, attrs ...slog.Attr) {
	if _, logged := w.warned.LoadOrStore(id, true); !logged {
		w.Config.Logger.LogAttrs(context.Background(), slog.LevelWarn, "ginauth: "+problem, attrs...)
	}
}

// problemText returns the message ID of a field's code. CodeInvalid, which whole requests can have as well, has a different
// message for fields.
func problemText(code binding.Code) string {
	if code == binding.CodeInvalid {
		return "error.field_invalid"
	}
	return "error." + string(code)
}

// Localized fills the library's texts, in the default language, into an error that is returned to the application instead of
// written.
func (w *Writer) Localized(err error) error {
	if e, ok := errors.AsType[*binding.Error](err); ok {
		return w.localize(e, w.Config.DefaultLocale, "")
	}
	return err
}

// pathOf returns the path of a library route below the base, such as "emails/:id/resend". For other routes it returns the
// whole path.
func (w *Writer) pathOf(g *gin.Context) string {
	return strings.Trim(strings.TrimPrefix(g.FullPath(), w.Base+"/"), "/")
}
