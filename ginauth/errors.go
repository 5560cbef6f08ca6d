package ginauth

// Errors and field problems that several flows return. An error of a single flow is in the file of the flow.

import (
	"errors"
	"net/http"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

var (
	errNotAuthenticated     = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeNotAuthenticated}
	errAuthenticationFailed = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeAuthenticationFailed}
	errInvalidToken         = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeInvalidToken}
	errDeadCookie           = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeInvalidToken}
	errPermission           = &binding.Error{Status: http.StatusForbidden, Code: binding.CodePermissionDenied}
	errNoAddress            = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeEmailUnverified}
	errFreshLogin           = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeFreshLogin}
	errScope                = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeInsufficientScope}
	errCrossSite            = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeCrossSite}
	errCrossOrigin          = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeCrossOrigin}
	errNotFound             = &binding.Error{Status: http.StatusNotFound, Code: binding.CodeNotFound}
	errMethod               = &binding.Error{Status: http.StatusMethodNotAllowed, Code: binding.CodeMethodNotAllowed}
	errInternal             = &binding.Error{Status: http.StatusInternalServerError, Code: binding.CodeInternal}
	errBusy                 = (&binding.Error{Status: http.StatusServiceUnavailable, Code: binding.CodeBusy}).WithHeader("Retry-After", "2")
	errUnavailable          = (&binding.Error{Status: http.StatusServiceUnavailable, Code: binding.CodeUnavailable}).WithHeader("Retry-After", "5")
)

var errCredentials = binding.Invalid(binding.NonField, binding.Problem{
	Code: binding.CodeInvalidCredentials})

var errUnverified = binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeEmailUnverified})

// errTicketGone is what dj-rest-auth's clients expect of a bad key.
var errTicketGone = &binding.Error{Status: http.StatusNotFound, Code: binding.CodeInvalidTicket}

var (
	problemTaken   = binding.Problem{Code: binding.CodeTaken}
	problemManaged = binding.Problem{Code: binding.CodeManagedElsewhere}
)

var (
	problemMismatch  = binding.Problem{Code: binding.CodePasswordMismatch}
	problemIncorrect = binding.Problem{Code: binding.CodePasswordIncorrect}
)

// errTicket is the one answer to a link or code that is unknown, wrong, used, replaced or
// expired (T009). Flows put it into the shape that their clients expect.
var (
	problemTicket = binding.Problem{Code: binding.CodeInvalidTicket}
	errTicket     = errors.New("ginauth: no such ticket")
)

// asTicketError gives errTicket, and the losing of a race for a ticket, the shape of a flow. What
// is wrong with a column of the application's is not the ticket's fault.
func asTicketError(err, as error) error {
	if errors.Is(err, store.ErrOwnExists) {
		return err
	}
	for _, lost := range []error{errTicket, store.ErrNotFound, store.ErrExists, store.ErrChanged} {
		if errors.Is(err, lost) {
			return as
		}
	}
	return err
}

// notFoundAs replaces "no such row" and leaves failures as they are.
func notFoundAs(err, as error) error {
	if errors.Is(err, store.ErrNotFound) {
		return as
	}
	return err
}

var problemPasswordReset = binding.Problem{Code: binding.CodePasswordReset}

var errPasswordReset = binding.Invalid(binding.NonField, problemPasswordReset)
