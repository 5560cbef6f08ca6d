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

// gives reports whether logins give a credential.
func (k *checker) gives(credential config.Credential) bool {
	return slices.Contains(k.Config.Login, credential)
}

// weakened finds the settings whose names say so.
func (k *checker) weakened() error {
	c := k.Config
	k.report(
		row{c.Cookie.InsecureHTTP, Error, "Cookie.InsecureHTTP",
			"cookies go over plain http, where anybody on the way can take them", "serve over https and leave it out"},
		row{c.Hash.InsecureCheapForTests, Error, "Hash.InsecureCheapForTests",
			"hashes may be " + advice.Weak, "leave it out; it is for tests"},
		row{c.AllowLogoutOnGet, Warning, "AllowLogoutOnGet",
			"any link on your own site can end a session", "have links POST, and leave it out"},
		row{c.AllowPasswordChangeWithoutOld, Warning, "AllowPasswordChangeWithoutOld",
			"whoever finds an open session can take the account over", "ask for old_password, and leave it out"},
		row{c.AllowInactiveHint, Warning, "AllowInactiveHint",
			"a login tells whoever has the right password that the account is inactive", "leave it out unless users need the hint"},
		row{c.AllowBackendRename, Warning, "AllowBackendRename",
			"a user of a backend can take a name that belongs to somebody else there",
			"leave it out, or match users by their ID in the backend with SetBackend"},
		row{c.AllowBackendLocalLogin, Warning, "AllowBackendLocalLogin",
			"users of a backend who set a password, or have a mailbox, still get in when the backend no longer knows them", "leave it out"},
		row{c.Mail.Sender != nil && c.Mail.AllowSilentChanges, Warning, "Mail.AllowSilentChanges",
			"users are not told when their password or address changes, or of a login from a new device", "set Mail.URLs.Notice, and leave it out"},
	)
	return nil
}

// weakenedTokens finds those of tokens.
func (k *checker) weakenedTokens() error {
	j, jwt := k.Config.JWT, k.gives(config.JSONWebToken)
	inBody := k.gives(config.OpaqueToken) || jwt && j.Transport == config.InBody
	k.report(
		row{k.Ambient && inBody && k.Config.AllowTokensWithCookies, Warning, "AllowTokensWithCookies",
			"every login in a browser answers a token that any injected script can read", "have apps send Auth-Credential, and leave it out"},
		row{jwt && j.AllowFixedRefresh > 0, Warning, "JWT.AllowFixedRefresh",
			"a copied refresh token of a client that asked for one that does not change is not noticed, for " + j.AllowFixedRefresh.String(),
			"store the next refresh token in that client, and leave it out"},
		row{jwt && j.Transport != config.InBody && j.AllowCookieTokensInBody, Warning, "JWT.AllowCookieTokensInBody",
			"scripts, and so anybody's injected script, can read the tokens", "leave it out"},
		row{jwt && j.Stateless, Warning, "JWT.Stateless",
			"what was ended lives on until its access token expires, " + j.AccessLifetime.String(), "leave it out, or keep JWT.AccessLifetime short"},
	)
	return nil
}

func (k *checker) secrets() error {
	secret, former := string(k.Config.Secret), len(k.Config.OldSecrets)
	public := strings.HasPrefix(secret, "for tests only") // that of package authtest
	random := randomBytes(secret)
	k.report(
		row{public, Error, "Secret", "is for tests only, and public", advice.MakeSecret},
		row{!public && random < 32, Warning, "Secret",
			fmt.Sprintf("can hold no more than %d random bytes, of the 32 that it should have", random), advice.MakeSecret},
		row{former > 0, Note, "OldSecrets",
			fmt.Sprintf("cookies and links made with former secrets, %d of them, still count", former),
			"remove each one Session.Absolute, " + days(k.Config.Session.Absolute) + ", after it was replaced"},
	)
	return nil
}

// randomBytes returns how many random bytes a text holds at most, by the letters that it has.
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
			"a session, and a copy of its key, lasts up to " + days(life), "90 days or less is usual"},
		row{kept > 0, Note, "Session.CacheFor",
			"other instances accept GET and HEAD of a session that was ended for " + kept.String(), "leave it out if that is too long"},
		row{own != nil && !takesOptions, Note, "SessionStore",
			fmt.Sprintf("%T takes no options: the cookie is as set in Cookie, but how long the store keeps a session it decides itself", own),
			"take a gin-contrib/sessions store, or see that it keeps sessions for Session.Absolute"},
		row{sessionstore.DialsWithoutTimeout(own), Warning, "SessionStore",
			fmt.Sprintf("its connections have no time-outs: while Redis hangs, each request with a session waits for Timeout, %s, and up to %d connections hang",
				k.Config.Timeout, sessionstore.MaxCalls),
			"make it with redis.NewStoreWithPool, and a Dial with connect, read and write time-outs"},
		row{sessionstore.InCookie(k.Sessions) && (own != nil || k.OwnValues), Note, "SessionStore",
			"values of the application are in the cookie, at most 2 KB, and come back after logout from a copy of it (logins do not)",
			"let nothing that matters depend on them, or take a store with a server side, as gin-contrib's redis"},
	)
	return nil
}
