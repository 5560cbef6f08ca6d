package mfa

// Error codes of the feature.

import (
	"net/http"

	"github.com/ginauth/gin-rest-auth/binding"
)

func codes() []binding.CodeDoc {
	return []binding.CodeDoc{
		{Code: codeEnabled, Statuses: []int{http.StatusBadRequest}, Meaning: "the user has an authenticator app already"},
		{Code: codeDisabled, Statuses: []int{http.StatusBadRequest}, Meaning: "the user has no second factor"},
		{Code: codeToken, Meaning: "the activation token is wrong, used or expired: get a new one"},
		{Code: codeForeign, Meaning: "the activation token belongs to another user"},
		{Code: codeUnreachable, Statuses: []int{http.StatusForbidden}, Meaning: "the user must set up a second factor with a mailed code, and has no address"},
		{Code: codeSameMailbox, Statuses: []int{http.StatusForbidden}, Meaning: "the session began with a mail, so a code in a mail is no second factor: send the password to `reauthenticate/`, or log in with it"},
		{Code: codeNoAddress, Statuses: []int{http.StatusForbidden}, Meaning: "no address of the user was confirmed at least 30 days ago, so the user cannot recover: contact support"},
		{Code: codeNotOffered, Statuses: []int{http.StatusForbidden}, Meaning: "`Recovery` is not for this user, such as staff: contact support"},
		{Code: codeNeedsPassword, Statuses: []int{http.StatusForbidden}, Meaning: "the login did not begin with the password, so the user cannot recover: log in with the password"},
		{Code: codeCancelled, Statuses: []int{http.StatusTooManyRequests}, Meaning: "the recovery was cancelled, or ended by a login with a factor or a new password; `Retry-After` says when it can start again"},
		{Code: codeWaiting, Statuses: []int{http.StatusForbidden}, Meaning: "the user has to wait until `ready_at` before the lost factors can be removed"},
	}
}
