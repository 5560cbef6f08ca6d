package passkey

// Error codes.

import (
	"github.com/ginauth/gin-rest-auth/binding"
)

// The error codes of this package, besides the library's own.
const (
	CodeChallenge  binding.Code = "passkey_challenge"   // the challenge is unknown, used or expired, or of another browser or user
	CodeFailed     binding.Code = "passkey_failed"      // what the authenticator signed is not valid here
	CodeFormat     binding.Code = "passkey_format"      // the field credential is not what browsers return
	CodeUnknown    binding.Code = "passkey_unknown"     // no user has the passkey
	CodeRegistered binding.Code = "passkey_registered"  // a user has the passkey already
	CodeUnverified binding.Code = "passkey_unverified"  // the authenticator did not verify the user
	CodeNotStored  binding.Code = "passkey_not_stored"  // the authenticator cannot find the passkey without a name
	CodeLastWayIn  binding.Code = "passkey_last_way_in" // the user could not log in any more
)

func codes() []binding.CodeDoc {
	return []binding.CodeDoc{
		{Code: CodeChallenge, Meaning: "the challenge is unknown, used or expired, or of another browser, user or purpose: begin again"},
		{Code: CodeFailed, Meaning: "the signature, origin or another value of the response of the authenticator is not valid here; the log says which"},
		{Code: CodeFormat, Meaning: "`credential` is not the JSON of a `PublicKeyCredential`"},
		{Code: CodeUnknown, Meaning: "no user has this passkey: call `PublicKeyCredential.signalUnknownCredential`, so that browsers stop offering it"},
		{Code: CodeRegistered, Meaning: "this passkey is registered already"},
		{Code: CodeUnverified, Meaning: "the authenticator has not verified the user by a PIN or biometrics"},
		{Code: CodeNotStored, Meaning: "the authenticator did not store the passkey, so it could not log in without a name"},
		{Code: CodeLastWayIn, Meaning: "the user could not log in without this passkey: offer to set a password first"},
	}
}

func problem(code binding.Code) *binding.Error {
	return binding.Invalid(binding.NonField, binding.Problem{Code: code})
}

var (
	errChallenge  = problem(CodeChallenge)
	errFailed     = problem(CodeFailed)
	errFormat     = problem(CodeFormat)
	errUnknown    = problem(CodeUnknown)
	errRegistered = problem(CodeRegistered)
	errUnverified = problem(CodeUnverified)
	errNotStored  = problem(CodeNotStored)
	errLastWayIn  = problem(CodeLastWayIn)
)

func (f *feature) errTooMany() *binding.Error {
	return binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeTooMany, Params: map[string]any{"Limit": f.MaxPerUser}})
}
