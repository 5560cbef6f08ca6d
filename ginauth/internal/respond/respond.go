package respond

// Responses: OK, Public, Redirect and Fail write all of them, and Recover turns a panic into one.

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/paniclog"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Errors of any request.
var (
	ErrInternal    = &binding.Error{Status: http.StatusInternalServerError, Code: binding.CodeInternal}
	ErrUnavailable = (&binding.Error{Status: http.StatusServiceUnavailable, Code: binding.CodeUnavailable}).WithHeader("Retry-After", "5")
	errBusy        = (&binding.Error{Status: http.StatusServiceUnavailable, Code: binding.CodeBusy}).WithHeader("Retry-After", "2")
)

// challenges returns the WWW-Authenticate values of a 401 (RFC 9110, section 11.6.1; RFC 6750, section 3). Browsers show no
// password prompt for these schemes.
func (w *Writer) challenges(code binding.Code) []string {
	var all []string
	tokens := slices.Contains(w.Config.Login, config.OpaqueToken)
	if tokens || slices.Contains(w.Config.Login, config.JSONWebToken) {
		bearer := `Bearer realm="auth"`
		if code == binding.CodeInvalidToken {
			bearer += `, error="invalid_token"`
		}
		if tokens {
			all = append(all, `Token realm="auth"`)
		}
		all = append(all, bearer)
	}
	if slices.Contains(w.Config.Login, config.SessionCookie) || len(all) == 0 {
		all = append(all, `Session realm="auth"`)
	}
	return all
}

// OK writes a response. Only OK, Public, Redirect and Fail write.
func (w *Writer) OK(g *gin.Context, status int, body any) {
	if status == http.StatusNoContent {
		body = nil
	} else if body = w.View(g, body); body == nil { // the result of a view
		body = json.RawMessage("null")
	}
	w.write(g, status, "application/json", body)
}

// Public writes a response that does not depend on the request: browsers and proxies keep it for five minutes and then
// revalidate it. It has no cookies, because a proxy would send them to other clients.
func (w *Writer) Public(g *gin.Context, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		w.Fail(g, ErrInternal.Because(err))
		return
	}
	sum, h := sha256.Sum256(encoded), g.Writer.Header()
	h.Del("Set-Cookie")
	h.Set("Content-Type", "application/json")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	http.ServeContent(g.Writer, g.Request, "", time.Time{}, bytes.NewReader(encoded))
}

// Fail writes an error and stops the chain. A *binding.Error without a status is a mistake of the application. Any other
// error is a failure of the database or the session store: it is logged, and the client only learns that it may retry. A
// failed read never counts as "not logged in".
func (w *Writer) Fail(g *gin.Context, err error) {
	e := w.Settle(g, err)
	g.Abort()
	for name, values := range e.Header {
		g.Writer.Header()[name] = slices.Clone(values)
	}
	if e.Status == http.StatusUnauthorized {
		g.Writer.Header()["Www-Authenticate"] = w.challenges(e.Code)
	}
	lang := w.LanguageOf(g)
	e = w.localize(e, lang, w.pathOf(g))
	g.Header("Content-Language", lang)
	if acceptsProblem(g.Request) {
		w.write(g, e.Status, "application/problem+json", problemBody(e))
		return
	}
	w.write(g, e.Status, "application/json", w.errorBody(g, e))
}

// Redirect sends the browser to a URL with 303, so that it continues with a GET.
func (w *Writer) Redirect(g *gin.Context, at string) {
	g.Header("Location", at)
	w.write(g, http.StatusSeeOther, "", nil)
}

// Settle returns the error that the client learns of, and logs it if it is the server's.
func (w *Writer) Settle(g *gin.Context, err error) *binding.Error {
	var e *binding.Error
	switch {
	case errors.As(err, &e) && e.Status < http.StatusBadRequest: // from a hook or middleware
		e = ErrInternal.Because(fmt.Errorf("a *binding.Error has the status %d, but must have at least 400: %w", e.Status, err))
	case e != nil:
	case errors.Is(err, passhash.ErrBusy):
		e = errBusy
	case errors.Is(err, store.ErrText):
		e = binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeInvalidText}).Because(err)
	case errors.Is(err, store.ErrOwnExists):
		e = binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeTaken})
	default:
		e = ErrUnavailable.Because(err)
	}
	if e.Status >= 500 && e.Unwrap() != nil && !client.Left(g.Request) {
		w.Config.Logger.LogAttrs(g.Request.Context(), slog.LevelError, "ginauth: request failed",
			append(w.line(g), slog.String("code", string(e.Code)), slog.String("error", e.Unwrap().Error()))...)
	}
	return e
}

// errorBody returns the body of an error, through the application's view if it has one. If the view panics, that is logged
// and the error is written without it: Fail itself must not panic, since it responds to panics.
func (w *Writer) errorBody(g *gin.Context, e *binding.Error) (body any) {
	if _, found := w.viewOf(reflect.TypeFor[binding.Error]()); !found {
		return djangoBody(e)
	}
	defer func() {
		if p := recover(); p != nil {
			paniclog.Log(g.Request.Context(), w.Config.Logger, p, w.line(g)...)
			body = djangoBody(e)
		}
	}()
	if body = w.View(g, *e.Because(nil)); body == nil { // the reason is for the log
		body = djangoBody(e)
	}
	return body
}

// Recover turns a panic into a logged 500, which fail writes. Defer it.
func (w *Writer) Recover(g *gin.Context, fail func(*gin.Context, error)) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	paniclog.Log(g.Request.Context(), w.Config.Logger, p, w.line(g)...)
	if g.Writer.Written() {
		g.Abort()
		return
	}
	g.Writer.Header().Del("Set-Cookie") // a request that failed gives no credential
	fail(g, ErrInternal)
}
