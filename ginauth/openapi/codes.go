package openapi

import (
	"reflect"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

type code struct {
	code    binding.Code
	meaning string
}

// codes are those of package binding, with what their comments there say; a test compares.
func codes() []code { return append(codesOfRequests(), codesOfFields()...) }

func codesOfRequests() []code {
	return []code{
		{binding.CodeParseError, "400: the body is not what its media type says"},
		{binding.CodeNotAuthenticated, "401: no credentials were sent"},
		{binding.CodeAuthenticationFailed, "401: the session of the cookie has ended"},
		{binding.CodeInvalidToken, "401: the token is not, or no longer, good"},
		{binding.CodeCrossSite, "403: Sec-Fetch-Site says the request comes from another site"},
		{binding.CodeCrossOrigin, "403: Origin is neither this host nor a trusted origin"},
		{binding.CodeCredential, "403: this client cannot get the credential that it asks for in Auth-Credential"},
		{binding.CodeInsufficientScope, "403: the token may not do this"},
		{binding.CodeFreshLogin, "403: log in again, or send the password"},
		{binding.CodePermissionDenied, "403: the user may not do this"},
		{binding.CodeNotFound, "404: no such thing, or not yours"},
		{binding.CodeMethodNotAllowed, "405: see Allow"},
		{binding.CodeTooLarge, "413: more than 64 KiB"},
		{binding.CodeUnsupportedMediaType, "415: send JSON, a form or multipart, in UTF-8"},
		{binding.CodeInternal, "500: logged"},
		{binding.CodeBusy, "503: too many passwords at once; see Retry-After"},
		{binding.CodeUnavailable, "503: the database or the session store did not answer; logged"},
	}
}

func codesOfFields() []code {
	return []code{
		{binding.CodeInvalid, "400: some field is not right; also the field's own code where no other fits"},
		{binding.CodeInvalidCredentials, "400: name and password do not belong together"},
		{binding.CodeEmailUnverified, "400, 403: the address has to be confirmed first"},
		{binding.CodeInvalidTicket, "400, 404: the link or code is wrong, used, replaced or expired"},
		{binding.CodeAccountInactive, "400: only with AllowInactiveHint"},
		{binding.CodeMissingLogin, "400: neither of the accepted login fields is there"},
		{binding.CodeNotAnObject, "400: the JSON body is not an object"},
		{binding.CodeRequired, "the field is missing"},
		{binding.CodeNull, "the field is null"},
		{binding.CodeBlank, "the field is empty"},
		{binding.CodeInvalidText, "NUL or broken Unicode in the field"},
		{binding.CodeMaxLength, "too long"},
		{binding.CodeMinLength, "too short"},
		{binding.CodeMaxValue, "a number above the maximum"},
		{binding.CodeMinValue, "a number below the minimum"},
		{binding.CodeInvalidUsername, "characters that a name may not have"},
		{binding.CodeInvalidEmail, "not an e-mail address"},
		{binding.CodeInvalidScope, "not one of config.Token.Scopes"},
		{binding.CodeTooMany, "the user has the maximum number"},
		{binding.CodePrimaryEmail, "the primary address cannot be removed"},
		{binding.CodeAlreadyVerified, "the address is confirmed"},
		{binding.CodeManagedElsewhere, "name or password belong to the directory that the user logs in with"},
		{binding.CodeTaken, "another account has that name or address"},
		{binding.CodePasswordMismatch, "the two passwords differ"},
		{binding.CodePasswordIncorrect, "the current password is wrong"},
		{binding.CodePasswordReset, "400: the stored hash covers only the first 72 bytes: reset the password"},
		{binding.CodePasswordTooShort, "fewer code points than the minimum"},
		{binding.CodePasswordTooLong, "more bytes than the hash takes"},
		{binding.CodePasswordTooCommon, "on the list of common passwords, or one repeated character"},
		{binding.CodePasswordNumeric, "digits only"},
		{binding.CodePasswordTooSimilar, "too much like the user's name or address"},
	}
}

// codeSchema lists the codes: all there are, unless the application may have more and has not
// named them.
func codeSchema(cfg *config.Config, own []binding.Code) *openapi3.Schema {
	s := openapi3.NewStringSchema()
	text := []string{"Stable, for programs:", ""}
	for _, c := range codes() {
		s.Enum = append(s.Enum, c.code)
		text = append(text, "* `"+string(c.code)+"`: "+c.meaning)
	}
	for _, c := range own {
		if !slices.Contains(s.Enum, any(c)) {
			s.Enum = append(s.Enum, c)
			text = append(text, "* `"+string(c)+"`")
		}
	}
	if own == nil && hasOwnCodes(cfg) {
		s.Enum = nil // generators know no list that is open
		text = append(text, "", "The application can have others.")
	}
	s.Description = strings.Join(text, "\n")
	return s
}

// hasOwnCodes reports whether functions of the application may refuse, with whatever code.
func hasOwnCodes(cfg *config.Config) bool {
	if cfg.RegisterGuard != nil || cfg.JWT.Claims != nil || cfg.Forms != (config.Forms{}) {
		return true
	}
	for i := range cfg.Backends {
		if !isOurs(cfg.Backends[i]) {
			return true
		}
	}
	for i := range cfg.PasswordRules {
		if !isOurs(cfg.PasswordRules[i]) {
			return true
		}
	}
	hooks := reflect.ValueOf(cfg.Hooks)
	for _, hook := range hooks.Fields() {
		if hook.Type() == reflect.TypeFor[config.Before]() && !hook.IsNil() {
			return true
		}
	}
	return false
}

// isOurs reports whether a backend or password rule is of package config, and no function in
// a type from there.
func isOurs(x any) bool {
	t := reflect.TypeOf(x)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() == reflect.TypeFor[config.Config]().PkgPath() && t.Kind() != reflect.Func
}
