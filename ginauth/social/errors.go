package social

// Error codes, and the responses to what providers refuse.

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
)

// The error codes of this package, besides the library's own.
const (
	CodeInput          binding.Code = "social_input"           // neither token nor code was sent
	CodeToken          binding.Code = "social_token_not_valid" // the access or ID token is not valid here
	CodeTokenUnchecked binding.Code = "social_token_unchecked" // the provider takes a code or an ID token only
	CodeCode           binding.Code = "social_code_not_valid"  // the provider refused the code
	CodeRedirectURI    binding.Code = "social_redirect_uri"    // redirect_uri is not one of Provider.RedirectURLs
	CodeEmailTaken     binding.Code = "social_email_taken"     // an account has the address: log in and connect
	CodeConnected      binding.Code = "social_connected"       // the provider's account belongs to another user
	CodeLastWayIn      binding.Code = "social_last_way_in"     // the user could not log in any more
	CodeUnavailable    binding.Code = "provider_unavailable"   // 503: the provider did not answer
)

func codes() []binding.CodeDoc {
	return []binding.CodeDoc{
		{Code: CodeInput, Meaning: "send `access_token`, `code` or `id_token`"},
		{Code: CodeToken, Meaning: "the access token or ID token is invalid, expired, used, or for another application"},
		{Code: CodeTokenUnchecked, Meaning: "the provider cannot say which application an access token was issued to: send a code or an ID token"},
		{Code: CodeCode, Meaning: "the provider refused the code: it is wrong, used or expired, or `redirect_uri` or `code_verifier` is not that of the authorization request"},
		{Code: CodeRedirectURI, Meaning: "the field `redirect_uri`: it is not in `RedirectURLs` of the provider"},
		{Code: CodeEmailTaken, Meaning: "an account has the address of the provider's account: offer to log in to it and to connect the two"},
		{Code: CodeConnected, Meaning: "the provider's account is connected to another user"},
		{Code: CodeLastWayIn, Meaning: "the user could not log in without this account: offer to set a password first"},
		{Code: CodeUnavailable, Meaning: "the provider does not answer; try again later"},
	}
}

func problem(code binding.Code) *binding.Error {
	return binding.Invalid(binding.NonField, binding.Problem{Code: code})
}

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
