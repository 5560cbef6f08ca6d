package binding

// The list of error codes with their meanings.

import (
	"fmt"
	"strings"
)

// A CodeDoc documents an error code. List the codes of your application in config.Config.Codes: they then appear in
// the OpenAPI document, and config.Config.Texts can have messages for them. A feature declares its codes with core.Setup.Codes.
type CodeDoc struct {
	Code     Code   // lower-case letters, digits and underscores: "invitation_unknown"
	Statuses []int  // HTTP statuses of responses with the code; nil for a code of fields, whose status is 400
	Meaning  string // one line, for programmers
}

// String returns the statuses and the meaning: "400, 403: the user must confirm an address first".
func (d CodeDoc) String() string {
	if len(d.Statuses) == 0 {
		return d.Meaning
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(d.Statuses), " ", ", "), "[]") + ": " + d.Meaning
}

// Codes returns all codes of the library: first those of whole requests, then those of fields. You may change the
// slice. Use it to generate a list of codes for a front end.
func Codes() []CodeDoc { return append(requestCodes(), fieldCodes()...) }

func requestCodes() []CodeDoc {
	return []CodeDoc{
		{CodeParseError, []int{400}, "the body is malformed: it does not match its media type, is not valid UTF-8, or repeats a key"},
		{CodeNotAuthenticated, []int{401}, "the request has no credentials"},
		{CodeAuthenticationFailed, []int{401}, "the session of the cookie has ended"},
		{CodeInvalidToken, []int{401}, "the token is invalid, expired or revoked"},
		{CodeCrossSite, []int{403}, "the Sec-Fetch-Site header names another site"},
		{CodeCrossOrigin, []int{403}, "the Origin header is neither this host nor a trusted origin"},
		{CodeCredential, []int{403}, "this client cannot get the credential that it asks for in the Auth-Credential header"},
		{CodeInsufficientScope, []int{403}, "a personal token cannot be used here, or lacks a scope that is needed"},
		{CodeFreshLogin, []int{403}, "the login is too old for this: log in again, or send the password"},
		{CodeFactorRequired, []int{403}, "the session has not proven the user's second factor: send a code to reauthenticate/"},
		{CodeFactorSetup, []int{403}, "the user needs a second factor for this, and has none"},
		{CodeFactorSetupByLogin, []int{403}, "the user must log in again, which sets up the second factor that they must have"},
		{CodePermissionDenied, []int{403}, "the user does not have permission"},
		{CodeImpersonated, []int{403}, "only the user can do this, not an operator in the place of the user; end the impersonation first"},
		{CodeNotImpersonating, []int{409}, "the request has no impersonation to end"},
		{CodeOwnAccount, []int{403}, "operators change their own account where all users do, not as that of another user"},
		{CodeNotFound, []int{404}, "the object does not exist, or belongs to another user"},
		{CodeMethodNotAllowed, []int{405}, "the route does not have this method; see the Allow header"},
		{CodeTooLarge, []int{413}, "the body is larger than 64 KiB"},
		{CodeUnsupportedMediaType, []int{415}, "send JSON, a URL-encoded form or multipart form data, in UTF-8 and not compressed"},
		{CodeRateLimited, []int{429}, "too many attempts; see Retry-After"},
		{CodeInternal, []int{500}, "the server failed; the log says why"},
		{CodeBusy, []int{503}, "too many passwords are being checked; wait as long as the Retry-After header says"},
		{CodeUnavailable, []int{503}, "the database, the session store or code of the application failed; the log says why"},
	}
}

func fieldCodes() []CodeDoc {
	return []CodeDoc{
		{CodeInvalid, []int{400}, "at least one field is invalid; as the code of one field: no other code fits"},
		{CodeInvalidCredentials, []int{400}, "the name or address and the password do not match"},
		{CodeEmailUnverified, []int{400, 403}, "the user must confirm an address first"},
		{CodeInvalidTicket, []int{400, 404}, "the link or code is wrong, used, replaced or expired"},
		{CodeAccountInactive, []int{400}, "the account is inactive; sent only if AllowInactiveHint is set"},
		{CodeAccountBanned, []int{400}, "the account is banned; sent only after the right password"},
		{CodeMissingLogin, []int{400}, "the request has neither a name nor an address to log in with"},
		{CodeNotAnObject, []int{400}, "the JSON body is not an object"},
		{CodeRequired, nil, "the field is missing"},
		{CodeNull, nil, "the field is null"},
		{CodeBlank, nil, "the field is empty"},
		{CodeInvalidText, nil, "the field contains a NUL character or invalid Unicode"},
		{CodeMaxLength, nil, "the value is too long"},
		{CodeMinLength, nil, "the value is too short"},
		{CodeMaxValue, nil, "the number is too large"},
		{CodeMinValue, nil, "the number is too small"},
		{CodeInvalidUsername, nil, "the name contains characters that are not allowed"},
		{CodeUsernameTooShort, nil, "the name has fewer characters than the minimum"},
		{CodeUsernamePattern, nil, "the name does not have the form that the server asks for"},
		{CodeUsernameReserved, nil, "the name is reserved"},
		{CodeInvalidEmail, nil, "the value is not an e-mail address"},
		{CodeInvalidScope, nil, "the scope is not in config.Token.Scopes"},
		{CodeTooMany, nil, "the user already has the maximum number"},
		{CodePrimaryEmail, nil, "the primary address cannot be removed"},
		{CodeAlreadyVerified, nil, "the address is already confirmed"},
		{CodeManagedElsewhere, nil, "the directory that the user logs in with manages the name and password"},
		{CodeTaken, nil, "another account has this name or address"},
		{CodePasswordMismatch, nil, "the two passwords differ"},
		{CodePasswordIncorrect, nil, "the current password is wrong"},
		{CodePasswordSet, nil, "the user has a password: change it at password/change/"},
		{CodePasswordReset, []int{400}, "the stored hash covers only the first 72 bytes of the password: the user must reset it"},
		{CodePasswordTooShort, nil, "the password has fewer characters than the minimum"},
		{CodePasswordTooLong, nil, "the password has more bytes than the hash accepts"},
		{CodePasswordTooCommon, nil, "the password is on the list of common passwords, is only white space, or repeats one character"},
		{CodePasswordNumeric, nil, "the password has only digits"},
		{CodePasswordTooSimilar, nil, "the password is too similar to the user's name or address"},
		{CodePasswordBreached, nil, "the password was found in a data breach"},
		{CodeInvalidFactor, nil, "the code of the second factor is wrong, used or expired"},
		{CodeCaptchaRequired, nil, "the request needs the solution of a captcha in the Captcha-Answer header"},
		{CodeCaptchaFailed, nil, "the solution of the captcha is wrong, used or expired: ask for another one"},
	}
}
