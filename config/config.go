// Package config holds every setting of the library, as plain data and function
// fields. The zero value of each is the safe choice; what weakens security has a
// name that begins with Insecure or Allow.
//
//	cfg := config.Config{Secret: config.Secret(os.Getenv("AUTH_SECRET"))} // all that is needed
//
// ginauth.New copies a [Config], completes it with WithDefaults and checks it with
// Validate, which names every mistake by its field; later changes to the caller's struct
// have no effect.
//
// # Functions of the application's
//
// They are typed, and checked when New is called:
//
//   - [Model] makes NewUser of a struct that embeds models.User.
//   - [Form] adds fields to the body of a request, [View] and [UserView] replace the body of
//     an answer.
//   - [Hooks] are told what happens, and may refuse it.
//   - A [Backend] checks passwords, a [PasswordRule] new ones, a [Mailer] sends mails.
//
// Forms, hooks named Before and backends refuse with a *binding.Error, which the client gets;
// any other error of theirs is answered 503 and logged. All may be called by several goroutines
// at once.
//
// Package ginauth has examples of most.
package config

import (
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// Config is everything an application can set. Only Secret is required.
type Config struct {
	// Secret is what all keys are derived from: at least 32 bytes, random, the same
	// on every instance, kept out of the code. Make one with `openssl rand -base64 48`.
	Secret Secret

	// OldSecrets are previous values of Secret. Cookies, refresh tokens, links, queued mails and
	// known browsers made with them remain valid; cookies are renewed with Secret. Remove a value
	// after Session.Absolute. During a rolling change, each instance counts Mail.MaxPerHour separately.
	OldSecrets []Secret

	// BasePath is where the routes are mounted below the router given to Register.
	// Default "/auth" on an engine, and the group itself on a group.
	BasePath string

	// PublicPath is where browsers see the routes, if a proxy or http.StripPrefix removes a part of
	// the path: "/api/auth". It may have parameters, "/t/:tenant/auth". The paths of cookies and
	// the OpenAPI document follow it. Default: where Register mounts them.
	PublicPath string

	// LoginMethods says what a user may log in with. Default: username and e-mail.
	LoginMethods []LoginMethod

	// Backends check passwords at login, in order, until one knows. Default: PasswordBackend
	// alone, the passwords in the user table.
	Backends []Backend

	// RegisterGuard is called when the body of a registration has been read. It refuses the request
	// with a *binding.Error, for example without an invitation. Default: anyone can register. For
	// middleware of single routes, see Auth.Use.
	RegisterGuard func(r *http.Request) error

	// Login says what a login can give, in any combination. Default: the session cookie. With
	// cookies and tokens a login gives cookies, unless the client asks for a token with the
	// header Auth-Credential; see CredentialHeader.
	Login []Credential

	// TokenOrigins are the origins of web pages that may log in for a token in the body, as
	// "https://app.example.com", where logins also set cookies. Other pages, your own included,
	// get cookies only, so that an injected script finds no token. An origin that is not the
	// API's own must also be in TrustedOrigins. Clients other than browsers need no entry.
	// Default: none.
	TokenOrigins []string

	// AllowTokensWithCookies makes a login without the header Auth-Credential give everything
	// in Login at once, in the exact shape of dj-rest-auth: with SessionCookie and OpaqueToken
	// the cookie and {"key": "..."}, which any injected script can read. Default: false.
	AllowTokensWithCookies bool

	// Token sets opaque tokens.
	Token Token

	// JWT sets JSON Web Tokens.
	JWT JWT

	// Mail says how mails are made and sent. Without Mail.Sender there are none.
	Mail Mail

	// EmailVerification says what an address that is not confirmed yet may do. Default:
	// VerifyOptional with a Mail.Sender, VerifyNone without.
	EmailVerification Verification

	// UnconfirmedLifetime is how long a sign-up waits for its address to be confirmed, with
	// VerifyMandatory. After that Auth.Sweep deletes it, and its name is free again. Default: 7 days,
	// or Mail.VerifyLifetime if that is longer.
	UnconfirmedLifetime time.Duration

	// LoginOnSignUp says whether a sign-up logs in. With SignUpOnly it creates the account and
	// returns 201 with a text, and the client shows the login page. Default SignUpAndLogin; with
	// VerifyMandatory no sign-up logs in.
	LoginOnSignUp SignUpLogin

	// LoginOnVerify logs users in when they confirm an address by a link or code. Default: false,
	// because an attacker could send a link that logs its reader in to the attacker's account.
	LoginOnVerify bool

	// LoginOnReset logs users in when they set a new password by a link or code. Default: false.
	LoginOnReset bool

	// LoginByCode has users log in by a code or link in a mail, without a password, at
	// login/code/. Default: false.
	LoginByCode bool

	// DeleteGrace is how long an account that its user deleted can be restored by logging in.
	// After that Auth.Sweep deletes it. Default 0: it is deleted at once.
	DeleteGrace time.Duration

	// DefaultLocale is the language of mails and answers for those whose own is unknown
	// or not there, as BCP 47 writes it. Default "en".
	DefaultLocale string

	// ResponseLocale is one language for every response, for clients that compare sentences. Mails
	// are not affected. Default "": the reader's language.
	ResponseLocale string

	// Texts replaces files of the library's own: "mail/verify.html", "mail/verify.de.txt",
	// "locales/it.json"; the README lists them, and the data of a mail. It also replaces texts of
	// features. What it does not have stays. Check warns of mails that leave out what protects their reader. Default: none.
	Texts fs.FS

	// Codes are the error codes with which your own forms, hooks, guards, backends, password rules and
	// middleware refuse. Each is in the OpenAPI document, and Texts may have its text, as the message
	// "error.captcha_failed" in "locales/de.json". A code that is used without a text and without a
	// Message is logged once; clients get a more general text. A code of the library's is refused. Default: the
	// document says that there may be others, if there is anything that can refuse; []binding.CodeDoc{}
	// says that there are none.
	Codes []binding.CodeDoc

	// SignUpFields says what registration asks for beside the password.
	SignUpFields SignUpFields

	// NewUser makes an empty user. Default: *models.User. Set it with [Model] to
	// have users with columns of your own.
	NewUser func() models.Account

	// Forms replaces the bodies of requests, to have fields of your own in them.
	Forms Forms

	// Views replaces the bodies of answers.
	Views Views

	// PasswordRules are asked whether a new password is good enough; all that refuse
	// are reported. Of several MinLength, or another rule of this package, the last one counts.
	// Default: DefaultPasswordRules(). An empty, non-nil slice asks none.
	PasswordRules []PasswordRule

	// Hash says how new passwords are hashed. Default: argon2id, 19 MiB, 2 passes.
	Hash Hash

	// Session sets the lifetimes of sessions.
	Session Session

	// SessionStore carries the session cookie: any gin-contrib/sessions store (or
	// gorilla/sessions store). Default: the values in a cookie, encrypted and signed
	// with keys from Secret. Whatever the store, the table auth_session decides.
	SessionStore SessionStore

	// Cookie sets the attributes of the session cookie.
	Cookie Cookie

	// TrustedOrigins are other origins whose pages may send unsafe requests with the
	// user's cookie: "https://app.example.com", or "capacitor://localhost" for the web view
	// of an app. Default: none, only the same origin.
	TrustedOrigins []string

	// TrustedProxies are the addresses or CIDR ranges of reverse proxies whose
	// X-Forwarded-For is believed when the client's address is noted on a session.
	// Default: none, the peer's address is taken.
	TrustedProxies []string

	// LogoutOnPasswordChange also ends the session that changed the password. The
	// others always end. Default: false.
	LogoutOnPasswordChange bool

	// AllowLogoutOnGet makes GET logout/ log out as well, so that any link on your own
	// site can end a session. Default: false, only POST does.
	AllowLogoutOnGet bool

	// AllowPasswordChangeWithoutOld makes old_password optional in password/change/,
	// so that anyone who finds an open session can take the account over. A wrong one is
	// still refused. Default: false.
	AllowPasswordChangeWithoutOld bool

	// AllowInactiveHint tells an inactive user who gave the right password that their
	// account is inactive. Default: false, the response is that of a wrong password.
	AllowInactiveHint bool

	// AllowBackendRename lets users that a Backend created change their name at user/. A name
	// then stays when the backend has another one for the user. A
	// backend that finds its users by name then logs the next person with that name in the
	// directory in to their account. Default: false.
	AllowBackendRename bool

	// AllowBackendLocalLogin lets users that a Backend created set a password and log in with
	// it, or with a code or link in a mail. They can then log in even if the backend no longer
	// knows them. Default: false, only the backend logs them in.
	AllowBackendLocalLogin bool

	// Hooks are told what happened.
	Hooks Hooks

	// Timeout is how long a request of the library's routes or guards waits for the database and
	// the session store, counted again once its body has been read. Then the response is 503,
	// and nothing was changed. Keep it below the WriteTimeout of your server less its ReadTimeout,
	// or the client gets no response at all. The wait for a hash counts as well, see Hash.Wait.
	// Default 10 seconds, at least 100 milliseconds.
	Timeout time.Duration

	// Logger gets failures that need a developer: 500, 503 and panics. It never gets
	// a password, token, cookie or key. Default: slog.Default() at the time of New.
	Logger *slog.Logger

	// Now is the clock. Default: time.Now.
	Now func() time.Time

	// Rand is the source of all randomness and must be cryptographically secure. It
	// must be safe for concurrent use. Default: crypto/rand.Reader.
	Rand io.Reader
}
