package dbtest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// Cases of several credentials, or several Auths, on one request.
var mixedCases = []func(*Case){
	TwoAuthsDoNotBelieveEachOther, RefreshCannotLogABrowserIn, LogoutIsNotForOtherSites, PlantedTokenCookiesDoNotWin,
	LoginEndsWhatTokenCookiesName, PasswordChangeRotatesCookies, ClaimsThatFailSpendNothing, ClaimsMayAskTheDatabase, IdleIsThatOfTheCredential,
}

// TwoAuthsDoNotBelieveEachOther: who one Auth let in is nobody to another.
func TwoAuthsDoNotBelieveEachOther(c *Case) {
	c.start()
	customers := c.App
	mallory := c.signedUp("mallory")
	staff := authtest.New(c.T, c.open(c.T), func(cfg *config.Config) { cfg.Cookie.Name = "staff" })
	root := authtest.NewClient(c.T, staff.Router)
	root.Post("/auth/registration/", authtest.SignUp("root")).Want(201)
	customers.Router.GET("/admin", customers.Auth.OptionalUser(), staff.Auth.RequireUser(), func(g *gin.Context) {
		g.String(200, ginauth.User(g).Username)
	})
	mallory.Get("/admin").WantCode(401, binding.CodeNotAuthenticated)
	mallory.Cookies["__Host-staff"] = root.Cookies["__Host-staff"]
	if r := mallory.Get("/admin").Want(200); r.Text != "root" {
		c.Errorf("the staff's guard let in %q", r.Text)
	}
}

var foreignForm = []string{
	"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example", "Content-Type", "application/x-www-form-urlencoded",
}

// RefreshCannotLogABrowserIn covers T058: a foreign page posts its own refresh token.
func RefreshCannotLogABrowserIn(c *Case) {
	c.start(withJWTCookies, func(cfg *config.Config) { cfg.JWT.AllowCookieTokensInBody = true })
	c.client().Post("/auth/registration/", authtest.SignUp("eve")).Want(201)
	victim := c.client()
	victim.Do("POST", "/auth/token/refresh/", "refresh="+c.pairOf("eve").Refresh, foreignForm...).WantCode(403, binding.CodeCrossSite)
	if len(victim.Cookies) != 0 {
		c.Errorf("cookies %v", victim.Cookies)
	}
}

// LogoutIsNotForOtherSites: not even where the browser held the cookies back, and would
// take their deletion.
func LogoutIsNotForOtherSites(c *Case) {
	for _, with := range []func(*config.Config){withJWTCookies, func(*config.Config) {}} {
		c.start(with)
		if r := c.client().Do("POST", "/auth/logout/", "", foreignForm...).WantCode(403, binding.CodeCrossSite); len(r.Cookies()) != 0 {
			c.Errorf("cookies %v", r.Cookies())
		}
	}
	c.start(withJWT) // nothing is ambient
	c.client().Do("POST", "/auth/logout/", "", foreignForm...).Want(200)
}

// PlantedTokenCookiesDoNotWin covers T045 for names without a prefix.
func PlantedTokenCookiesDoNotWin(c *Case) {
	c.start(func(cfg *config.Config) {
		withEverything(cfg)
		cfg.JWT.Transport = config.InCookies
	})
	victim, mallory := c.signedUp("victim"), c.signedUp("mallory")
	planted, own := "access="+mallory.Cookies["access"], "access="+victim.Cookies["access"]
	session := "__Host-session=" + victim.Cookies["__Host-session"]
	for cookies, want := range map[string]string{
		planted + "; " + session: "victim", own + "; " + session: "victim", own: "victim", planted + "; " + own: "", own + "; " + planted: "",
	} {
		r := c.client().Do("GET", "/auth/user/", nil, "Cookie", cookies)
		var u binding.User
		if r.StatusCode == 200 {
			r.JSON(&u)
		}
		if u.Username != want {
			c.Errorf("%s answers as %q, want %q", cookies[:12], u.Username, want)
		}
	}
	twins := "refresh=" + mallory.Cookies["refresh"] + "; refresh=" + victim.Cookies["refresh"]
	c.client().Do("POST", "/auth/token/refresh/", nil, "Cookie", twins).WantCode(401, binding.CodeInvalidToken)
}

// LoginEndsWhatTokenCookiesName: a browser that logs in anew leaves nothing behind.
func LoginEndsWhatTokenCookiesName(c *Case) {
	c.start(withJWTCookies)
	ann := c.signedUp("ann")
	before := ann.Clone()
	ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
	before.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	before.Post("/auth/token/refresh/", nil).WantCode(401, binding.CodeInvalidToken)
	if n := c.count(&models.Session{}); n != 1 {
		c.Errorf("%d sessions", n)
	}
}

// PasswordChangeRotatesCookies covers T038: copies of the cookies of the browser that
// changes the password end with it, whichever of its cookies said who it is.
func PasswordChangeRotatesCookies(c *Case) {
	c.start(func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie, config.JSONWebToken}
		cfg.JWT.Transport = config.InCookies
	})
	ann := c.signedUp("ann")
	session, refresh := c.client(), c.client()
	session.Cookies["__Host-session"], refresh.Cookies["refresh"] = ann.Cookies["__Host-session"], ann.Cookies["refresh"]
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	session.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	refresh.Post("/auth/token/refresh/", nil).WantCode(401, binding.CodeInvalidToken)
	ann.Get("/auth/user/").Want(200)
	ann.Post("/auth/token/refresh/", nil).Want(200)
}

// ClaimsThatFailSpendNothing: while claims cannot be had, a refresh is 503, and its token
// is good afterwards, however long it took. Who signs up then is stored, and has no session.
func ClaimsThatFailSpendNothing(c *Case) {
	var fails atomic.Bool
	c.start(withJWT, func(cfg *config.Config) {
		cfg.JWT.Claims = func(context.Context, models.Account) (map[string]any, error) {
			if fails.Load() {
				return nil, errors.New("the claims are elsewhere")
			}
			return nil, nil
		}
	})
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.pairOf("ann")
	fails.Store(true)
	c.refresh(p.Refresh).WantCode(503, binding.CodeUnavailable)
	sessions := c.count(&models.Session{})
	c.client().Post("/auth/registration/", authtest.SignUp("bob")).WantCode(503, binding.CodeUnavailable)
	if n := c.count(&models.Session{}); n != sessions {
		c.Errorf("%d sessions of nobody", n-sessions)
	}
	c.Clock.Advance(time.Minute)
	fails.Store(false)
	c.refreshed(p.Refresh)
	c.loggedIn("bob")
}

// ClaimsMayAskTheDatabase: also of a new user, and with a single connection.
func ClaimsMayAskTheDatabase(c *Case) {
	c.start(withJWT, func(cfg *config.Config) {
		cfg.JWT.Claims = func(ctx context.Context, user models.Account) (map[string]any, error) {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			var row models.User
			err := c.DB.WithContext(ctx).First(&row, user.Base().ID).Error
			return map[string]any{"name": row.Username}, err
		}
	})
	pool, err := c.DB.DB()
	if err != nil {
		c.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	var p binding.LoginResponse
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&p)
	if name := payload(p.Access)["name"]; name != "ann" {
		c.Errorf("the claims had %v", name)
	}
	c.loggedIn("ann")
}

// IdleIsThatOfTheCredential: a long-lived refresh token does not stretch the cookie.
func IdleIsThatOfTheCredential(c *Case) {
	c.start(withEverything, func(cfg *config.Config) { cfg.Session.Idle = 15 * time.Minute })
	ann := c.signedUp("ann")
	var out binding.LoginResponse
	c.client().Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&out)
	c.Clock.Advance(15 * time.Minute)
	ann.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	c.byToken(out.Key).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	c.refreshed(out.Refresh)
}
