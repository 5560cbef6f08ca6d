package core

// Observer, and what it is told: the types of metrics and traces.

import (
	"context"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
)

// An Observer has functions that are told what happens, for metrics and traces. Fields can be nil. [Setup.Observe] adds one.
//
// The library calls them synchronously and from several goroutines, and waits until they return. It then holds no lock, hash
// slot, transaction or database connection, so an observer that blocks holds up what it observes and nothing else. A panic is
// logged and changes nothing. The context is that of what happens; it can be done already.
//
// All texts that an observer gets come from the library, the configuration or a feature. None comes from a request, so they
// can be labels of metrics.
type Observer struct {
	// Request is told about each request that a route of the library handled. Requests that the application's middleware
	// refused, OPTIONS and 405 do not count.
	Request func(context.Context, RequestEnd)

	// Login is told how each login ended. A sign-up that logs its user in counts, and so does ginauth.Auth.LogIn.
	Login func(context.Context, LoginEnd)

	// Hash is told about each password that was hashed, compared, or refused because too many waited.
	Hash func(context.Context, HashEnd)

	// Limit is told about each refusal by a limit, with its setting, such as "Limits.Login" or "Mail.MaxPerHour".
	Limit func(ctx context.Context, setting string)

	// Captcha is told about each captcha that was asked for.
	Captcha func(context.Context, CheckResult)

	// Breached is told about each password that a config.NotBreached of the configuration was asked about.
	Breached func(context.Context, CheckResult)

	// Mail is told about each attempt to send a mail, with its kind, such as "password_reset".
	Mail func(ctx context.Context, kind string, result MailResult)

	// Sweep is told about each sweep of this instance. err is nil if it was complete.
	Sweep func(ctx context.Context, took time.Duration, err error)

	// Event is told about each event of config.EventName, and of features, when it is committed. For a limit, see Limit.
	Event func(context.Context, config.EventName)

	// Failure is told each time a part of the library failed and the work went on without it.
	Failure func(context.Context, Part)

	// Start is called when an operation begins, and end when it has ended. The operation runs with the context that Start
	// returns, which must be ctx or derived from it. The other functions get this context when they are told about the operation
	// or something within it, before end is called.
	Start func(context.Context, Operation) (ctx context.Context, end func())
}

// RequestEnd is the end of a request.
type RequestEnd struct {
	Method string // of the route, in upper case; "GET" for HEAD
	Route  string // the path of the route, as in RouteInfo: "password/reset/", "emails/:id/"
	Status int    // of the response
	Took   time.Duration
}

// LoginEnd is the end of a login.
type LoginEnd struct {
	// Method is how the user proved to be the user, as in models.Session.Method. If a second factor was wrong, it is the name
	// of the factor.
	Method string
	Result LoginResult
}

// LoginResult says how a login ended.
type LoginResult string

// The values of [LoginResult].
const (
	LoginOK               LoginResult = "ok"
	LoginChallenge        LoginResult = "challenge"         // the first factor is right, and the user was asked for the second one
	LoginWrongCredentials LoginResult = "wrong_credentials" // a password, code, link or second factor is wrong, or no user has the name
	LoginInactive         LoginResult = "inactive"          // the password is right, and the account is inactive or banned
	LoginUnverified       LoginResult = "unverified"        // the password is right, and the user must confirm an address first
	LoginCaptcha          LoginResult = "captcha"           // a captcha is missing or wrong
	LoginLimited          LoginResult = "limited"           // a limit refused it before the password was compared
	LoginBusy             LoginResult = "busy"              // too many hashes waited
	LoginRefused          LoginResult = "refused"           // refused for another reason: by a hook, or for another user's session
	LoginCanceled         LoginResult = "canceled"          // the client left
	LoginError            LoginResult = "error"             // the database, or code of the application, failed
)

// HashEnd is the end of hashing or comparing one password.
type HashEnd struct {
	Wait   time.Duration // for a place among the next ones, and for a slot; a login waits for the place before its operation starts
	Took   time.Duration // of the hash; 0 without one
	Result HashResult
}

// HashResult says whether a password got a slot.
type HashResult string

// The values of [HashResult].
const (
	HashDone     HashResult = "done"
	HashBusy     HashResult = "busy"     // no slot was free within config.Hash.Wait, or would be
	HashCanceled HashResult = "canceled" // the client left
)

// CheckResult says what a captcha or a check for breaches found.
type CheckResult string

// The values of [CheckResult].
const (
	CheckPassed  CheckResult = "passed"
	CheckRefused CheckResult = "refused" // the solution is wrong, or the password was found in a breach
	CheckMissing CheckResult = "missing" // only captchas: the request has no solution
	CheckFailed  CheckResult = "failed"  // the service could not be asked, so the request went on without the check
)

// MailResult says how an attempt to send a mail ended.
type MailResult string

// The values of [MailResult].
const (
	MailSent    MailResult = "sent"
	MailRetried MailResult = "retried" // it failed, and will be tried again
	MailFailed  MailResult = "failed"  // it was given up
	MailVoid    MailResult = "void"    // it was not sent, because its link was used or replaced
)

// Part names a part that failed without an error for the client.
type Part string

// The values of [Part].
const (
	PartLimits Part = "limits" // the store of limits; each instance counts by itself until it works again
	PartAudit  Part = "audit"  // an event without a transaction was not stored in the audit trail
	PartOutbox Part = "outbox" // the database, while mails were sent; a mail can be late, or sent twice
	PartHook   Part = "hook"   // an After hook, or After of a feature, returned an error or panicked
)

// Operation is work that takes time.
type Operation struct {
	Kind OperationKind
	Name string // of a request: method and route, "POST login/"; of a mail: its kind; else empty
}

// OperationKind is a kind of work.
type OperationKind string

// The values of [OperationKind].
const (
	OperationRequest  OperationKind = "request"
	OperationHash     OperationKind = "hash"     // one password, with the wait for a slot
	OperationMail     OperationKind = "mail"     // one attempt, in the worker and not in a request
	OperationCaptcha  OperationKind = "captcha"  // the call of config.Captcha.Verifier
	OperationBreached OperationKind = "breached" // the call of a config.NotBreached
)
