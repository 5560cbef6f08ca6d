package ginauth

// Check, the settings: weakened security, secrets, origins, sessions, mails and their links.

import (
	"fmt"
	"maps"
	"net/http"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	ginsessions "github.com/gin-contrib/sessions"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/config/advice"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/sessionstore"
)

// weakened finds the settings whose names say so.
func (k *checker) weakened() error {
	jwt := slices.Contains(k.cfg.Login, config.JSONWebToken)
	for _, w := range []struct {
		on           bool
		severity     Severity
		setting, fix string
		problem      string
	}{
		{k.cfg.Cookie.InsecureHTTP, SeverityError, "Cookie.InsecureHTTP", "serve over https and leave it out",
			"cookies go over plain http, where anybody on the way can take them"},
		{k.cfg.Hash.InsecureCheapForTests, SeverityError, "Hash.InsecureCheapForTests", "leave it out; it is for tests",
			"hashes may be " + advice.Weak},
		{k.cfg.AllowLogoutOnGet, SeverityWarning, "AllowLogoutOnGet", "have links POST, and leave it out",
			"any link on your own site can end a session"},
		{k.cfg.AllowPasswordChangeWithoutOld, SeverityWarning, "AllowPasswordChangeWithoutOld", "ask for old_password, and leave it out",
			"whoever finds an open session can take the account over"},
		{k.cfg.AllowInactiveHint, SeverityWarning, "AllowInactiveHint", "leave it out unless users need the hint",
			"a login tells whoever has the right password that the account is inactive"},
		{k.cfg.AllowBackendRename, SeverityWarning, "AllowBackendRename", "leave it out, or match users by their ID in the backend with SetBackend",
			"a user of a backend can take a name that belongs to somebody else there"},
		{k.cfg.AllowBackendLocalLogin, SeverityWarning, "AllowBackendLocalLogin", "leave it out",
			"users of a backend who set a password, or have a mailbox, still get in when the backend no longer knows them"},
		{k.ambient() && (k.tokens || jwt && k.cfg.JWT.Transport == config.InBody) && k.cfg.AllowTokensWithCookies, SeverityWarning,
			"AllowTokensWithCookies", "have apps send Auth-Credential, and leave it out",
			"every login in a browser answers a token that any injected script can read"},
		{jwt && k.cfg.JWT.AllowFixedRefresh > 0, SeverityWarning, "JWT.AllowFixedRefresh", "store the next refresh token in that client, and leave it out",
			"a copied refresh token of a client that asked for one that does not change is not noticed, for " + k.cfg.JWT.AllowFixedRefresh.String()},
		{jwt && k.cfg.JWT.Transport != config.InBody && k.cfg.JWT.AllowCookieTokensInBody, SeverityWarning,
			"JWT.AllowCookieTokensInBody", "leave it out", "scripts, and so anybody's injected script, can read the tokens"},
		{jwt && k.cfg.JWT.Stateless, SeverityWarning, "JWT.Stateless", "leave it out, or keep JWT.AccessLifetime short",
			"what was ended lives on until its access token expires, " + k.cfg.JWT.AccessLifetime.String()},
		{k.cfg.Mail.Sender != nil && k.cfg.Mail.AllowSilentChanges, SeverityWarning, "Mail.AllowSilentChanges", "set Mail.URLs.Notice, and leave it out",
			"users are not told when their password or address changes, or of a login from a new device"},
	} {
		if w.on {
			k.add(w.severity, w.setting, w.fix, "%s", w.problem)
		}
	}
	return nil
}

func (k *checker) ofSecrets() error {
	s := string(k.cfg.Secret)
	if strings.HasPrefix(s, "for tests only") { // that of package authtest
		k.add(SeverityError, "Secret", advice.MakeSecret, "is for tests only, and public")
	} else if n := randomBytes(s); n < 32 {
		k.add(SeverityWarning, "Secret", advice.MakeSecret, "can hold no more than %d random bytes, of the 32 that it should have", n)
	}
	if n := len(k.cfg.OldSecrets); n > 0 {
		k.add(SeverityNote, "OldSecrets", "remove each one Session.Absolute, "+days(k.cfg.Session.Absolute)+", after it was replaced",
			"cookies and links made with former secrets, %d of them, still count", n)
	}
	return nil
}

// randomBytes is how much a text holds at most, by the letters that it has.
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

func (k *checker) ofOrigins() error {
	if len(k.cfg.TrustedProxies) == 0 {
		k.add(SeverityNote, "TrustedProxies", "behind a proxy set its address or CIDR range; without one all is well",
			"is empty: behind a proxy all clients seem to have its address")
	}
	for _, origin := range k.cfg.TrustedOrigins {
		if u, err := url.Parse(origin); err == nil && u.Scheme == "http" && !local(u.Hostname()) {
			k.add(SeverityWarning, "TrustedOrigins", "serve its pages over https", "%q "+advice.MustBeHTTPS, origin)
		}
	}
	jwt := slices.Contains(k.cfg.Login, config.JSONWebToken) && k.cfg.JWT.Transport != config.InBody
	for _, cookie := range []struct {
		setting string
		none    bool
	}{
		{"Cookie.SameSite", k.cookies && k.cfg.Cookie.SameSite == http.SameSiteNoneMode},
		{"JWT.AccessCookie.SameSite", jwt && k.cfg.JWT.AccessCookie.SameSite == http.SameSiteNoneMode},
		{"JWT.RefreshCookie.SameSite", jwt && k.cfg.JWT.RefreshCookie.SameSite == http.SameSiteNoneMode},
	} {
		if cookie.none && len(k.cfg.TrustedOrigins) == 0 && !k.cfg.Cookie.Partitioned {
			k.add(SeverityNote, cookie.setting, "put the front end's origin into TrustedOrigins, or leave Lax",
				"None sends the cookie with requests from every site, but TrustedOrigins has none whose pages may use it")
		}
	}
	return nil
}

// ofTokenOrigins finds origins that cannot get a token, or need no entry to get one.
func (k *checker) ofTokenOrigins() error {
	if len(k.cfg.TokenOrigins) == 0 {
		return nil
	}
	if !k.ambient() || !k.tokens && (k.ring == nil || k.cfg.JWT.Transport == config.InCookies) {
		k.add(SeverityNote, "TokenOrigins", "leave it out", "has no effect: it is for logins that can give both cookies and tokens in the body")
		return nil
	}
	for _, origin := range k.cfg.TokenOrigins {
		if !slices.Contains(k.cfg.TrustedOrigins, origin) {
			k.add(SeverityNote, "TokenOrigins", "put it into TrustedOrigins as well, unless it is the API's own origin",
				"%q is not in TrustedOrigins, so its requests are refused", origin)
		}
	}
	return nil
}

// local reports whether a host is the reader's own machine, whoever reads.
func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}

func (k *checker) ofSessions() error {
	if k.cfg.Session.Absolute > 90*24*time.Hour {
		k.add(SeverityNote, "Session.Absolute", "90 days or less is usual", "a session, and a copy of its key, lasts up to %s", days(k.cfg.Session.Absolute))
	}
	if _, ok := k.cfg.SessionStore.(ginsessions.Store); k.cfg.SessionStore != nil && !ok {
		k.add(SeverityNote, "SessionStore", "take a gin-contrib/sessions store, or see that it keeps sessions for Session.Absolute",
			"%T takes no options: the cookie is as set in Cookie, but how long the store keeps a session it decides itself", k.cfg.SessionStore)
	}
	k.ofRedis()
	if sessionstore.InCookie(k.carriers.inner) && (k.cfg.SessionStore != nil || k.hasValues.Load()) {
		k.add(SeverityNote, "SessionStore", "let nothing that matters depend on them, or take a store with a server side, as gin-contrib's redis",
			"values of the application are in the cookie, at most 2 KB, and come back after logout from a copy of it (logins do not)")
	}
	return nil
}

// ofRedis finds such a store.
func (k *checker) ofRedis() {
	if sessionstore.DialsWithoutTimeout(k.cfg.SessionStore) {
		k.add(SeverityWarning, "SessionStore", "make it with redis.NewStoreWithPool, and a Dial with connect, read and write time-outs",
			"its connections have no time-outs: while Redis hangs, each request with a session waits for Timeout, %s, and up to %d connections hang",
			k.cfg.Timeout, sessionstore.MaxCalls)
	}
}

// insecure is a config.Mailer that says why it is no sender to go live with; "" for nothing.
type insecure interface{ Insecure() string }

func (k *checker) ofMails() error {
	if k.cfg.Mail.Sender == nil {
		k.add(SeverityNote, "Mail.Sender", advice.TakeMailer,
			"is missing: users cannot reset their password, confirm their address, or hear of changes to their account")
		return nil
	}
	if sender, ok := k.cfg.Mail.Sender.(insecure); ok && sender.Insecure() != "" {
		k.add(SeverityError, "Mail.Sender", "take mailer.SMTP, or another that sends", "%s", sender.Insecure())
	}
	from, err := mail.ParseAddress(k.cfg.Mail.From)
	if err == nil && local(from.Address[strings.LastIndexByte(from.Address, '@')+1:]) {
		k.add(SeverityWarning, "Mail.From", "set a sender of your own domain, "+advice.Sender,
			"mail servers refuse mails from %q", from.Address)
	}
	if k.cfg.EmailVerification == config.VerifyNone {
		k.add(SeverityNote, "EmailVerification", "leave it out for optional, or set mandatory",
			"is none although there is a Mail.Sender: users are not asked to confirm their address when they sign up")
	}
	return nil
}

func (k *checker) ofLinks() error {
	urls := k.cfg.Mail.URLs
	var names []string
	for _, page := range []struct{ name, url string }{
		{"Verify", urls.Verify}, {"Reset", urls.Reset}, {"Login", urls.Login}, {"Notice", urls.Notice},
	} {
		u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(page.url))
		if err == nil && local(u.Hostname()) {
			names = append(names, page.name)
		}
	}
	if len(names) > 0 {
		k.add(SeverityError, "Mail.URLs", "set pages "+advice.Page+"{key}",
			"links in mails lead to localhost, which is the reader's own machine: %s", strings.Join(names, ", "))
	}
	return nil
}

// ofPages looks for what keeps pages of other origins from working.
func (k *checker) ofPages() error {
	if len(k.cfg.TrustedOrigins) > 0 && k.noCORS.Load() {
		k.add(SeverityNote, "auth.Register", "put one, as gin-contrib/cors, on the router before Register, unless a proxy or a handler around the router answers preflights",
			"no CORS middleware is before the routes, and browsers send a preflight before a page of TrustedOrigins may send JSON")
	}
	urls, names := k.cfg.Mail.URLs, map[string]bool{}
	for _, page := range append(slices.Clone(k.cfg.TrustedOrigins), urls.Verify, urls.Reset, urls.Login, urls.Notice) {
		u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(page))
		if err != nil || u.Host == "" {
			continue
		}
		if u.Scheme != "http" && u.Scheme != "https" && len(k.laxCookies()) > 0 {
			k.add(SeverityWarning, "TrustedOrigins", "set "+strings.Join(k.laxCookies(), " and ")+" to None, or use tokens in that app",
				"%q is another site than any server: its web view drops cookies that are not SameSite None", page)
		} else if local(u.Hostname()) && !strings.HasSuffix(u.Hostname(), ".localhost") {
			names[u.Hostname()] = true
		}
	}
	if len(names) > 1 {
		k.add(SeverityWarning, "TrustedOrigins", "use one of the names everywhere, also for the server and in the browser's address bar",
			"pages are at %s, which are different sites to a browser: a login at one is not one at the other",
			strings.Join(slices.Sorted(maps.Keys(names)), " and "))
	}
	return nil
}
