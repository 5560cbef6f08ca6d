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

// Config has all settings. Only Secret is required. The zero value of a field means its default. If a
// value is invalid, ginauth.New returns an error that names the field.
type Config struct {
	// Essentials.

	// Secret is the secret that all keys are derived from: at least 32 random bytes, the same on every
	// instance, and not in your code. Make one with `openssl rand -base64 48`, or use [SecretFile]. A
	// secret that is missing, short or not random is an error. If it changes, cookies, refresh tokens and
	// links in mails stop working, unless the previous secret is in OldSecrets.
	Secret Secret

	// OldSecrets are previous values of Secret. Cookies, refresh tokens, links, queued mails and
	// known browsers made with them remain valid; cookies are renewed with Secret. Remove a value
	// after Session.Absolute. During a rolling change, each instance counts Mail.MaxPerHour separately.
	// Default: none.
	OldSecrets []Secret

	// BasePath is where Register mounts the routes, below the router that it gets: a path that begins
	// with a slash, without parameters. Default: "/auth" on an engine, and the group itself on a group.
	BasePath string

	// PublicPath is the path under which browsers see the routes, if a proxy or http.StripPrefix removes
	// a part of it: "/api/auth". It can have parameters, "/t/:tenant/auth". It sets the paths of cookies
	// and of the OpenAPI document. If it is wrong, browsers do not send the refresh cookie back.
	// Default: where Register mounts the routes.
	PublicPath string

	// ChangePasswordPage is the page of your front end where users change their password: an absolute URL, or
	// a path. Register then redirects /.well-known/change-password of the host to it, which password managers open
	// (W3C, A Well-Known URL for Changing Passwords). From a group, Register cannot reach that path; see
	// Auth.ChangePasswordPage. Default: none, the path does not exist.
	ChangePasswordPage string

	// NewUser returns a new, empty user. Set it with [Model] to have a user type with your own columns.
	// Default: *models.User.
	NewUser func() models.Account

	// Logging in.

	// LoginMethods are what a user can log in with. Default: LoginByUsername and LoginByEmail.
	LoginMethods []LoginMethod

	// SignUpFields says whether registration asks for a user name and an e-mail address.
	SignUpFields SignUpFields

	// Username sets rules for new user names: a minimum length, reserved names, a pattern.
	Username Username

	// Backends check passwords at login. They are asked in order until one knows the user. Default:
	// PasswordBackend alone, the passwords in the users' table.
	Backends []Backend

	// RegisterGuard runs when the body of a registration has been read. It rejects the request with a
	// *binding.Error, for example if a header has no valid invitation. Default: anyone can register. For
	// middleware before any route, see Auth.Use.
	RegisterGuard func(r *http.Request) error

	// LoginOnSignUp says whether a sign-up also logs in. With SignUpOnly it creates the account and
	// returns 201 with a text, and your client shows the login page. With VerifyMandatory no sign-up logs
	// in. Default: SignUpAndLogin.
	LoginOnSignUp SignUpLogin

	// LoginOnVerify logs users in when they confirm an address by a link or code. Default: false,
	// because an attacker could send a link that logs its reader in to the attacker's account.
	LoginOnVerify bool

	// LoginOnReset logs users in when they set a new password by a link or code. Default: false.
	LoginOnReset bool

	// LoginByCode adds the route login/code/, where users log in with a code or link in a mail instead
	// of a password. It needs Mail.Sender and Mail.URLs.Login. Default: false.
	LoginByCode bool

	// DeleteGrace is how long users can restore an account that they deleted, by logging in. After
	// that Auth.Sweep deletes it, unless the user is banned: a ban holds the deletion until it ends. Up to 400 days. Default: 0,
	// the account is deleted at once.
	DeleteGrace time.Duration

	// Sessions and cookies.

	// Session sets how long sessions last.
	Session Session

	// SessionStore stores what is behind the session cookie: any store of gin-contrib/sessions or
	// gorilla/sessions. Whether a login is valid is decided by the table auth_session, whatever the
	// store. Default: the cookie itself, encrypted and signed with keys from Secret.
	SessionStore SessionStore

	// Cookie sets the attributes of the session cookie.
	Cookie Cookie

	// TrustedOrigins are other origins whose pages can send unsafe requests with the user's cookie:
	// "https://app.example.com", or "capacitor://localhost" for the web view of an app. Write an origin as
	// browsers send it: scheme and host, no path, no default port. It is not CORS; see the README.
	// Default: none, only the API's own origin.
	TrustedOrigins []string

	// TrustedProxies are the addresses or CIDR ranges of your reverse proxies. Their X-Forwarded-For
	// header is believed, by limits as well as for the address of a session. Without them, every client
	// behind a proxy seems to have the proxy's address. A proxy at a Unix socket is "127.0.0.1". Default: none.
	TrustedProxies []string

	// LogoutOnPasswordChange also ends the session that changed the password. All other sessions end in
	// any case. Default: false.
	LogoutOnPasswordChange bool

	// Tokens and JSON Web Tokens.

	// Login lists what a login can give, in any combination. With cookies and tokens a login gives
	// cookies, unless the client asks for a token with a header; see [CredentialHeader].
	// Default: SessionCookie.
	Login []Credential

	// TokenOrigins are the origins of web pages that can log in for a token in the body although logins
	// also set cookies. Other pages, your own included, get cookies only, so an injected script
	// finds no token. Also list the origin in TrustedOrigins, unless it is the API's own. Clients
	// other than browsers need no entry. Default: none.
	TokenOrigins []string

	// Token sets opaque tokens.
	Token Token

	// JWT sets JSON Web Tokens.
	JWT JWT

	// Mail and verification.

	// Mail sets how mails are made and sent. Without Mail.Sender the library sends no mail.
	Mail Mail

	// EmailVerification says what users can do before they confirm their address. Default:
	// VerifyOptional with a Mail.Sender, else VerifyNone.
	EmailVerification Verification

	// UnconfirmedLifetime is how long a sign-up waits for its address to be confirmed, with
	// VerifyMandatory. After that Auth.Sweep deletes it, and its name is free again. From
	// Mail.VerifyLifetime to 400 days. Default: 7 days, or Mail.VerifyLifetime if that is longer.
	UnconfirmedLifetime time.Duration

	// DefaultLocale is the language of mails and responses if the reader's language is unknown or not
	// available, as a BCP 47 tag. Without a catalog for it, New returns an error. Default: "en".
	DefaultLocale string

	// ResponseLocale is one language for all responses, for clients that compare sentences. Mails are
	// not affected. Default: "", the reader's language.
	ResponseLocale string

	// Texts has files that replace the library's own texts and mails: "mail/verify.html",
	// "mail/verify.de.txt", "locales/it.json". The README of package ginauth/mailer lists them. It also
	// replaces texts of features. Files that it does not have keep the library's text. New tries each
	// file; Check warns about mails that leave out what protects their reader. Default: none.
	Texts fs.FS

	// Forms, views and hooks.

	// Forms adds your own fields to the bodies of requests.
	Forms Forms

	// Views replaces the bodies of responses.
	Views Views

	// Hooks run when something happens.
	Hooks Hooks

	// Codes are the error codes of your own forms, hooks, guards, backends, password rules and
	// middleware. Each is in the OpenAPI document, and Texts can have its text, as the message
	// "error.invitation_unknown" in "locales/de.json". A code that is used without a text and without a
	// Message is logged once, and clients get a more general text. A code that the library uses itself is an error.
	// Default: nil, the OpenAPI document says that there can be other codes if one of your functions
	// can reject a request. []binding.CodeDoc{} says that there are no others.
	Codes []binding.CodeDoc

	// Passwords.

	// PasswordRules check new passwords. Every rule that rejects a password is reported; [NotBreached]
	// runs only if no other does. If a rule of this package comes twice, such as [MinLength], the later
	// one counts. An empty, non-nil slice turns all
	// rules off. Default: [DefaultPasswordRules].
	PasswordRules []PasswordRule

	// Hash sets how new passwords are hashed. Default: argon2id with 19 MiB and 2 passes.
	Hash Hash

	// Limits, audit, logging, clock and randomness.

	// Limits bounds how often a client can try to log in, sign up, and so on. Its zero value is the safe default.
	Limits Limits

	// Captcha asks for captchas on some routes. Default: no captchas.
	Captcha Captcha

	// ShowHasPassword adds has_password to the user in the responses of user/ and of logins, so that a front end offers password/set/
	// to users who came by a provider. Default: the fields of dj-rest-auth.
	ShowHasPassword bool

	// HideConfig leaves out the route config/, which tells front ends what is switched on. It says nothing
	// that a client could not find out by trying. Default: false.
	HideConfig bool

	// Audit keeps an audit trail in the table auth_event. Default: off.
	Audit Audit

	// Export lets users download what the library has about them. Default: off.
	Export Export

	// Timeout is how long a request to the library's routes or guards waits for the database and
	// the session store; the time starts again once its body has been read. After that the response is
	// 503, and nothing was changed. The wait for a hash counts as well, see Hash.Wait. Keep it below the
	// WriteTimeout of your server less its ReadTimeout, or the client gets no response at all.
	// At least 100 milliseconds. Default: 10 seconds.
	Timeout time.Duration

	// Logger gets failures that need a developer: 500, 503 and panics. It never gets
	// a password, token, cookie or key. Default: slog.Default() at the time of New.
	Logger *slog.Logger

	// Now is the clock. Set it in tests only. Default: time.Now.
	Now func() time.Time

	// Rand is the source of all random keys and codes. It must be cryptographically secure and safe for
	// concurrent use; with any other source, attackers can guess sessions. Default: crypto/rand.Reader.
	Rand io.Reader

	// Settings that weaken security. The README says what each costs.

	// AllowTokensWithCookies makes a login without the header Auth-Credential give everything
	// in Login at once, in the exact shape of dj-rest-auth: with SessionCookie and OpaqueToken
	// the cookie and {"key": "..."}, which any injected script can read. Default: false.
	AllowTokensWithCookies bool

	// AllowLogoutOnGet makes GET logout/ log out as well, so that any link on your own
	// site can end a session. Default: false, only POST does.
	AllowLogoutOnGet bool

	// AllowPasswordChangeWithoutOld makes old_password optional in password/change/,
	// so that anyone who finds an open session can take the account over. A wrong one is
	// still rejected. Default: false.
	AllowPasswordChangeWithoutOld bool

	// AllowInactiveHint tells an inactive user who gave the right password that their
	// account is inactive. Default: false, the response is the same as for a wrong password.
	AllowInactiveHint bool

	// AllowBackendRename lets users that a [Backend] created change their name at user/. A name that they
	// changed stays, even if the backend has another one. If a backend finds its users by name, the
	// next person who has that name in the directory is logged in to this account. Default: false.
	AllowBackendRename bool

	// AllowBackendLocalLogin lets users that a [Backend] created set a password and log in with
	// it, or with a code or link in a mail. They can then log in even if the backend no longer
	// knows them. Default: false, only the backend logs them in.
	AllowBackendLocalLogin bool
}
