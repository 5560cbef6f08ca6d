package binding

// The list of error codes, for documentation.

import (
	"fmt"
	"strings"
)

// A CodeDoc documents an error code. Applications list theirs in config.Config.Codes, features declare
// theirs with core.Setup.Codes.
type CodeDoc struct {
	Code     Code   // lower-case letters, digits and underscores, as "captcha_failed"
	Statuses []int  // of the responses that have the code; nil for a code of fields, which is in a 400
	Meaning  string // for programmers, one line
}

// String returns statuses and meaning: "400, 403: the address has to be confirmed first".
func (d CodeDoc) String() string {
	if len(d.Statuses) == 0 {
		return d.Meaning
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(d.Statuses), " ", ", "), "[]") + ": " + d.Meaning
}

// Codes returns the library's codes, in the order of the README. The list is a new one.
func Codes() []CodeDoc { return append(requestCodes(), fieldCodes()...) }

func requestCodes() []CodeDoc {
	return []CodeDoc{
		{CodeParseError, []int{400}, "the body is not what its media type says"},
		{CodeNotAuthenticated, []int{401}, "no credentials were sent"},
		{CodeAuthenticationFailed, []int{401}, "the session of the cookie has ended"},
		{CodeInvalidToken, []int{401}, "the token is not, or no longer, good"},
		{CodeCrossSite, []int{403}, "Sec-Fetch-Site says the request comes from another site"},
		{CodeCrossOrigin, []int{403}, "Origin is neither this host nor a trusted origin"},
		{CodeCredential, []int{403}, "this client cannot get the credential that it asks for in Auth-Credential"},
		{CodeInsufficientScope, []int{403}, "the token may not do this"},
		{CodeFreshLogin, []int{403}, "log in again, or send the password"},
		{CodePermissionDenied, []int{403}, "the user may not do this"},
		{CodeNotFound, []int{404}, "no such thing, or not yours"},
		{CodeMethodNotAllowed, []int{405}, "see Allow"},
		{CodeTooLarge, []int{413}, "more than 64 KiB"},
		{CodeUnsupportedMediaType, []int{415}, "send JSON, a form or multipart, in UTF-8"},
		{CodeInternal, []int{500}, "logged"},
		{CodeBusy, []int{503}, "too many passwords at once; see Retry-After"},
		{CodeUnavailable, []int{503}, "the database or the session store did not answer; logged"},
	}
}

func fieldCodes() []CodeDoc {
	return []CodeDoc{
		{CodeInvalid, []int{400}, "some field is not right; also the field's own code where no other fits"},
		{CodeInvalidCredentials, []int{400}, "name and password do not belong together"},
		{CodeEmailUnverified, []int{400, 403}, "the address has to be confirmed first"},
		{CodeInvalidTicket, []int{400, 404}, "the link or code is wrong, used, replaced or expired"},
		{CodeAccountInactive, []int{400}, "only with AllowInactiveHint"},
		{CodeMissingLogin, []int{400}, "neither of the accepted login fields is there"},
		{CodeNotAnObject, []int{400}, "the JSON body is not an object"},
		{CodeRequired, nil, "the field is missing"},
		{CodeNull, nil, "the field is null"},
		{CodeBlank, nil, "the field is empty"},
		{CodeInvalidText, nil, "NUL or broken Unicode in the field"},
		{CodeMaxLength, nil, "too long"},
		{CodeMinLength, nil, "too short"},
		{CodeMaxValue, nil, "a number above the maximum"},
		{CodeMinValue, nil, "a number below the minimum"},
		{CodeInvalidUsername, nil, "characters that a name may not have"},
		{CodeInvalidEmail, nil, "not an e-mail address"},
		{CodeInvalidScope, nil, "not one of config.Token.Scopes"},
		{CodeTooMany, nil, "the user has the maximum number"},
		{CodePrimaryEmail, nil, "the primary address cannot be removed"},
		{CodeAlreadyVerified, nil, "the address is confirmed"},
		{CodeManagedElsewhere, nil, "name or password belong to the directory that the user logs in with"},
		{CodeTaken, nil, "another account has that name or address"},
		{CodePasswordMismatch, nil, "the two passwords differ"},
		{CodePasswordIncorrect, nil, "the current password is wrong"},
		{CodePasswordReset, []int{400}, "the stored hash covers only the first 72 bytes: reset the password"},
		{CodePasswordTooShort, nil, "fewer code points than the minimum"},
		{CodePasswordTooLong, nil, "more bytes than the hash takes"},
		{CodePasswordTooCommon, nil, "on the list of common passwords, or one repeated character"},
		{CodePasswordNumeric, nil, "digits only"},
		{CodePasswordTooSimilar, nil, "too much like the user's name or address"},
	}
}
