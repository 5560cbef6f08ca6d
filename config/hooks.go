package config

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// EventName is the name of an event. Packages with events of their own have constants for them, such as mfa.EventReset.
type EventName string

// The events. Each has its own hooks in [Hooks].
const (
	EventRegister       EventName = "register"
	EventLogin          EventName = "login"
	EventLoginFailed    EventName = "login_failed"
	EventLogout         EventName = "logout"
	EventRefreshReuse   EventName = "refresh_reuse"
	EventPasswordChange EventName = "password_change"
	EventPasswordReset  EventName = "password_reset"
	EventVerify         EventName = "verify"
	EventEmailChange    EventName = "email_change"
	EventDelete         EventName = "delete"
	EventSessionRevoked EventName = "session_revoked"
	EventBan            EventName = "ban"
	EventUnban          EventName = "unban"
)

// Events that only the audit trail has; see [Audit]. No hook is called for them. models.Event.Details has what is written
// below. Of [EventVerify] and [EventEmailChange] it has Event.Email, of [EventSessionRevoked] the ID of the session that
// made the request, of [EventBan] the reason, and of [EventLogin] "new_device" if Event.NewDevice is true.
const (
	EventRateLimited     EventName = "rate_limited"     // a limit refused a request or a mail; Details has its setting, such as "Limits.Login". At most one a minute for each name, address, user or network that is limited
	EventEmailAdded      EventName = "email_added"      // the user added an address; Details has it
	EventEmailRemoved    EventName = "email_removed"    // the user removed an address; Details has it
	EventTokenCreated    EventName = "token_created"    // the user created a personal token; Details has the ID of the token
	EventTokenEnded      EventName = "token_ended"      // the user ended a personal token; Details has the ID of the token
	EventDeleteScheduled EventName = "delete_scheduled" // the user deleted the account, and Config.DeleteGrace began
	EventUserCreated     EventName = "user_created"     // Auth.CreateUser
	EventUserActivated   EventName = "user_activated"   // Auth.SetActive
	EventUserDeactivated EventName = "user_deactivated" // Auth.SetActive
	EventDataExported    EventName = "data_exported"    // the user downloaded the data of GET user/export/
)

// Event describes to a hook what happened. Fields that do not apply to the event are zero.
type Event struct {
	Name      EventName       // what happened
	User      models.Account  // of the type that NewUser makes; nil if a login failed
	Actor     models.Account  // the operator who did it to User, or in a session of User; nil if the user did it, or if no operator is known
	Session   *models.Session // of a login, logout, reuse or ended session; nil if all sessions of the user ended
	SessionID string          // of the session that made the request, if it belongs to User
	Method    string          // of a login: how the user logged in, as in models.Session.Method
	Login     string          // of a failed login: the name or address that was typed or, if User is set, the user's; at most 254 bytes
	Email     string          // the address that was confirmed, or is the primary one now
	Details   string          // of an event of a feature: such as the provider of a connected account; the feature documents it
	IP        string          // of the client; empty without a client, as in Auth.Sweep
	UserAgent string          // of the client, at most 255 bytes
	Language  string          // of the response, as LanguageOf returns it

	// NewDevice says of a login that the user has logged in before, and not in this browser. It is true for each login but the first of a
	// client without cookies, and false if browsers are not remembered: with Limits.AllowUnlimited, and without mails or with
	// Mail.AllowSilentChanges.
	NewDevice bool

	// Form is a copy of the request's form, if its route has one in Config.Forms; else nil. It is a
	// pointer to your struct: *SignUp for Form(func(*SignUp, *Member) error). Your own fields have the
	// values that were sent. The embedded struct of the library is empty, so Form never has a
	// password that the library asked for. It is nil for a registration that a later request completes, as
	// with VerifyMandatory: keep what the hook needs in a column of the user.
	Form any
}

// Before is a hook that runs inside the transaction of a change, after the library's own checks. Use tx to
// read and write. It rejects the change with a *binding.Error, which the client gets. Any other error is
// logged, and the response is 503. Both roll everything back. It may run again if the database
// rolled the transaction back and the library retries it.
type Before func(ctx context.Context, tx *gorm.DB, e Event) error

// After is a hook that runs once a change is committed, within the request, even if the client has disconnected.
// It cannot undo anything: its error or panic is logged. All After hooks of an event together should take at most Config.Timeout: then
// their context ends. It does not end when the client disconnects or the hook returns.
type After func(ctx context.Context, e Event) error

// Hook returns a [Before] hook from a function that gets the user as your own type:
//
//	cfg.Hooks.BeforeLogin = config.Hook(func(ctx context.Context, tx *gorm.DB, m *Member, e config.Event) error {
//		return tx.Create(&Visit{Company: m.Company}).Error
//	})
//
// If NewUser makes another type, the hook fails, and so does the request with 503.
func Hook[U any, P Embeds[U]](call func(ctx context.Context, tx *gorm.DB, user *U, e Event) error) Before {
	if call == nil {
		return nil
	}
	return func(ctx context.Context, tx *gorm.DB, e Event) error {
		user, err := userOf[U, P](e)
		if err != nil {
			return err
		}
		return call(ctx, tx, user, e)
	}
}

// AfterHook returns an [After] hook from a function that gets the user as your own type. The user is nil if a login
// failed, see [Hooks].AfterLoginFailed.
func AfterHook[U any, P Embeds[U]](call func(ctx context.Context, user *U, e Event) error) After {
	if call == nil {
		return nil
	}
	return func(ctx context.Context, e Event) error {
		user, err := userOf[U, P](e)
		if err != nil {
			return err
		}
		return call(ctx, user, e)
	}
}

func userOf[U any, P Embeds[U]](e Event) (*U, error) {
	user, ok := e.User.(P)
	if !ok && e.User != nil {
		return nil, fmt.Errorf("a hook is for %T, but NewUser makes %T", user, e.User)
	}
	return (*U)(user), nil
}

// Hooks are functions that run when something happens. Nil, the default, does nothing. Hooks run within the request, so
// the client waits for them. Several requests can run a hook at the same time.
type Hooks struct {
	// BeforeRegister sees the new user with its ID. With VerifyMandatory it runs when the address
	// is confirmed, so keep what it needs, such as an invite code, in a column of the user.
	BeforeRegister Before
	AfterRegister  After // a user signed up; with VerifyMandatory, when the address is confirmed
	// BeforeLogin runs at every login of any kind, before the session is stored. The login at the end of a sign-up
	// counts: if the hook rejects it, the sign-up is undone.
	BeforeLogin Before
	AfterLogin  After // a user logged in
	// AfterLoginFailed runs when credentials are rejected. At a login the event has no user, whether or not one
	// exists. Where a logged-in user enters a wrong password, such as at reauthenticate/, the event has this user.
	AfterLoginFailed After
	AfterLogout      After // the client ended its own session
	// AfterRefreshReuse runs when a client used a refresh token that had been replaced before, so there is
	// a copy of it. The session has ended. Notify its user.
	AfterRefreshReuse    After
	BeforePasswordChange Before // a logged-in user or Auth.SetPassword changes the password
	AfterPasswordChange  After  // the password was changed
	BeforePasswordReset  Before // a link or code in a mail sets a new password
	AfterPasswordReset   After  // the password was reset
	// BeforeVerify runs when an address is confirmed by a link or code in a mail. Links and codes to log in
	// and to set a new password count as well.
	BeforeVerify Before
	AfterVerify  After // an address was confirmed
	// BeforeEmailChange runs when another address becomes the primary one: the user chose it, or
	// confirmed it and the previous one is not confirmed.
	BeforeEmailChange Before
	// AfterEmailChange runs whenever a primary address changes or is removed. That includes users whose
	// address another account has confirmed, and changes by Auth.ConfirmEmail and "it was not me".
	AfterEmailChange After
	// BeforeDelete runs in the transaction that deletes the user; with DeleteGrace, that is in Auth.Sweep.
	// Delete your own rows that refer to the user here. Neither BeforeDelete nor AfterDelete runs for a pending
	// sign-up, because BeforeRegister has not run for it. If something else makes rows for every new
	// user, such as a trigger or a GORM hook of your user type, let the database delete them (ON DELETE CASCADE).
	BeforeDelete Before
	AfterDelete  After // the user was deleted; not called for a pending sign-up
	// AfterSessionRevoked runs for each session that was ended from another session. It runs once, without
	// Event.Session, when "it was not me" or Auth.EndSessions ended all sessions of a user.
	AfterSessionRevoked After
	// BeforeBan runs in the transaction of Auth.Ban. The user of the event has the ban. Return an error if, for
	// example, the user is an administrator.
	BeforeBan  Before
	AfterBan   After // the user was banned; Mail.BanNotice mails them
	AfterUnban After // Auth.Unban ended a ban before its time

	// After runs for every event, after the event's own After hook. Event.Name says which event it is. Some changes have
	// no event, such as Auth.SetActive, an added address or a new personal token; the README of ginauth lists them.
	After After
}

// BeforeOf returns the Before hook of an event, or nil. It is for the library.
func (h Hooks) BeforeOf(name EventName) Before {
	return map[EventName]Before{
		EventRegister: h.BeforeRegister, EventLogin: h.BeforeLogin, EventPasswordChange: h.BeforePasswordChange,
		EventPasswordReset: h.BeforePasswordReset, EventVerify: h.BeforeVerify, EventEmailChange: h.BeforeEmailChange,
		EventDelete: h.BeforeDelete, EventBan: h.BeforeBan,
	}[name]
}

// AfterOf returns the After hooks of an event: its own, and the one of all events. It is for the library.
func (h Hooks) AfterOf(name EventName) (all []After) {
	own := map[EventName]After{
		EventRegister: h.AfterRegister, EventLogin: h.AfterLogin, EventLoginFailed: h.AfterLoginFailed, EventLogout: h.AfterLogout,
		EventRefreshReuse: h.AfterRefreshReuse, EventPasswordChange: h.AfterPasswordChange, EventPasswordReset: h.AfterPasswordReset,
		EventVerify: h.AfterVerify, EventEmailChange: h.AfterEmailChange, EventDelete: h.AfterDelete,
		EventSessionRevoked: h.AfterSessionRevoked, EventBan: h.AfterBan, EventUnban: h.AfterUnban,
	}[name]
	for _, hook := range []After{own, h.After} {
		if hook != nil {
			all = append(all, hook)
		}
	}
	return all
}
