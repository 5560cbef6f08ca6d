package dbtest_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	ginredis "github.com/gin-contrib/sessions/redis"
	"github.com/redis/go-redis/v9"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"
	"github.com/ginauth/gin-rest-auth/ginauth/redislimit"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// troubles are the states that a network goes through, each followed by a healthy one. The cuts are in different places of an exchange.
var troubles = []struct {
	name  string
	state trouble
	bytes int
}{
	{"refused", refused, 0}, {"black hole", blackHole, 0}, {"cut at once", cut, 0}, {"cut after 1 byte", cut, 1}, {"cut after 30 bytes", cut, 30},
	{"cut after 200 bytes", cut, 200}, {"cut after 700 bytes", cut, 700}, {"cut after 2,000 bytes", cut, 2000},
}

// soon sends a request, which must be answered within 10 seconds.
func soon(t *testing.T, what string, send func() *authtest.Response) *authtest.Response {
	t.Helper()
	began := time.Now()
	r := send()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("%s was answered after %s", what, took)
	}
	return r
}

// TestDatabaseNetwork: while the network to the database is broken, each flow is answered 503, or as always if its statements came through.
// No request gets in that should not, nothing is half done, and all works when the network is back.
func TestDatabaseNetwork(t *testing.T) {
	t.Parallel()
	for name, open := range proxiedDatabases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			direct, db, p := open(t)
			box := &authtest.Mailbox{}
			app := authtest.New(t, db, box.Configure, func(cfg *config.Config) {
				cfg.Timeout, cfg.Mail.MaxPerHour = 2*time.Second, -1
				cfg.Login = []config.Credential{config.SessionCookie, config.JSONWebToken}
			})
			ann := app.Client(t)
			ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
			for i, trouble := range troubles {
				p.set(trouble.state, trouble.bytes)
				playBroken(t, app, trouble.name, ann, fmt.Sprint("user", i))
				p.set(healthy, 0)
				back(t, trouble.name, ann)
				app.Client(t).Post("/auth/login/", authtest.Login("ann")).Want(200)
				whole(t, direct)
			}
			if mails := app.Mails(t, box); len(mails) == 0 {
				t.Error("no mail came in the end")
			}
		})
	}
}

// playBroken plays all flows at the same time while the network is broken.
func playBroken(t *testing.T, app *authtest.App, trouble string, ann *authtest.Client, name string) {
	t.Helper()
	flows := map[string]func(*authtest.Client) *authtest.Response{
		"GET user/": func(b *authtest.Client) *authtest.Response { return b.Get("/auth/user/") },
		"login":     func(b *authtest.Client) *authtest.Response { return b.Post("/auth/login/", authtest.Login("ann")) },
		"registration": func(b *authtest.Client) *authtest.Response {
			return b.Post("/auth/registration/", authtest.SignUp(name))
		},
		"reset": func(b *authtest.Client) *authtest.Response {
			return b.Post("/auth/password/reset/", map[string]string{"email": "ann@example.com"})
		},
		"refresh": func(b *authtest.Client) *authtest.Response {
			return b.Post("/auth/token/refresh/", map[string]string{"refresh": "grt_wrong"})
		},
		"wrong login": func(b *authtest.Client) *authtest.Response {
			return b.Post("/auth/login/", map[string]string{"username": "ann", "password": "wrong"})
		},
		"forged cookie": func(b *authtest.Client) *authtest.Response {
			b.Cookies["__Host-session"] += "x"
			return b.Get("/auth/user/")
		},
	}
	want := map[string][]int{"registration": {201}, "refresh": {401}, "wrong login": {400}, "forged cookie": {401}}
	var all sync.WaitGroup
	for flow, send := range flows {
		browser := ann.Clone()
		switch flow {
		case "login", "wrong login", "registration":
			browser = app.Client(t)
		}
		all.Go(func() {
			what := flow + ", " + trouble
			r := soon(t, what, func() *authtest.Response { return send(browser) })
			good := append([]int{503}, want[flow]...)
			if want[flow] == nil {
				good = append(good, 200)
			}
			if !slices.Contains(good, r.StatusCode) || r.StatusCode == 503 && len(r.Cookies()) > 0 {
				t.Errorf("%s: %d %s %v", what, r.StatusCode, r.Text, r.Cookies())
			}
		})
	}
	all.Wait()
}

// back wants the service back. Pools may have up to 16 dead connections, which pgx and redigo find only by using them.
func back(t *testing.T, trouble string, ann *authtest.Client) {
	t.Helper()
	status := 0
	for range 17 {
		status = soon(t, "a request after "+trouble, func() *authtest.Response { return ann.Clone().Get("/auth/user/") }).StatusCode
		if status != 503 {
			break
		}
	}
	if status != 200 {
		t.Errorf("after %s: %d", trouble, status)
	}
}

// whole fails the test if a user lacks an address or a mail, or the other way round.
func whole(t *testing.T, db *gorm.DB) {
	t.Helper()
	var users, addresses, mails int64
	for model, n := range map[any]*int64{&models.User{}: &users, &models.Email{}: &addresses} {
		if err := db.Model(model).Count(n).Error; err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Model(&models.OutboxMail{}).Where("kind = ?", "verify").Count(&mails).Error; err != nil {
		t.Fatal(err)
	}
	if users != addresses || users != mails {
		t.Errorf("%d users, %d addresses, %d mails", users, addresses, mails)
	}
}

// TestLimitsNetwork: while the network to the Redis of the limits is broken, logins work, and wrong ones are still limited.
func TestLimitsNetwork(t *testing.T) {
	t.Parallel()
	p := startProxy(t, testdb.DSN(t, "GINAUTH_TEST_REDIS"))
	client := redis.NewClient(&redis.Options{Addr: p.Addr().String()})
	t.Cleanup(func() { _ = client.Close() })
	store := redislimit.New(client, redislimit.Options{Prefix: testdb.Fresh() + ":"})
	app := authtest.New(t, testdb.SQLite(t), func(cfg *config.Config) { cfg.Limits = config.Limits{Store: store} })
	for i, trouble := range troubles {
		name := fmt.Sprint("user", i)
		app.Client(t).Post("/auth/registration/", authtest.SignUp(name)).Want(201)
		p.set(trouble.state, trouble.bytes)
		soon(t, "a login, "+trouble.name, func() *authtest.Response { return app.Client(t).Post("/auth/login/", authtest.Login(name)) }).Want(200)
		limited := false
		for range 15 {
			r := soon(t, "a wrong login, "+trouble.name, func() *authtest.Response {
				return app.Client(t).Post("/auth/login/", map[string]string{"username": name, "password": "wrong"})
			})
			limited = limited || r.StatusCode == 429
			if r.StatusCode != 400 && r.StatusCode != 429 {
				t.Errorf("%s: %d %s", trouble.name, r.StatusCode, r.Text)
			}
		}
		if !limited {
			t.Errorf("%s: wrong logins are not limited", trouble.name)
		}
		p.set(healthy, 0)
		app.Clock.Advance(2 * time.Hour)
	}
	if !strings.Contains(app.Log.String(), "the store of limits failed") {
		t.Error("the failure is not logged")
	}
}

// TestSessionsNetwork: while the network to the Redis of the sessions is broken, users are neither logged in nor logged out.
func TestSessionsNetwork(t *testing.T) {
	t.Parallel()
	p := startProxy(t, testdb.DSN(t, "GINAUTH_TEST_REDIS"))
	store, err := ginredis.NewStore(4, "tcp", p.Addr().String(), "", "", storeKey)
	if err != nil {
		t.Fatal(err)
	}
	app := authtest.New(t, testdb.SQLite(t), func(cfg *config.Config) { cfg.SessionStore, cfg.Timeout = store, time.Second })
	ann := app.Client(t)
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	for _, trouble := range troubles {
		p.set(trouble.state, trouble.bytes)
		for what, send := range map[string]func() *authtest.Response{
			"GET user/": func() *authtest.Response { return ann.Clone().Get("/auth/user/") },
			"login":     func() *authtest.Response { return app.Client(t).Post("/auth/login/", authtest.Login("ann")) },
		} {
			r := soon(t, what, send)
			if r.StatusCode != 503 && r.StatusCode != 200 || r.StatusCode == 503 && len(r.Cookies()) > 0 {
				t.Errorf("%s, %s: %d %s", what, trouble.name, r.StatusCode, r.Text)
			}
		}
		p.set(healthy, 0)
		back(t, trouble.name, ann)
	}
}

// TestProviderNetwork: while the network to a provider is broken, no user is logged in or signed up by it.
func TestProviderNetwork(t *testing.T) {
	t.Parallel()
	idp := socialtest.New(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Host = r.Host
		answer, err := idp.RoundTrip(r)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = answer.Body.Close() }()
		w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}))
	t.Cleanup(server.Close)
	for i, trouble := range troubles { // each with an application that does not know the keys yet
		p := startProxy(t, server.Listener.Addr().String())
		plain := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, p.Addr().String())
		}}
		acme := social.OIDC("acme", "https://login.acme.example", "our-client", "our-secret")
		app := authtest.With(social.Feature(social.Options{Providers: []social.Provider{acme}, Transport: toHTTP{plain}})).New(t, testdb.SQLite(t))
		login := func() *authtest.Response {
			claims := socialtest.Claims{"sub": fmt.Sprint(i), "email": "ann@acme.example", "email_verified": true}
			return app.Client(t).Post("/auth/acme/", map[string]string{"id_token": idp.IDToken(app, acme, claims)})
		}
		p.set(trouble.state, trouble.bytes)
		r := soon(t, "a login by a provider, "+trouble.name, login)
		if r.StatusCode == 200 && trouble.bytes < 700 || r.StatusCode != 200 && (r.StatusCode != 503 || len(r.Cookies()) > 0) {
			t.Errorf("%s: %d %s", trouble.name, r.StatusCode, r.Text)
		}
		p.set(healthy, 0)
		status := 0
		for range 3 {
			if status = login().StatusCode; status == 200 {
				break
			}
			app.Clock.Advance(time.Minute)
		}
		if status != 200 {
			t.Errorf("after %s: %d; log: %s", trouble.name, status, app.Log)
		}
	}
}

// toHTTP sends requests for https without TLS.
type toHTTP struct{ http.RoundTripper }

func (h toHTTP) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host, r.URL.Scheme = r.URL.Host, "http"
	return h.RoundTripper.RoundTrip(r)
}
