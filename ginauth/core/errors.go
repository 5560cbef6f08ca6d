package core

// Errors and field problems that several flows return. An error of a single flow is in the file of the flow.

import (
	"errors"
	"net/http"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Errors of requests, with their status and code.
var (
	ErrNotAuthenticated     = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeNotAuthenticated}
	ErrAuthenticationFailed = (&binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeAuthenticationFailed}).Because(ErrEnded)
	ErrInvalidToken         = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeInvalidToken}
	errDeadCookie           = (&binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeInvalidToken}).Because(ErrEnded)
	ErrPermission           = &binding.Error{Status: http.StatusForbidden, Code: binding.CodePermissionDenied}
	ErrNoAddress            = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeEmailUnverified}
	ErrFreshLogin           = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeFreshLogin}
	ErrScope                = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeInsufficientScope}
	ErrNotFound             = &binding.Error{Status: http.StatusNotFound, Code: binding.CodeNotFound}
	errCredential           = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeCredential}
	errMethod               = &binding.Error{Status: http.StatusMethodNotAllowed, Code: binding.CodeMethodNotAllowed}
	ErrInternal             = respond.ErrInternal
	errNoUser               = ErrInternal.Because(errors.New("a handler needs the logged-in user, and its route takes requests without one: give the route AccessUser"))
)

// ErrEnded is the reason of errors, for errors.Is: a *binding.Error is equal to every other one with its code.
var ErrEnded = errors.New("ginauth: the session of the cookie has ended")

// ErrCredentials is the one answer to a wrong name, address or password.
var ErrCredentials = authn.ErrCredentials

// ErrUnverified refuses a login until the address is confirmed.
var ErrUnverified = authn.ErrUnverified

// ErrTicketGone is what dj-rest-auth's clients expect of a bad key.
var ErrTicketGone = &binding.Error{Status: http.StatusNotFound, Code: binding.CodeInvalidTicket}

// Problems that several flows report.
var (
	ProblemTaken   = binding.Problem{Code: binding.CodeTaken}
	ProblemManaged = binding.Problem{Code: binding.CodeManagedElsewhere}
)

// Problems of password fields.
var (
	ProblemMismatch  = binding.Problem{Code: binding.CodePasswordMismatch}
	ProblemIncorrect = binding.Problem{Code: binding.CodePasswordIncorrect}
)

// ErrTicket is the one answer to a link or code that is unknown, wrong, used, replaced or
// expired (T009). Flows put it into the shape that their clients expect.
var (
	ProblemTicket = binding.Problem{Code: binding.CodeInvalidTicket}
	ErrTicket     = errors.New("ginauth: no such ticket")
)

// AsTicketError gives ErrTicket, and the losing of a race for a ticket, the shape of a flow. What
// is wrong with a column of the application's is not the ticket's fault.
func AsTicketError(err, as error) error {
	if isTicketError(err) {
		return as
	}
	return err
}

func isTicketError(err error) bool {
	is := func(lost error) bool { return errors.Is(err, lost) }
	return !is(store.ErrOwnExists) && slices.ContainsFunc([]error{ErrTicket, store.ErrNotFound, store.ErrExists, store.ErrChanged}, is)
}

// NotFoundAs replaces "no such row" and leaves failures as they are.
func NotFoundAs(err, as error) error {
	if errors.Is(err, store.ErrNotFound) {
		return as
	}
	return err
}

// ProblemPasswordReset is of a password that was taken over cut, and has to be reset.
var ProblemPasswordReset = binding.Problem{Code: binding.CodePasswordReset}
