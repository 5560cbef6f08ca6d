package config

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ginauth/gin-rest-auth/config/advice"
)

const minSecret = 32 // bytes

// Validate returns an error that joins one [Mistake] for each invalid setting, or nil. Call it on the
// result of [Config.WithDefaults].
func (c Config) Validate() error {
	var errs []error
	bad := report(func(setting, format string, args ...any) {
		errs = append(errs, &Mistake{setting, fmt.Errorf(format, args...)})
	})

	c.checkSecrets(bad)
	c.checkLogin(bad)
	c.checkUsername(bad)
	c.checkToken(bad)
	c.checkJWT(bad)
	c.checkMail(bad)
	if user := c.userType(); user != nil {
		c.checkForms(user, bad)
		c.checkViews(user, bad)
	}
	c.checkHash(bad)
	c.checkSession(bad)
	c.checkCookie(bad)
	c.checkOrigins(bad)
	c.checkLimits(bad)
	c.checkCaptcha(bad)
	c.checkAudit(bad)
	c.checkExport(bad)
	c.checkPaths(bad)
	bad.check([]rule{
		{slices.ContainsFunc(c.Backends, isNilBackend), "Backends", "has a nil backend"},
		{c.Timeout < 100*time.Millisecond, "Timeout", "must be at least 100 ms"},
	})
	c.checkRules(bad)
	return errors.Join(errs...)
}

func (c Config) checkOrigins(bad report) {
	for _, o := range c.TrustedOrigins {
		if !ValidOrigin(o) {
			bad("TrustedOrigins", `%q is not an origin as browsers send it, like "https://app.example.com" or "capacitor://localhost": `+
				"no path or final slash, in lower case and punycode, without the default port", o)
		}
	}
	for _, o := range c.TokenOrigins {
		if !ValidOrigin(o) {
			bad("TokenOrigins", `%q is not an origin as browsers send it, like "https://app.example.com"`, o)
		}
	}
	for _, p := range c.TrustedProxies {
		if _, err := ParsePrefix(p); err != nil {
			bad("TrustedProxies", "%q is not an IP address or CIDR range", p)
		} else if strings.HasSuffix(p, "/0") {
			bad("TrustedProxies", "%q would trust every client; list your proxies", p)
		}
	}
}

func (c Config) checkPaths(bad report) {
	if c.BasePath != "" && (c.BasePath[0] != '/' || strings.ContainsAny(c.BasePath, ":*?#")) {
		bad("BasePath", "must begin with a slash and have no parameters, not %q", c.BasePath)
	}
	if c.ChangePasswordPage != "" && !isPage(c.ChangePasswordPage) {
		bad("ChangePasswordPage", "must be an absolute URL, or a path that begins with one slash, not %q", c.ChangePasswordPage)
	}
	if c.PublicPath != "" && (c.PublicPath[0] != '/' || strings.ContainsAny(c.PublicPath, "?#")) {
		bad("PublicPath", "must begin with a slash and have no query, not %q", c.PublicPath)
	}
}

// isPage reports whether an address is a page: an absolute URL, or a path of this host.
func isPage(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || strings.Contains(address, `\`) {
		return false
	}
	return (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" || u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/")
}

func isNilBackend(b Backend) bool {
	f, ok := b.(BackendFunc)
	return b == nil || ok && f == nil
}

func (c Config) checkSecrets(bad report) {
	check := func(name string, s Secret) {
		distinct := map[byte]bool{}
		for i := range len(s) {
			distinct[s[i]] = true
		}
		switch {
		case s == "":
			bad(name, "is missing; "+advice.MakeSecret)
		case len(s) < minSecret:
			bad(name, "must have at least %d bytes, has %d; "+advice.MakeSecret, minSecret, len(s))
		case len(distinct) < 8:
			bad(name, "is not random; "+advice.MakeSecret)
		}
	}
	check("Secret", c.Secret)
	for i, s := range c.OldSecrets {
		check(at("OldSecrets", i), s)
	}
}

func (c Config) checkLogin(bad report) {
	for _, m := range c.LoginMethods {
		if m != LoginByUsername && m != LoginByEmail {
			bad("LoginMethods", "%q is invalid; use %q or %q", m, LoginByUsername, LoginByEmail)
			return // errors that follow from it would only confuse
		}
	}
	if c.LoginOnSignUp != SignUpAndLogin && c.LoginOnSignUp != SignUpOnly {
		bad("LoginOnSignUp", "%q is invalid; use %q or %q", c.LoginOnSignUp, SignUpAndLogin, SignUpOnly)
	}
	uses := []FieldUse{FieldRequired, FieldOptional, FieldOff}
	if !slices.Contains(uses, c.SignUpFields.Username) {
		bad("SignUpFields.Username", "%q is invalid; use one of %q", c.SignUpFields.Username, uses)
	}
	if !slices.Contains(uses, c.SignUpFields.Email) {
		bad("SignUpFields.Email", "%q is invalid; use one of %q", c.SignUpFields.Email, uses)
	}
	canLogIn := slices.Contains(c.LoginMethods, LoginByUsername) && c.SignUpFields.Username == FieldRequired ||
		slices.Contains(c.LoginMethods, LoginByEmail) && c.SignUpFields.Email == FieldRequired
	if !canLogIn {
		bad("SignUpFields", "must require a field of LoginMethods %q, or new users could not log in", c.LoginMethods)
	}
	if c.userType() == nil {
		bad("NewUser", "must return a user; set it with config.Model")
	} else if account := c.NewUser(); account == c.NewUser() {
		bad("NewUser", "must return a new user each time")
	}
}

func (c Config) checkHash(bad report) {
	h := c.Hash
	switch h.Algorithm {
	case "argon2id":
		bad.check([]rule{
			{outside(h.Memory, 8*uint32(h.Threads), 256*1024), "Hash.Memory", "must be between 8 KiB for each thread and 256 MiB"},
			{h.Time > 10, "Hash.Time", "must be at most 10"},
			{h.Threads > 16, "Hash.Threads", "must be at most 16"},
		})
	case "bcrypt":
		bad.check([]rule{{outside(h.Cost, 4, 16), "Hash.Cost", "must be between 10 and 16 for bcrypt"}})
	case "scrypt":
		bad.check([]rule{{outside(h.Cost, 1, 18), "Hash.Cost", "must be 17 or 18 for scrypt"}})
	default:
		bad("Hash.Algorithm", "%q is invalid; use argon2id, bcrypt or scrypt", h.Algorithm)
	}
	bad.check([]rule{
		{!h.InsecureCheapForTests && !h.strongEnough(), "Hash", "Memory, Time or Cost is " + advice.Weak},
		{h.Django && h.Algorithm != "argon2id", "Hash.Django", `needs Algorithm "argon2id": the library writes no other encoding of Django's`},
		{h.Parallel < 1, "Hash.Parallel", "must be at least 1"},
		{h.Wait < 0, "Hash.Wait", "must not be negative"},
	})
}

func (c Config) checkSession(bad report) {
	s := c.Session
	bad.check([]rule{
		{outside(s.Absolute, time.Minute, 400*24*time.Hour), "Session.Absolute", "must be between 1 minute and 400 days"},
		{outside(s.Short, time.Minute, max(time.Minute, s.Absolute)), "Session.Short", "must be between 1 minute and Session.Absolute"},
		{s.Idle < 0 && s.Idle != -1, "Session.Idle", "must be positive, or -1 for no limit"},
		{s.CacheFor < 0 || s.CacheFor > 30*time.Second, "Session.CacheFor", "must be between 0, which turns it off, and 30 seconds"},
		{s.Touch < 0 || s.Idle > 0 && s.Touch >= s.Idle, "Session.Touch", "must be shorter than Session.Idle"},
		{s.Fresh < 0 && s.Fresh != -1, "Session.Fresh", "must be positive, or -1 to always ask for the password"},
		{s.MaxPerUser < 1 && s.MaxPerUser != -1, "Session.MaxPerUser", "must be positive, or -1 for no limit"},
	})
}

var cookieName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

func (c Config) checkCookie(bad report) {
	k := c.Cookie
	if !cookieName.MatchString(k.Name) || strings.HasPrefix(k.Name, "__") {
		bad("Cookie.Name", "use letters, digits and _ . - without a __ prefix, not %q", k.Name)
	}
	for field, name := range sorted(map[string]string{
		"Cookie.Name": k.Name, "JWT.AccessCookie.Name": c.JWT.AccessCookie.Name, "JWT.RefreshCookie.Name": c.JWT.RefreshCookie.Name,
	}) {
		if strings.TrimPrefix(strings.TrimPrefix(name, "__Host-"), "__Secure-") == "device" {
			bad(field, `"device" is the name of another cookie of the library`)
		}
	}
	if !validCookiePath(k.Path) {
		bad("Cookie.Path", "must begin with a slash and have the form of a URL path without parameters, not %q; browsers would not send the cookie back", k.Path)
	}
	if strings.ContainsAny(k.Domain, "; \t/:") {
		bad("Cookie.Domain", "%q is not a domain", k.Domain)
	}
	checkSameSite("Cookie", k.SameSite, k.InsecureHTTP, bad)
	c.checkPartitioned(bad)
}

// checkPartitioned reports settings without which Cookie.Partitioned does not work.
func (c Config) checkPartitioned(bad report) {
	if !c.Cookie.Partitioned {
		return
	}
	if c.Cookie.InsecureHTTP {
		bad("Cookie.Partitioned", "needs Secure, which Cookie.InsecureHTTP turns off; browsers drop such a cookie")
	}
	none := map[string]bool{"Cookie.SameSite": c.Cookie.SameSite == http.SameSiteNoneMode}
	if slices.Contains(c.Login, JSONWebToken) && c.JWT.Transport != InBody {
		none["JWT.AccessCookie.SameSite"] = c.JWT.AccessCookie.SameSite == http.SameSiteNoneMode
		none["JWT.RefreshCookie.SameSite"] = c.JWT.RefreshCookie.SameSite == http.SameSiteNoneMode
	}
	for setting, is := range sorted(none) {
		if !is {
			bad(setting, "must be None with Cookie.Partitioned, because browsers send no other cookie from a page in a frame")
		}
	}
}

// validCookiePath reports whether path can be a prefix of a path that a browser requests.
func validCookiePath(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.Contains(path, "/:") && !strings.ContainsAny(path, ";?#*") &&
		!strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r > '~' })
}

func checkSameSite(cookie string, mode http.SameSite, insecure bool, bad report) {
	setting := cookie + ".SameSite"
	switch mode {
	case http.SameSiteLaxMode, http.SameSiteStrictMode:
	case http.SameSiteNoneMode:
		if insecure {
			bad(setting, "None needs Secure, which Cookie.InsecureHTTP turns off; browsers drop such a cookie")
		}
	default:
		bad(setting, "must be Lax, Strict or None")
	}
}

// withoutOrigin are schemes whose pages send the origin "null", and schemes that no page has.
var withoutOrigin = []string{"about", "blob", "data", "file", "ftp", "javascript", "ws", "wss"}

// ValidOrigin reports whether o is an origin as browsers send it, such as "https://app.example.com".
func ValidOrigin(o string) bool {
	u, err := url.Parse(o)
	return err == nil && u.Scheme != "" && !slices.Contains(withoutOrigin, u.Scheme) && u.Host != "" && o == u.Scheme+"://"+u.Host &&
		!strings.ContainsAny(u.Host, "*@") && asBrowsersSend(u)
}

// asBrowsersSend reports whether browsers send the host of u in this form: without capitals, letters beyond
// ASCII, and the default port.
func asBrowsersSend(u *url.URL) bool {
	ordinary := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	return (ordinary == "" || u.Port() != ordinary) && !strings.HasSuffix(u.Host, ":") &&
		!strings.ContainsFunc(u.Host, func(r rune) bool { return r >= utf8.RuneSelf || unicode.IsUpper(r) })
}

// ParsePrefix parses an entry of TrustedProxies: an IP address or a CIDR range.
func ParsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}
