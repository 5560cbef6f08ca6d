package dbtest

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-contrib/sessions/memstore"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

var checkCases = Group{Name: "check", Cases: []func(*Case){
	checkOfAGoodConfiguration, checkListsErrorsOfNew, checkContinuesAfterErrorsOfNew, checkOfTheSessionStore,
	checkListsWeakeningSettings, checkOfSettings, checkOfRefreshPath, checkOfMissingTables, checkWithoutADatabase, checkContinuesAfterFailures,
	checkOfUsersWithoutKeys, checkOfTheOutbox, checkOfExpiredRows, checkOfTheClock, checkOfSQLite, checkOfThePool,
}}

// checkNew returns the findings of the function Check and the error of New for the same configuration, which may be
// invalid.
func (c *Case) checkNew(change func(*config.Config), features ...core.Feature) ([]ginauth.Finding, error) {
	c.Helper()
	box := &authtest.Mailbox{}
	cfg := authtest.Unmigrated(c.T, c.DB, production, box.Configure).Auth.Config()
	change(&cfg)
	findings := ginauth.Check(context.Background(), c.DB, cfg, features...)
	for _, f := range findings {
		c.printable(f, cfg.Secret)
	}
	_, err := ginauth.New(c.DB, cfg, features...)
	return findings, err
}

// checkListsErrorsOfNew: Check lists all errors of New in New's words, and all risks. A setting with an error is not
// also listed as a risk.
func checkListsErrorsOfNew(c *Case) {
	c.DB = c.open(c.T)
	findings, err := c.checkNew(func(cfg *config.Config) {
		cfg.Secret, cfg.DefaultLocale, cfg.Session.Absolute = "canary", "tlh", 500*24*time.Hour
		cfg.Login, cfg.JWT.Keys = []config.Credential{config.JSONWebToken}, []config.JWTKey{{Secret: "canary"}}
		cfg.TrustedProxies, cfg.OldSecrets = []string{"proxy", "0.0.0.0/0"}, []config.Secret{"canary"}
		cfg.Mail.URLs.Reset, cfg.AllowInactiveHint = "http://localhost/{token}", true
	})
	c.want(findings, "error DefaultLocale", "error JWT.Keys[0]", "error Mail.URLs", "error Mail.URLs.Reset", "error OldSecrets[0]",
		"error Secret", "error Session.Absolute", "error TrustedProxies", "error TrustedProxies", "error auth.Migrate", "warning AllowInactiveHint")
	c.says(findings, "error: Secret: must have at least 32 bytes, has 6; make one with: openssl rand")
	if err == nil {
		c.Fatal("New returned no error")
	}
	refused := 0
	for _, f := range findings {
		if f.Fix == "" {
			refused++
			if !strings.Contains(err.Error(), "config: "+f.Setting+": "+f.Problem) {
				c.Errorf("%s\nbut New says\n%v", f, err)
			}
		}
	}
	if n := strings.Count(err.Error(), "config: "); n != refused || n != 8 {
		c.Errorf("New reports %d settings, Check lists %d: %v", n, refused, err)
	}
}

// checkContinuesAfterErrorsOfNew: when New returns an error, Check still examines everything else.
func checkContinuesAfterErrorsOfNew(c *Case) {
	c.Start(production)
	well := func(*config.Config) {}
	failing := func(*core.Setup) error { return errors.New("no such page") }
	findings, err := c.checkNew(well)
	if c.want(findings); err != nil {
		c.Error(err)
	}
	findings, _ = c.checkNew(well, failing, failing)
	c.want(findings, "error ginauth.New", "error ginauth.New")
	c.says(findings, "error: ginauth.New: no such page")
	findings, _ = c.checkNew(func(cfg *config.Config) {
		cfg.NewUser, cfg.DefaultLocale, cfg.TrustedProxies = config.Model[userLeftOut](), "tlh", nil
	}, failing)
	c.want(findings, "error DefaultLocale", "error NewUser", "note TrustedProxies")
	c.DB = nil
	c.want(ginauth.Check(context.Background(), nil, config.Config{}), "error Secret", "error ginauth.New", "note Audit.Keep", "note Mail.Sender", "note TrustedProxies")
}

func checkOfAGoodConfiguration(c *Case) {
	c.StartMail(production)
	c.SignedUp("ann")
	c.Mail("verify")
	if findings := c.found(c.Auth); findings != nil {
		c.Errorf("found %v", findings)
	}
	c.want(c.check(withEachCredential, byCode, mandatory, func(cfg *config.Config) {
		cfg.TrustedOrigins = []string{"https://app.example.com", "http://localhost:5173"}
		cfg.Cookie.SameSite = http.SameSiteNoneMode
	}))
}

// checkListsWeakeningSettings: Check lists each setting whose name begins with Insecure or Allow, including settings
// that are added later.
func checkListsWeakeningSettings(c *Case) {
	c.Start()
	var walk func(prefix string, typ reflect.Type, index []int)
	walk = func(prefix string, typ reflect.Type, index []int) {
		for i := range typ.NumField() {
			f, at := typ.Field(i), append(slices.Clone(index), i)
			if f.Type.Kind() == reflect.Struct {
				walk(prefix+f.Name+".", f.Type, at)
			}
			if !strings.HasPrefix(f.Name, "Insecure") && !strings.HasPrefix(f.Name, "Allow") {
				continue
			}
			severity := "warning "
			if strings.HasPrefix(f.Name, "Insecure") {
				severity = "error "
			}
			c.want(c.check(withEachCredential, func(cfg *config.Config) {
				cfg.JWT.Transport = config.InCookies
				if field := reflect.ValueOf(cfg).Elem().FieldByIndex(at); field.Kind() == reflect.Bool {
					field.SetBool(true)
				} else {
					field.SetInt(int64(time.Hour)) // a time.Duration
				}
			}), severity+prefix+f.Name)
		}
	}
	walk("", reflect.TypeFor[config.Config](), nil)
}

// checkOfRefreshPath: a path of the refresh cookie must include all routes that read it (RFC 6265, section 5.1.4).
func checkOfRefreshPath(c *Case) {
	c.Start()
	for path, missed := range map[string]string{
		"": "", "/": "", "/auth": "", "/auth/": "", "/auth/token": "/auth/logout", "/auth/token/refresh/": "/auth/logout",
		"/auth/to": "/auth/token/refresh", "/api": "/auth/token/refresh and /auth/logout",
	} {
		for _, transport := range []config.Transport{config.InCookies, config.InBody} {
			box := &authtest.Mailbox{}
			app := authtest.Unmigrated(c.T, c.DB, production, box.Configure, func(cfg *config.Config) {
				cfg.Login = []config.Credential{config.JSONWebToken}
				cfg.JWT.Transport, cfg.JWT.RefreshCookie.Path = transport, path
			})
			c.want(c.found(app.Auth)) // it is not known yet where the routes are
			if err := app.Auth.Register(app.Router); err != nil {
				c.Fatal(err)
			}
			findings := c.found(app.Auth)
			if missed == "" || transport == config.InBody {
				c.want(findings)
				continue
			}
			c.want(findings, "warning JWT.RefreshCookie.Path")
			c.says(findings, missed)
		}
	}
}

func checkOfSettings(c *Case) {
	c.Start()
	for want, change := range map[string]func(*config.Config){
		"error Secret is for tests only":    func(cfg *config.Config) { cfg.Secret = authtest.Secret },
		"warning Secret most 16 random":     func(cfg *config.Config) { cfg.Secret = "8c4f1b7a60d92e53b8f7c4d1a0e9263f" },
		"warning Secret most 31 random":     func(cfg *config.Config) { cfg.Secret = checkedSecret[:42] },
		"note OldSecrets 14 days":           func(cfg *config.Config) { cfg.OldSecrets = []config.Secret{checkedSecret + "canary"} },
		"note Audit.Keep no audit trail":    func(cfg *config.Config) { cfg.Audit = config.Audit{} },
		"note TrustedProxies behind":        func(cfg *config.Config) { cfg.TrustedProxies = nil },
		"note Cookie.SameSite None":         func(cfg *config.Config) { cfg.Cookie.SameSite = http.SameSiteNoneMode },
		"warning TrustedOrigins must be h":  func(cfg *config.Config) { cfg.TrustedOrigins = []string{"http://app.example.com"} },
		"note Session.CacheFor 5s":          func(cfg *config.Config) { cfg.Session.CacheFor = 5 * time.Second },
		"note Session.Absolute 91 days":     func(cfg *config.Config) { cfg.Session.Absolute = 91 * 24 * time.Hour },
		"note SessionStore takes no opt":    func(cfg *config.Config) { cfg.SessionStore = sessions.NewFilesystemStore("", []byte(checkedSecret)) },
		"note Mail.Sender is missing":       func(cfg *config.Config) { cfg.Mail = config.Mail{} },
		"error Mail.Sender to a log":        func(cfg *config.Config) { cfg.Mail.Sender = loggingMailer{} },
		"warning Mail.From reject":          func(cfg *config.Config) { cfg.Mail.From = "Example <no-reply@localhost>" },
		"note EmailVerification to none":    func(cfg *config.Config) { cfg.EmailVerification = config.VerifyNone },
		"error Mail.URLs lead to localhost": func(cfg *config.Config) { cfg.Mail.URLs.Reset = "http://127.0.0.1:8080/{uid}/{token}" },
		"warning JWT.Stateless 5m": func(cfg *config.Config) {
			cfg.Login, cfg.JWT.Stateless = []config.Credential{config.JSONWebToken}, true
		},
		"note JWT.AccessCookie.SameSite None": func(cfg *config.Config) {
			cfg.Login = []config.Credential{config.JSONWebToken}
			cfg.JWT.Transport, cfg.JWT.AccessCookie.SameSite = config.InCookies, http.SameSiteNoneMode
		},
		"warning Mail.Sender panicked": func(cfg *config.Config) { cfg.Mail.Sender = panickingMailer{} },
	} {
		findings := c.check(change)
		parts := strings.SplitN(want, " ", 3)
		c.want(findings, parts[0]+" "+parts[1])
		c.says(findings, parts[2])
	}
	// Settings without effect are not listed.
	c.want(c.check(func(cfg *config.Config) { cfg.JWT.Stateless, cfg.JWT.AllowCookieTokensInBody = true, true }))
	c.want(c.check(func(cfg *config.Config) {
		cfg.Cookie.InsecureHTTP, cfg.AllowInactiveHint, cfg.AllowLogoutOnGet, cfg.TrustedProxies = true, true, true, nil
	}), "error Cookie.InsecureHTTP", "warning AllowInactiveHint", "warning AllowLogoutOnGet", "note TrustedProxies")
}

// ownStore is a session store that the application wraps around another one.
type ownStore struct{ cookie.Store }

// checkOfTheSessionStore: values in a cookie stay in a copy of the cookie after logout. Check says so only to
// applications that store values, or that chose such a store.
func checkOfTheSessionStore(c *Case) {
	c.Start(production)
	key := []byte(checkedSecret)
	stored := func(store config.SessionStore) []ginauth.Finding {
		return c.check(func(cfg *config.Config) { cfg.SessionStore = store })
	}
	c.want(c.check())
	c.want(stored(memstore.NewStore(key)))
	for _, store := range []config.SessionStore{cookie.NewStore(key), ownStore{cookie.NewStore(key)}, &ownStore{cookie.NewStore(key)}} {
		findings := stored(store)
		c.want(findings, "note SessionStore")
		c.says(findings, "2 KB", "after logout", "use a server-side store")
	}
	c.want(stored(sessions.NewCookieStore(key)), "note SessionStore", "note SessionStore") // this store has no options

	box := &authtest.Mailbox{}
	auth := authtest.Unmigrated(c.T, c.DB, production, box.Configure).Auth
	auth.Sessions() // stores values in the default store
	c.want(c.found(auth), "note SessionStore")
	auth = authtest.Unmigrated(c.T, c.DB, production, box.Configure, func(cfg *config.Config) { cfg.SessionStore = memstore.NewStore(key) }).Auth
	auth.Sessions()
	c.want(c.found(auth))
}
