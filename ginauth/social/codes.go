package social

// Error codes.

import (
	"net/http"
	"regexp"

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
	CodeState          binding.Code = "social_state"           // the login by redirect expired, was used, or began in another browser
	CodeCancelled      binding.Code = "social_cancelled"       // the user cancelled at the provider
	CodeNext           binding.Code = "social_next"            // next is not one of Options.Pages
	CodeChallenge      binding.Code = "social_challenge"       // code_challenge is no S256 challenge
	CodeOtherUser      binding.Code = "social_other_user"      // 403: another user, or another session, is logged in
	CodeOtherAccount   binding.Code = "social_other_account"   // the provider's account is not one of the user's
	CodeNotRecent      binding.Code = "social_not_recent"      // the provider did not ask the user to log in again
	CodeTicket         binding.Code = "social_ticket"          // the ticket of a sign-up is unknown, expired, used, or of another browser
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
		{Code: CodeState, Meaning: "the login by redirect expired, was used, or began in another browser: start again"},
		{Code: CodeCancelled, Meaning: "the user cancelled the login at the provider"},
		{Code: CodeNext, Meaning: "the field `next`: the page is not in `Pages` of the options"},
		{Code: CodeChallenge, Meaning: "the field `code_challenge`: it is not an S256 challenge (RFC 7636)"},
		{Code: CodeOtherUser, Meaning: "another user is logged in here, or the session that began this has ended"},
		{Code: CodeOtherAccount, Meaning: "the provider's account is not connected to the user"},
		{Code: CodeNotRecent, Meaning: "the provider did not ask the user to log in again, or does not say when they did"},
		{Code: CodeTicket, Meaning: "the field `ticket`: the sign-up is complete, expired, or began in another browser: log in with the provider again"},
		{Code: CodeUnavailable, Meaning: "the provider does not answer; try again later"},
	}
}

var wordForm = regexp.MustCompile(`^[a-z_]+$`)

func problem(code binding.Code) *binding.Error {
	return binding.Invalid(binding.NonField, binding.Problem{Code: code})
}

// errOtherUser refuses an exchange while another user is logged in.
var errOtherUser = &binding.Error{Status: http.StatusForbidden, Code: CodeOtherUser}
