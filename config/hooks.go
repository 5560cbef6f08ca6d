package config

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// EventName says what happened.
type EventName string

// The events. Each has hooks of its own in [Hooks].
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
)

// Event describes to a hook what happened. Fields that do not apply to the event are zero.
type Event struct {
	Name      EventName       // what happened
	User      models.Account  // of the type that NewUser makes; nil only if a login failed
	Session   *models.Session // of a login, logout, reuse or ended session; nil if all of the user's ended
	Method    string          // of a login: models.Session.Method
	Login     string          // of a failed login: the name or address that was typed, at most 254 bytes
	Email     string          // the address that was confirmed, or is the primary one now
	IP        string          // of the client; empty if there is none, as in Auth.Sweep
	UserAgent string          // of the client, at most 255 bytes
	Language  string          // of the response, as LanguageOf has it

	// Form has the application's own fields of the request, if its route has a form in
	// Config.Forms; else nil. It is a copy of that struct, as a pointer: *SignUp for
	// Form(func(*SignUp, *Member) error). The embedded struct of the library is empty in it, so
	// it never has a password that the library asked for. Own fields have the values that were sent.
	// It is nil for a registration that a later request completes, as with VerifyMandatory: keep what
	// the hook needs in a column of the user.
	Form any
}

// Before runs inside the transaction of a change, after the library's own checks. It may write
// with tx. It refuses the change with a *binding.Error, which the client gets; any other error is
// logged, and the response is 503. Either rolls everything back. It may run again if the database
// rolled the transaction back and the library retries it.
type Before func(ctx context.Context, tx *gorm.DB, e Event) error

// After runs once a change is committed, within the request, even if the client has disconnected.
// It cannot undo anything: its error or panic is logged.
type After func(ctx context.Context, e Event) error

// Hook makes a Before hook from a function that gets the application's own user:
//
//	cfg.Hooks.BeforeLogin = config.Hook(func(ctx context.Context, tx *gorm.DB, m *Member, e config.Event) error {
//		return tx.Create(&Visit{Company: m.Company}).Error
//	})
//
// If NewUser makes another type, the hook fails, and so does the request.
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

// AfterHook is [Hook] for After hooks. The user is nil if a login failed.
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

// Hooks are called when something happens. They may run concurrently, and must be quick.
type Hooks struct {
	// BeforeRegister sees the new user with its ID. With VerifyMandatory it runs when the address
	// is confirmed, so keep what it needs, such as an invite code, in a column of the user.
	BeforeRegister Before
	AfterRegister  After // a user signed up; with VerifyMandatory, when the address is confirmed
	// BeforeLogin is called at every login of any kind, before the session is stored. That of a sign-up is one: if the hook
	// refuses it, the sign-up is undone.
	BeforeLogin Before
	AfterLogin  After // a user logged in
	// AfterLoginFailed is called when credentials are refused, whether or not the user exists: at a
	// login, and where a logged-in user re-enters the password.
	AfterLoginFailed After
	AfterLogout      After // a session was ended by its own client
	// AfterRefreshReuse is called when a refresh token was used that had been replaced before,
	// so there is a copy. The session has ended. Tell its user.
	AfterRefreshReuse    After
	BeforePasswordChange Before // by a user who is logged in, or by Auth.SetPassword
	AfterPasswordChange  After  // the password was changed
	BeforePasswordReset  Before // by what was in a mail
	AfterPasswordReset   After  // the password was reset
	// BeforeVerify is called when an address is confirmed by what was in a mail: a link, a code to
	// log in, or a reset.
	BeforeVerify Before
	AfterVerify  After // an address was confirmed
	// BeforeEmailChange is called when another address becomes the primary one, because the user
	// chose it, or confirmed it and the previous one is not confirmed.
	BeforeEmailChange Before
	// AfterEmailChange is called whenever a primary address changes or is removed, including for
	// users whose address another account has confirmed, and for changes by Auth.ConfirmEmail and
	// "it was not me".
	AfterEmailChange After
	// BeforeDelete is called in the transaction that deletes the user; with DeleteGrace, in that
	// of Auth.Sweep. Delete your own rows that refer to the user here. Neither it nor AfterDelete is
	// called for a pending sign-up, whose BeforeRegister has not run: it can refuse no such deletion. If
	// something else makes rows for every new user, such as a trigger or a GORM hook of your user, let
	// the database delete them (ON DELETE CASCADE).
	BeforeDelete Before
	AfterDelete  After // the user was deleted; not called for a pending sign-up
	// AfterSessionRevoked is called for each session that was ended from another one, and,
	// without a Session, when "it was not me" or Auth.EndSessions ended all sessions of a user.
	AfterSessionRevoked After

	// After is called for every event, after the event's own After hook. Event.Name says which it is. What has no
	// EventName is no event, such as Auth.SetActive, an address that is added, or a personal token; the README has the list.
	After After
}

// BeforeOf returns the Before hook of an event, or nil.
func (h Hooks) BeforeOf(name EventName) Before {
	return map[EventName]Before{
		EventRegister: h.BeforeRegister, EventLogin: h.BeforeLogin, EventPasswordChange: h.BeforePasswordChange,
		EventPasswordReset: h.BeforePasswordReset, EventVerify: h.BeforeVerify, EventEmailChange: h.BeforeEmailChange,
		EventDelete: h.BeforeDelete,
	}[name]
}

// AfterOf returns the After hooks of an event: its own, and that of all events.
func (h Hooks) AfterOf(name EventName) (all []After) {
	own := map[EventName]After{
		EventRegister: h.AfterRegister, EventLogin: h.AfterLogin, EventLoginFailed: h.AfterLoginFailed, EventLogout: h.AfterLogout,
		EventRefreshReuse: h.AfterRefreshReuse, EventPasswordChange: h.AfterPasswordChange, EventPasswordReset: h.AfterPasswordReset,
		EventVerify: h.AfterVerify, EventEmailChange: h.AfterEmailChange, EventDelete: h.AfterDelete,
		EventSessionRevoked: h.AfterSessionRevoked,
	}[name]
	for _, hook := range []After{own, h.After} {
		if hook != nil {
			all = append(all, hook)
		}
	}
	return all
}
