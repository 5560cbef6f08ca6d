package config

import (
	"context"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// Event is what a hook is told. Fields that do not belong to what happened are empty.
type Event struct {
	User    models.Account  // of the type that NewUser makes; nil only where a login failed
	Session *models.Session // of a login, logout, reuse or ended session; nil where all of the user's ended
	Method  string          // of a login: models.Session.Method
	Login   string          // of a failed login: the name or address that was typed, at most 254 bytes
	Email   string          // the address that was confirmed, or is the primary one now
	IP      string          // of the client; empty where there is none, as in Auth.Sweep
	Agent   string          // User-Agent of the client, at most 255 bytes
}

// Before is called in the transaction of a change, when all is decided but what the
// application says. It may write with tx, and refuses with a *binding.Error, which the
// client gets; any other error is answered 503 and logged. Either takes everything back. It
// may be called again when the database had to take the transaction back itself.
type Before func(ctx context.Context, tx *gorm.DB, e Event) error

// After is called when a change is committed, within the request, though its context does not
// end when the client leaves. It cannot take anything back: its error is logged, and so is
// its panic.
type After func(ctx context.Context, e Event) error

// Hooks are called when something happens. They may run many at once, and must be quick.
type Hooks struct {
	// BeforeRegister sees the new user with its ID. With VerifyMandatory it runs when the address
	// is confirmed, so keep what it needs, such as an invite code, in a column of the user.
	BeforeRegister Before
	AfterRegister  After // a user signed up; with VerifyMandatory, when the address is confirmed
	// BeforeLogin is called at every login of any kind, sign-up included, before the
	// session is stored.
	BeforeLogin Before
	AfterLogin  After // somebody logged in
	// AfterLoginFailed is told that credentials were refused, known user or not: at a login, and
	// where a user who is logged in shows his password.
	AfterLoginFailed After
	AfterLogout      After // a session was ended by its own client
	// AfterRefreshReuse is told that a refresh token was used that had been replaced
	// before: somebody has a copy. The session has been ended. Tell its user.
	AfterRefreshReuse    After
	BeforePasswordChange Before // by somebody who is logged in
	AfterPasswordChange  After  // the password was changed
	BeforePasswordReset  Before // by what was in a mail
	AfterPasswordReset   After  // the password was reset
	// BeforeVerify is called when an address is confirmed by what was in a mail: a link, a code to
	// log in, or a reset.
	BeforeVerify Before
	AfterVerify  After // an address was confirmed
	// BeforeEmailChange is called when another address becomes the primary one, because the user
	// says so, or because he confirmed it and the one before is not.
	BeforeEmailChange Before
	// AfterEmailChange is told whenever a primary address is another one, or none: also of users
	// who lose theirs because somebody else has confirmed it, and of what Auth.ConfirmEmail and "it was
	// not me" change.
	AfterEmailChange After
	// BeforeDelete is called in the transaction in which the user goes, with DeleteGrace
	// that of Auth.Sweep. Delete rows of your own here that refer to him.
	BeforeDelete Before
	AfterDelete  After // the user is gone
	// AfterSessionRevoked is told of each session that was ended from another one, and,
	// without a Session, that "it was not me" ended all of a user: then only the address that
	// got the notice is left.
	AfterSessionRevoked After
}
