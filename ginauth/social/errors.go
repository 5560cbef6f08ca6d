package social

// The responses to what providers refuse.

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
)

// response returns the error for a client whose proof failed, and logs the reason. The response has no text of the provider.
func (f *feature) response(g *gin.Context, s *source, err error) error {
	var out *binding.Error
	level := slog.LevelInfo
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, errUnchecked):
		out = problem(CodeTokenUnchecked)
	case errors.Is(err, errRedirects):
		return binding.Invalid("redirect_uri", binding.Problem{Code: CodeRedirectURI})
	case errors.Is(err, errCode):
		out = problem(CodeCode)
	case errors.Is(err, ErrRefused):
		out = problem(CodeToken)
	case errors.Is(err, ErrUnavailable):
		level, out = slog.LevelWarn, &binding.Error{Status: http.StatusServiceUnavailable, Code: CodeUnavailable, Header: http.Header{"Retry-After": {"5"}}}
	default:
		return err
	}
	f.cfg.Logger.LogAttrs(g.Request.Context(), level, "ginauth: a login by a provider failed", slog.String("provider", s.Name), slog.String("reason", clip(err.Error(), 300)))
	if out.Status < 500 {
		f.core.LoginFailed(g, "", method(s))
	}
	return out
}

// isSpent reports whether something that is valid once was used before.
func isSpent(err error) bool { return errors.Is(err, ErrRefused) }
