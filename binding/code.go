package binding

// Code names a failure for programs. Codes are stable: one is never renamed or
// reused. The README lists them all, and a test compares.
type Code string

// Codes of whole requests.
const (
	CodeParseError           Code = "parse_error"            // 400: the body is not what its media type says
	CodeNotAuthenticated     Code = "not_authenticated"      // 401: no credentials were sent
	CodeAuthenticationFailed Code = "authentication_failed"  // 401: the session of the cookie has ended
	CodeInvalidToken         Code = "token_not_valid"        // 401: the token is not, or no longer, good
	CodeCrossSite            Code = "cross_site_request"     // 403: Sec-Fetch-Site says the request comes from another site
	CodeCrossOrigin          Code = "cross_origin_request"   // 403: Origin is neither this host nor a trusted origin
	CodeCredential           Code = "credential_not_allowed" // 403: this client cannot get the credential that it asks for in Auth-Credential
	CodeInsufficientScope    Code = "insufficient_scope"     // 403: the token may not do this
	CodeFreshLogin           Code = "fresh_login_required"   // 403: log in again, or send the password
	CodePermissionDenied     Code = "permission_denied"      // 403: the user may not do this
	CodeNotFound             Code = "not_found"              // 404: no such thing, or not yours
	CodeMethodNotAllowed     Code = "method_not_allowed"     // 405: see Allow
	CodeTooLarge             Code = "body_too_large"         // 413: more than 64 KiB
	CodeUnsupportedMediaType Code = "unsupported_media_type" // 415: send JSON, a form or multipart, in UTF-8
	CodeInternal             Code = "internal"               // 500: logged
	CodeBusy                 Code = "busy"                   // 503: too many passwords at once; see Retry-After
	CodeUnavailable          Code = "unavailable"            // 503: the database or the session store did not answer; logged
)

// Codes of fields, and of NonField.
const (
	CodeInvalid            Code = "invalid"                 // 400: some field is not right; also the field's own code where no other fits
	CodeInvalidCredentials Code = "invalid_credentials"     // 400: name and password do not belong together
	CodeEmailUnverified    Code = "email_unverified"        // 400, 403: the address has to be confirmed first
	CodeInvalidTicket      Code = "ticket_not_valid"        // 400, 404: the link or code is wrong, used, replaced or expired
	CodeAccountInactive    Code = "account_inactive"        // 400: only with AllowInactiveHint
	CodeMissingLogin       Code = "missing_login"           // 400: neither of the accepted login fields is there
	CodeNotAnObject        Code = "not_an_object"           // 400: the JSON body is not an object
	CodeRequired           Code = "required"                // the field is missing
	CodeNull               Code = "null"                    // the field is null
	CodeBlank              Code = "blank"                   // the field is empty
	CodeInvalidText        Code = "invalid_text"            // NUL or broken Unicode in the field
	CodeMaxLength          Code = "max_length"              // too long
	CodeMinLength          Code = "min_length"              // too short
	CodeMaxValue           Code = "max_value"               // a number above the maximum
	CodeMinValue           Code = "min_value"               // a number below the minimum
	CodeInvalidUsername    Code = "invalid_username"        // characters that a name may not have
	CodeInvalidEmail       Code = "invalid_email"           // not an e-mail address
	CodeInvalidScope       Code = "invalid_scope"           // not one of config.Token.Scopes
	CodeTooMany            Code = "too_many"                // the user has the maximum number
	CodePrimaryEmail       Code = "primary_email"           // the primary address cannot be removed
	CodeAlreadyVerified    Code = "already_verified"        // the address is confirmed
	CodeManagedElsewhere   Code = "managed_elsewhere"       // name or password belong to the directory that the user logs in with
	CodeTaken              Code = "taken"                   // another account has that name or address
	CodePasswordMismatch   Code = "password_mismatch"       // the two passwords differ
	CodePasswordIncorrect  Code = "password_incorrect"      // the current password is wrong
	CodePasswordReset      Code = "password_reset_required" // 400: the stored hash covers only the first 72 bytes: reset the password
	CodePasswordTooShort   Code = "password_too_short"      // fewer code points than the minimum
	CodePasswordTooLong    Code = "password_too_long"       // more bytes than the hash takes
	CodePasswordTooCommon  Code = "password_too_common"     // on the list of common passwords, or one repeated character
	CodePasswordNumeric    Code = "password_numeric"        // digits only
	CodePasswordTooSimilar Code = "password_too_similar"    // too much like the user's name or address
)
