package core

// Responses: ok and fail write all of them, and a panic becomes one.

import (
	"bytes"
	"context"
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
	"github.com/ginauth/gin-rest-auth/ginauth/internal/paniclog"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

var errCredential = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeCredential}

// challenges go with every 401 (RFC 9110, section 11.6.1; RFC 6750, section 3). Their
// schemes are ones that no browser answers with a password prompt.
func (c *Core) challenges(code binding.Code) []string {
	var all []string
	if c.tokens || c.keyring != nil {
		bearer := `Bearer realm="auth"`
		if code == binding.CodeInvalidToken {
			bearer += `, error="invalid_token"`
		}
		if c.tokens {
			all = append(all, `Token realm="auth"`)
		}
		all = append(all, bearer)
	}
	if c.cookies || len(all) == 0 {
		all = append(all, `Session realm="auth"`)
	}
	return all
}

// ok writes an answer. Together with okPublic and fail it is the only writer.
func (c *Core) ok(g *gin.Context, status int, body any) {
	if status == http.StatusNoContent {
		body = nil
	} else if body = c.View(g, body); body == nil { // what a view made
		body = json.RawMessage("null")
	}
	c.write(g, status, "application/json", body)
}

// okPublic writes an answer that does not depend on the request, so that browsers and proxies
// keep it for five minutes and then ask whether it has changed. It goes without cookies, which
// a proxy would hand to others.
func (c *Core) okPublic(g *gin.Context, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		c.Fail(g, ErrInternal.Because(err))
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

// Fail writes an error and stops the chain. A *binding.Error without a status is a mistake of
// the application. What is not a *binding.Error is a failure
// of the database or the session store: it is logged, and the client learns nothing
// but that it may try again. A failed read is never taken for "nobody is logged in".
func (c *Core) Fail(g *gin.Context, err error) {
	var e *binding.Error
	switch {
	case errors.As(err, &e) && e.Status < http.StatusBadRequest: // of a hook, or of middleware
		e = ErrInternal.Because(fmt.Errorf("a *binding.Error has the status %d, and needs one of 400 or more: %w", e.Status, err))
	case e != nil:
	case errors.Is(err, passhash.ErrBusy):
		e = errBusy
	case errors.Is(err, store.ErrText):
		e = binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeInvalidText}).Because(err)
	case errors.Is(err, store.ErrOwnExists):
		e = binding.Invalid(binding.NonField, ProblemTaken)
	default:
		e = errUnavailable.Because(err)
	}
	if e.Status >= 500 && e.Unwrap() != nil && !clientLeft(g.Request) {
		c.cfg.Logger.LogAttrs(g.Request.Context(), slog.LevelError, "ginauth: request failed",
			slog.String("method", g.Request.Method), slog.String("route", g.FullPath()),
			slog.String("code", string(e.Code)), slog.String("error", e.Unwrap().Error()))
	}
	g.Abort()
	for name, values := range e.Header {
		g.Writer.Header()[name] = slices.Clone(values)
	}
	if e.Status == http.StatusUnauthorized {
		g.Writer.Header()["Www-Authenticate"] = c.challenges(e.Code)
	}
	lang := c.LanguageOf(g)
	e = c.localize(e, lang, c.pathOf(g))
	g.Header("Content-Language", lang)
	if acceptsProblem(g.Request) {
		c.write(g, e.Status, "application/problem+json", problemBody(e))
		return
	}
	c.write(g, e.Status, "application/json", c.errorBody(g, e))
}

// errorBody is an error through the application's view, if there is one. A view that panics is
// logged, and must not turn a refusal into no answer at all: fail is what answers panics.
func (c *Core) errorBody(g *gin.Context, e *binding.Error) (body any) {
	if _, found := c.viewOf(reflect.TypeFor[binding.Error]()); !found {
		return djangoBody(e)
	}
	defer func() {
		if p := recover(); p != nil {
			c.LogPanic(g.Request.Context(), p, slog.String("method", g.Request.Method), slog.String("route", g.FullPath()))
			body = djangoBody(e)
		}
	}()
	if body = c.View(g, *e.Because(nil)); body == nil { // the reason is for the log
		body = djangoBody(e)
	}
	return body
}

// recover turns a panic into a logged 500.
func (c *Core) recover(g *gin.Context) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	c.LogPanic(g.Request.Context(), p, slog.String("method", g.Request.Method), slog.String("route", g.FullPath()))
	if g.Writer.Written() {
		g.Abort()
		return
	}
	c.Fail(g, ErrInternal)
}

// LogPanic logs where a panic came from, but not its value.
func (c *Core) LogPanic(ctx context.Context, p any, attrs ...slog.Attr) {
	paniclog.Log(ctx, c.cfg.Logger, p, attrs...)
}

// write sends a JSON body with the headers that every answer has.
func (c *Core) write(g *gin.Context, status int, mediaType string, body any) {
	h := g.Writer.Header()
	h.Set("Cache-Control", "no-store") // T046
	h.Set("Pragma", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Add("Vary", "Accept, Accept-Language, Authorization, Cookie, Origin")
	if body == nil {
		g.Status(status)
		g.Writer.WriteHeaderNow()
		return
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		c.cfg.Logger.LogAttrs(g.Request.Context(), slog.LevelError, "ginauth: cannot encode the answer",
			slog.String("route", g.FullPath()), slog.String("error", err.Error()))
		status, encoded = http.StatusInternalServerError, []byte(`{"detail":"Something went wrong.","code":"internal"}`)
	}
	g.Data(status, mediaType, encoded)
}

// djangoBody is the shape of Django REST framework: lists of messages by field, or a
// detail. The code beside it is ours.
func djangoBody(e *binding.Error) any {
	if e.Fields == nil {
		return struct {
			Detail string       `json:"detail"`
			Code   binding.Code `json:"code"`
		}{e.Message, e.Code}
	}
	body := make(map[string][]string, len(e.Fields))
	for field, problems := range e.Fields {
		for _, p := range problems {
			body[field] = append(body[field], p.Message)
		}
	}
	return body
}
