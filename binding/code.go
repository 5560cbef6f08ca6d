package binding

// A Code names a failure for programs. Codes are stable: the library never renames or reuses
// one. [Codes] returns all of them with their meanings. Your own hooks, forms and guards can use others.
type Code string

// Codes of whole requests, in [Error.Code]. The comments give the status.
const (
	CodeParseError           Code = "parse_error"            // 400: the body is malformed: it does not match its media type, is not valid UTF-8, or repeats a key
	CodeNotAuthenticated     Code = "not_authenticated"      // 401: the request has no credentials
	CodeAuthenticationFailed Code = "authentication_failed"  // 401: the session of the cookie has ended
	CodeInvalidToken         Code = "token_not_valid"        // 401: the token is invalid, expired or revoked
	CodeCrossSite            Code = "cross_site_request"     // 403: the Sec-Fetch-Site header names another site
	CodeCrossOrigin          Code = "cross_origin_request"   // 403: the Origin header is neither this host nor a trusted origin
	CodeCredential           Code = "credential_not_allowed" // 403: this client cannot get the credential that it asks for in the Auth-Credential header
	CodeInsufficientScope    Code = "insufficient_scope"     // 403: a personal token cannot be used here, or lacks a scope that is needed
	CodeFreshLogin           Code = "fresh_login_required"   // 403: the login is too old for this: log in again, or send the password
	CodeFactorRequired       Code = "factor_required"        // 403: the session has not proven the user's second factor: send a code to reauthenticate/
	CodeFactorSetup          Code = "factor_setup_required"  // 403: the user needs a second factor for this, and has none
	CodeFactorSetupByLogin   Code = "factor_setup_by_login"  // 403: the user must log in again, which sets up the second factor that they must have
	CodePermissionDenied     Code = "permission_denied"      // 403: the user does not have permission
	CodeImpersonated         Code = "impersonated"           // 403: only the user can do this, not an operator in the place of the user; end the impersonation first
	CodeNotImpersonating     Code = "not_impersonating"      // 409: the request has no impersonation to end
	CodeOwnAccount           Code = "own_account"            // 403: operators change their own account where all users do, not as that of another user
	CodeNotFound             Code = "not_found"              // 404: the object does not exist, or belongs to another user
	CodeMethodNotAllowed     Code = "method_not_allowed"     // 405: the route does not have this method; see the Allow header
	CodeTooLarge             Code = "body_too_large"         // 413: the body is larger than 64 KiB
	CodeUnsupportedMediaType Code = "unsupported_media_type" // 415: send JSON, a URL-encoded form or multipart form data, in UTF-8 and not compressed
	CodeRateLimited          Code = "rate_limited"           // 429: too many attempts; see Retry-After
	CodeInternal             Code = "internal"               // 500: the server failed; the log says why
	CodeBusy                 Code = "busy"                   // 503: too many passwords are being checked; wait as long as the Retry-After header says
	CodeUnavailable          Code = "unavailable"            // 503: the database, the session store or code of the application failed; the log says why
)

// Codes of fields and of [NonField], in [Problem.Code]. The status is 400, unless the comment gives another one.
// CodeInvalid is also the code of the whole request. CodeEmailUnverified can be one with status 403, CodeInvalidTicket with 404.
const (
	CodeInvalid            Code = "invalid"                 // 400: at least one field is invalid; as the code of one field: no other code fits
	CodeInvalidCredentials Code = "invalid_credentials"     // 400: the name or address and the password do not match
	CodeEmailUnverified    Code = "email_unverified"        // 400, 403: the user must confirm an address first
	CodeInvalidTicket      Code = "ticket_not_valid"        // 400, 404: the link or code is wrong, used, replaced or expired
	CodeAccountInactive    Code = "account_inactive"        // 400: the account is inactive; sent only if AllowInactiveHint is set
	CodeAccountBanned      Code = "account_banned"          // 400: the account is banned; sent only after the right password
	CodeMissingLogin       Code = "missing_login"           // 400: the request has neither a name nor an address to log in with
	CodeNotAnObject        Code = "not_an_object"           // 400: the JSON body is not an object
	CodeRequired           Code = "required"                // the field is missing
	CodeNull               Code = "null"                    // the field is null
	CodeBlank              Code = "blank"                   // the field is empty
	CodeInvalidText        Code = "invalid_text"            // the field contains a NUL character or invalid Unicode
	CodeMaxLength          Code = "max_length"              // the value is too long
	CodeMinLength          Code = "min_length"              // the value is too short
	CodeMaxValue           Code = "max_value"               // the number is too large
	CodeMinValue           Code = "min_value"               // the number is too small
	CodeInvalidUsername    Code = "invalid_username"        // the name contains characters that are not allowed
	CodeUsernameTooShort   Code = "username_too_short"      // the name has fewer characters than the minimum
	CodeUsernamePattern    Code = "username_pattern"        // the name does not have the form that the server asks for
	CodeUsernameReserved   Code = "username_reserved"       // the name is reserved
	CodeInvalidEmail       Code = "invalid_email"           // the value is not an e-mail address
	CodeInvalidScope       Code = "invalid_scope"           // the scope is not in config.Token.Scopes
	CodeTooMany            Code = "too_many"                // the user already has the maximum number
	CodePrimaryEmail       Code = "primary_email"           // the primary address cannot be removed
	CodeAlreadyVerified    Code = "already_verified"        // the address is already confirmed
	CodeManagedElsewhere   Code = "managed_elsewhere"       // the directory that the user logs in with manages the name and password
	CodeTaken              Code = "taken"                   // another account has this name or address
	CodePasswordMismatch   Code = "password_mismatch"       // the two passwords differ
	CodePasswordIncorrect  Code = "password_incorrect"      // the current password is wrong
	CodePasswordSet        Code = "password_already_set"    // the user has a password: change it at password/change/
	CodePasswordReset      Code = "password_reset_required" // 400: the stored hash covers only the first 72 bytes of the password: the user must reset it
	CodePasswordTooShort   Code = "password_too_short"      // the password has fewer characters than the minimum
	CodePasswordTooLong    Code = "password_too_long"       // the password has more bytes than the hash accepts
	CodePasswordTooCommon  Code = "password_too_common"     // the password is on the list of common passwords, is only white space, or repeats one character
	CodePasswordNumeric    Code = "password_numeric"        // the password has only digits
	CodePasswordTooSimilar Code = "password_too_similar"    // the password is too similar to the user's name or address
	CodePasswordBreached   Code = "password_breached"       // the password was found in a data breach
	CodeInvalidFactor      Code = "factor_not_valid"        // the code of the second factor is wrong, used or expired
	CodeCaptchaRequired    Code = "captcha_required"        // the request needs the solution of a captcha in the Captcha-Answer header
	CodeCaptchaFailed      Code = "captcha_failed"          // the solution of the captcha is wrong, used or expired: ask for another one
)
