package core

// Errors and field problems that several flows return. An error of a single flow is in the file of the flow.

import (
	"errors"
	"net/http"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
)

// Errors of requests: return them from handlers. The status and the code say what the client gets.
var (
	// ErrNotAuthenticated is for a request without credentials.
	ErrNotAuthenticated = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeNotAuthenticated}
	// ErrAuthenticationFailed is for a session cookie whose session has ended.
	ErrAuthenticationFailed = (&binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeAuthenticationFailed}).Because(ErrEnded)
	// ErrInvalidToken is for a token, or another credential that the client sends itself, that is not valid.
	ErrInvalidToken = tokens.ErrInvalid
	// ErrPermission is for a user who may not do this.
	ErrPermission = &binding.Error{Status: http.StatusForbidden, Code: binding.CodePermissionDenied}
	// ErrNoAddress is for a user who must confirm an address first.
	ErrNoAddress = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeEmailUnverified}
	// ErrFreshLogin is for a change that needs a recent login or the password; see [Core.RequireRecent].
	ErrFreshLogin = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeFreshLogin}
	// ErrScope is for a personal token that may not do this.
	ErrScope = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeInsufficientScope}
	// ErrNotFound is for what does not exist, or belongs to another user.
	ErrNotFound = &binding.Error{Status: http.StatusNotFound, Code: binding.CodeNotFound}
	// ErrInternal is for a mistake of the application or the library. Give it the reason, for the log, by its method Because.
	ErrInternal = respond.ErrInternal

	errDeadCookie = (&binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeInvalidToken}).Because(ErrEnded)
	errMethod     = &binding.Error{Status: http.StatusMethodNotAllowed, Code: binding.CodeMethodNotAllowed}
	errNoUser     = ErrInternal.Because(errors.New("a handler needs the logged-in user, and its route takes requests without one: give the route AccessUser"))
)

// ErrEnded is the reason of errors for cookies whose session has ended. Find it by errors.Is, for which a *binding.Error is
// equal to every other one with its code.
var ErrEnded = errors.New("ginauth: the session of the cookie has ended")

// ErrCredentials is the one error for a wrong name, address or password.
var ErrCredentials = authn.ErrCredentials

// ErrUnverified refuses a login until the address is confirmed.
var ErrUnverified = authn.ErrUnverified

// ErrTicketGone is ErrTicket as dj-rest-auth's clients expect it of an invalid key: 404.
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

// ErrTicket covers every invalid link or code: unknown, wrong, used, replaced or expired (T009). It is not a response:
// [Core.AsTicketError] gives it the shape that the clients of a flow expect, as [ErrTicketGone] or ProblemTicket of a field.
var (
	ErrTicket     = ticket.Err
	ProblemTicket = binding.Problem{Code: binding.CodeInvalidTicket}
)

// NotFoundAs replaces "no such row" and leaves failures as they are.
func NotFoundAs(err, as error) error {
	if errors.Is(err, store.ErrNotFound) {
		return as
	}
	return err
}

// ProblemPasswordReset is for a password of which another program stored only the beginning: the user has to reset it.
var ProblemPasswordReset = binding.Problem{Code: binding.CodePasswordReset}
