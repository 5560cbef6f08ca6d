package check

// Settings: weakened security, secrets, sessions.

import (
	"fmt"
	"slices"
	"strings"
	"time"

	ginsessions "github.com/gin-contrib/sessions"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/config/advice"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/sessionstore"
)

// gives reports whether logins return a credential.
func (k *checker) gives(credential config.Credential) bool {
	return slices.Contains(k.Config.Login, credential)
}

// weakened finds settings that weaken security, as their names say.
func (k *checker) weakened() error {
	c := k.Config
	k.report(
		row{c.Cookie.InsecureHTTP, Error, "Cookie.InsecureHTTP",
			"cookies are sent over plain http, where anyone on the network can copy them", "serve over https and remove it"},
		row{c.Hash.InsecureCheapForTests, Error, "Hash.InsecureCheapForTests",
			"hashes may be " + advice.Weak, "remove it; it is for tests"},
		row{c.Limits.AllowUnlimited, Warning, "Limits.AllowUnlimited",
			"anyone can guess passwords as fast as the server hashes them", "remove it; it is for tests"},
		row{c.AllowLogoutOnGet, Warning, "AllowLogoutOnGet",
			"any link on your own site can end a session", "use POST for logout links, and remove it"},
		row{c.AllowPasswordChangeWithoutOld, Warning, "AllowPasswordChangeWithoutOld",
			"anyone who finds an open session can take over the account", "ask for old_password, and remove it"},
		row{c.AllowInactiveHint, Warning, "AllowInactiveHint",
			"a login with the right password reveals that the account is inactive", "remove it unless users need the hint"},
		row{c.AllowBackendRename, Warning, "AllowBackendRename",
			"a user of a backend can take a name that belongs to another user there",
			"remove it, or match users by their ID in the backend with SetBackend"},
		row{c.AllowBackendLocalLogin, Warning, "AllowBackendLocalLogin",
			"users of a backend who set a password, or can receive mail, can still log in after the backend removed them", "remove it"},
		row{c.Mail.Sender != nil && c.Mail.AllowSilentChanges, Warning, "Mail.AllowSilentChanges",
			"users are not notified of a changed password or address, or a login from a new device", "set Mail.URLs.Notice, and remove it"},
		row{c.Audit.Keep == 0, Note, "Audit.Keep",
			"there is no audit trail: after an attack you cannot tell who logged in and from where", "set how long to keep events, if you need them"},
	)
	return nil
}

// weakenedTokens finds token settings that weaken security.
func (k *checker) weakenedTokens() error {
	j, jwt := k.Config.JWT, k.gives(config.JSONWebToken)
	inBody := k.gives(config.OpaqueToken) || jwt && j.Transport == config.InBody
	k.report(
		row{k.Ambient && inBody && k.Config.AllowTokensWithCookies, Warning, "AllowTokensWithCookies",
			"every login in a browser returns a token that any injected script can read", "let apps send Auth-Credential, and remove it"},
		row{jwt && j.AllowFixedRefresh > 0, Warning, "JWT.AllowFixedRefresh",
			"a copied refresh token is not detected if the client asked for one that does not change, for up to " + j.AllowFixedRefresh.String(),
			"store the next refresh token in that client, and remove it"},
		row{jwt && j.Transport != config.InBody && j.AllowCookieTokensInBody, Warning, "JWT.AllowCookieTokensInBody",
			"scripts, including injected ones, can read the tokens", "remove it"},
		row{jwt && j.Stateless, Warning, "JWT.Stateless",
			"an ended session keeps working until its access token expires, up to " + j.AccessLifetime.String(), "remove it, or keep JWT.AccessLifetime short"},
	)
	return nil
}

func (k *checker) secrets() error {
	secret, former := string(k.Config.Secret), len(k.Config.OldSecrets)
	public := strings.HasPrefix(secret, "for tests only") // the secret of package authtest
	random := randomBytes(secret)
	k.report(
		row{public, Error, "Secret", "is for tests only, and public", advice.MakeSecret},
		row{!public && random < 32, Warning, "Secret",
			fmt.Sprintf("can contain at most %d random bytes; it should have 32", random), advice.MakeSecret},
		row{former > 0, Note, "OldSecrets",
			fmt.Sprintf("cookies and links made with %d old secrets are still valid", former),
			"remove each one Session.Absolute, " + days(k.Config.Session.Absolute) + ", after it was replaced"},
	)
	return nil
}

// randomBytes returns how many random bytes a text can contain at most, judging by its letters.
func randomBytes(s string) int {
	s = strings.TrimRight(s, "=")
	bits := 6 // base64
	switch {
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }):
		bits = 8
	case strings.Trim(s, "0123456789abcdef") == "" || strings.Trim(s, "0123456789ABCDEF") == "":
		bits = 4
	case strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == "" || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == "":
		bits = 5
	}
	return len(s) * bits / 8
}

func days(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return d.String()
}

func (k *checker) sessions() error {
	own, life, kept := k.Config.SessionStore, k.Config.Session.Absolute, k.Config.Session.CacheFor
	_, takesOptions := own.(ginsessions.Store)
	k.report(
		row{life > 90*24*time.Hour, Note, "Session.Absolute",
			"a session, and any copy of its key, lasts up to " + days(life), "90 days or less is usual"},
		row{kept > 0, Note, "Session.CacheFor",
			"other instances accept GET and HEAD requests of an ended session for up to " + kept.String(), "remove it if that is too long"},
		row{own != nil && !takesOptions, Note, "SessionStore",
			fmt.Sprintf("%T takes no options: the cookie follows Cookie, but the store itself decides how long it keeps a session", own),
			"use a gin-contrib/sessions store, or make sure that it keeps sessions for Session.Absolute"},
		row{sessionstore.DialsWithoutTimeout(own), Warning, "SessionStore",
			fmt.Sprintf("its connections have no timeouts: while Redis hangs, each request with a session waits for Timeout, %s, and up to %d connections hang",
				k.Config.Timeout, sessionstore.MaxCalls),
			"create it with redis.NewStoreWithPool and a Dial with connect, read and write timeouts"},
		row{sessionstore.InCookie(k.Sessions) && (own != nil || k.OwnValues), Note, "SessionStore",
			"the application's values are in the cookie (at most 2 KB); a copied cookie restores them after logout, but not the login",
			"store nothing important in them, or use a server-side store such as gin-contrib's redis"},
	)
	return nil
}
