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

// Errors of requests. Return them from handlers: the client gets their status and code.
var (
	// ErrNotAuthenticated is for a request without credentials.
	ErrNotAuthenticated = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeNotAuthenticated}
	// ErrAuthenticationFailed is for a session cookie whose session has ended.
	ErrAuthenticationFailed = (&binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeAuthenticationFailed}).Because(ErrEnded)
	// ErrInvalidToken is for a token, or another credential that the client sends itself, that is not valid.
	ErrInvalidToken = tokens.ErrInvalid
	// ErrPermission is for a user who does not have the right to do this.
	ErrPermission = &binding.Error{Status: http.StatusForbidden, Code: binding.CodePermissionDenied}
	// ErrNoAddress is for a user who must confirm an address first.
	ErrNoAddress = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeEmailUnverified}
	// ErrFreshLogin is for a change that needs a recent login or the password; see [Core.RequireRecent].
	ErrFreshLogin = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeFreshLogin}
	// ErrFactorRequired is for a session that has not proven the second factor of its user; see [Core.RequireFactors].
	// The header is that of RFC 9470.
	ErrFactorRequired = (&binding.Error{Status: http.StatusForbidden, Code: binding.CodeFactorRequired}).
				WithHeader("WWW-Authenticate", `Bearer error="insufficient_user_authentication", acr_values="aal2"`)
	// ErrFactorSetup is for a user who needs a second factor and has none. They can set one up in the session.
	ErrFactorSetup = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeFactorSetup}
	// ErrFactorSetupByLogin is for a session that is closed until its user has set up a second factor, which the next login
	// asks for; see [Setup.RequireFactor].
	ErrFactorSetupByLogin = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeFactorSetupByLogin}
	// ErrImpersonated is for what only the user may do, and not an operator in the place of the user.
	ErrImpersonated = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeImpersonated}
	// ErrScope is for a personal token that does not have the right to do this.
	ErrScope = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeInsufficientScope}
	// ErrNotFound is for an object that does not exist, or belongs to another user.
	ErrNotFound = &binding.Error{Status: http.StatusNotFound, Code: binding.CodeNotFound}
	// ErrInternal is for a mistake of the application or the library. Add the reason, for the log, with its method Because.
	ErrInternal = respond.ErrInternal

	errDeadCookie = (&binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeInvalidToken}).Because(ErrEnded)
	errMethod     = &binding.Error{Status: http.StatusMethodNotAllowed, Code: binding.CodeMethodNotAllowed}
	errNoUser     = ErrInternal.Because(errors.New("a handler needs the logged-in user, but its route accepts requests without one: give the route AccessUser"))
)

// ErrEnded is the reason in errors about cookies whose session has ended. Test for it with errors.Is. (For
// errors.Is, a *binding.Error equals every other one with the same code.)
var ErrEnded = errors.New("ginauth: the session of the cookie has ended")

// ErrCredentials is the error for a wrong name, address or password.
var ErrCredentials = authn.ErrCredentials

// ErrUnverified refuses a login until the address is confirmed.
var ErrUnverified = authn.ErrUnverified

// ErrTicketGone is [ErrTicket] in the form that dj-rest-auth's clients expect for an invalid key: 404.
var ErrTicketGone = &binding.Error{Status: http.StatusNotFound, Code: binding.CodeInvalidTicket}

// Problems that several flows report.
var (
	ProblemTaken   = binding.Problem{Code: binding.CodeTaken}
	ProblemManaged = binding.Problem{Code: binding.CodeManagedElsewhere}
)

// Problems of password fields.
var (
	ProblemMismatch    = binding.Problem{Code: binding.CodePasswordMismatch}
	ProblemHasPassword = binding.Problem{Code: binding.CodePasswordSet}
	ProblemIncorrect   = binding.Problem{Code: binding.CodePasswordIncorrect}
	// ProblemFactorCode is for a wrong code of a second factor.
	ProblemFactorCode = binding.Problem{Code: binding.CodeInvalidFactor}
)

// ErrTicket covers every invalid link or code: unknown, wrong, used, replaced or expired. It is not a response:
// [Core.AsTicketError] converts it to the error of a flow, such as [ErrTicketGone] or ProblemTicket of a field.
var (
	ErrTicket     = ticket.Err
	ProblemTicket = binding.Problem{Code: binding.CodeInvalidTicket}
)

// NotFoundAs returns as if err is [ErrNoRow], and err otherwise.
func NotFoundAs(err, as error) error {
	if errors.Is(err, store.ErrNotFound) {
		return as
	}
	return err
}

// ProblemPasswordReset is for a password that another program stored only in part: the user has to reset it.
var ProblemPasswordReset = binding.Problem{Code: binding.CodePasswordReset}
