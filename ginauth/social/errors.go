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

// errEmailTaken means that an account has the address of the proof.
var errEmailTaken = errors.New("social: an account has the address")

// response returns the error for a client whose proof failed, and logs the reason. The response has no text of the provider.
func (f *feature) response(g *gin.Context, s *source, err error) error {
	out := f.answer(g.Request.Context(), s, err)
	if known, ok := errors.AsType[*binding.Error](out); ok && isProvidersError(err) && known.Status < 500 {
		f.core.LoginFailed(g, "", method(s))
	}
	return out
}

// isProvidersError reports whether answer logs an error.
func isProvidersError(err error) bool {
	return errors.Is(err, errUnchecked) || errors.Is(err, errCode) || errors.Is(err, ErrRefused) || errors.Is(err, ErrUnavailable)
}

// answer is response for a request that is no login.
func (f *feature) answer(ctx context.Context, s *source, err error) error {
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
	f.cfg.Logger.LogAttrs(ctx, level, "ginauth: a login by a provider failed", slog.String("provider", s.Name), slog.String("reason", clip(err.Error(), 300)))
	return out
}

// isSpent reports whether something that is valid once was used before.
func isSpent(err error) bool { return errors.Is(err, ErrRefused) }
