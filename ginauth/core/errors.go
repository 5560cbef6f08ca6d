package core

// Errors and field problems that several flows return. An error of a single flow is in the file of the flow.

import (
	"errors"
	"net/http"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Errors of requests, with their status and code.
var (
	ErrNotAuthenticated     = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeNotAuthenticated}
	ErrAuthenticationFailed = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeAuthenticationFailed}
	ErrInvalidToken         = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeInvalidToken}
	ErrDeadCookie           = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeInvalidToken}
	ErrPermission           = &binding.Error{Status: http.StatusForbidden, Code: binding.CodePermissionDenied}
	ErrNoAddress            = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeEmailUnverified}
	ErrFreshLogin           = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeFreshLogin}
	ErrScope                = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeInsufficientScope}
	ErrNotFound             = &binding.Error{Status: http.StatusNotFound, Code: binding.CodeNotFound}
	errCredential           = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeCredential}
	errMethod               = &binding.Error{Status: http.StatusMethodNotAllowed, Code: binding.CodeMethodNotAllowed}
	ErrInternal             = respond.ErrInternal
)

// ErrCredentials is the one answer to a wrong name, address or password.
var ErrCredentials = binding.Invalid(binding.NonField, binding.Problem{
	Code: binding.CodeInvalidCredentials})

// ErrUnverified refuses a login until the address is confirmed.
var ErrUnverified = binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeEmailUnverified})

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
	if errors.Is(err, store.ErrOwnExists) {
		return err
	}
	for _, lost := range []error{ErrTicket, store.ErrNotFound, store.ErrExists, store.ErrChanged} {
		if errors.Is(err, lost) {
			return as
		}
	}
	return err
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

var errPasswordReset = binding.Invalid(binding.NonField, ProblemPasswordReset)
