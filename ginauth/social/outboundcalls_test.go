package social_test

// Every request that the library sends to a provider has the same bounds.

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

// watched notes how long each request may take.
type watched struct {
	next http.RoundTripper
	mu   sync.Mutex
	took map[string]time.Duration // by host and path; 0 without a deadline
}

func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	at, _ := r.Context().Deadline()
	w.mu.Lock()
	w.took[r.URL.Host+r.URL.Path] = time.Until(at)
	w.mu.Unlock()
	return w.next.RoundTrip(r)
}

// tokenPaths are the token endpoints of the built-in providers.
var tokenPaths = map[string]string{
	"google": "accounts.google.com/token", "linkedin": "www.linkedin.com/oauth/token", "gitlab": "gitlab.com/token", "slack": "slack.com/token", "twitch": "id.twitch.tv/oauth2/token",
	"microsoft": "login.microsoftonline.com/" + tenant + "/v2.0/token", "github": "github.com/login/oauth/access_token", "facebook": "graph.facebook.com/v23.0/oauth/access_token",
	"x": "api.x.com/2/oauth2/token", "discord": "discord.com/api/oauth2/token", "spotify": "accounts.spotify.com/api/token",
}

// caller is a built-in provider at work, for which every URL answers.
type caller struct {
	builtIn
	idp    *idp
	claims obj
	token  http.HandlerFunc
}

func newCaller(c *dbtest.Case, b builtIn, o social.Options) (*caller, *watched) {
	idp := newIDP(c.T)
	w := &watched{next: idp.Transport(), took: map[string]time.Duration{}}
	b.provider.RedirectURLs = []string{redirect}
	o.Providers, o.Transport = []social.Provider{b.provider}, w
	c.With(social.Feature(o)).StartMail()
	idp.now = c.Clock.Now
	call := &caller{builtIn: b, idp: idp, claims: idp.claims("s1", b.claims)}
	delete(call.claims, "iss")
	if b.issuer != "" {
		idp.openID(b.issuer, b.issuer)
		call.claims["iss"] = b.issuer
	}
	call.token = func(w http.ResponseWriter, _ *http.Request) {
		body := obj{"access_token": "access-x", "token_type": "Bearer", "refresh_token": "refresh-x", "expires_in": 3600}
		if b.issuer != "" {
			body["id_token"] = idp.sign(call.claims)
		}
		writeJSON(w, 200, body)
	}
	call.restore()
	return call, w
}

// restore makes every URL answer as it should.
func (a *caller) restore() {
	a.idp.on(tokenPaths[a.provider.Name], a.token)
	for _, answers := range []map[string]any{a.sends, a.ours} {
		for path, body := range answers {
			a.idp.sends(path, body)
		}
	}
}

// urls are what a login calls after discovery: the token endpoint, and what it reads with an access token.
func (a *caller) urls() []string {
	return slices.Concat([]string{tokenPaths[a.provider.Name]}, slices.Sorted(maps.Keys(a.sends)), slices.Sorted(maps.Keys(a.ours)))
}

// login logs in so that the URL is called.
func (a *caller) login(c *dbtest.Case, path string) *authtest.Response {
	body := obj{"code": "code-x"}
	if a.ours[path] != nil {
		body = obj{"access_token": a.idp.accessToken(a.claims)}
	}
	return c.Client().Post("/auth/"+a.provider.Name+"/", body)
}

// everyCallIsBounded: each URL of each built-in provider can fail in each way. The client gets 503 in time, no redirect is followed, and
// the log has neither a URL nor a token. Without a setting, each request has five seconds (T150).
func everyCallIsBounded(c *dbtest.Case) {
	for _, b := range builtIns() {
		call, w := newCaller(c, b, social.Options{})
		for _, path := range call.urls() {
			for _, name := range slices.Sorted(maps.Keys(faults)) {
				call.idp.on(path, faults[name])
				call.refuse(c, path, name)
			}
			call.restore()
			if r := call.login(c, path); r.StatusCode != 200 {
				c.Errorf("%s: %d %s\n%s", path, r.StatusCode, r.Text, c.Log)
			}
			if took := w.took[path]; took < 2*time.Second || took > 5*time.Second {
				c.Errorf("a request to %s can take %v", path, took)
			}
		}
		if call.idp.requests("internal.example/") != 0 {
			c.Errorf("a redirect of %s was followed", b.provider.Name)
		}
		call, _ = newCaller(c, b, social.Options{Timeout: 50 * time.Millisecond})
		for _, path := range call.urls() {
			for name, fault := range slow {
				call.idp.on(path, fault)
				call.refuse(c, path, name)
			}
			call.restore()
		}
	}
}

func (a *caller) refuse(c *dbtest.Case, path, name string) {
	c.Helper()
	r := a.login(c, path)
	if r.StatusCode != 503 || !strings.Contains(r.Text, "provider_unavailable") || r.Header.Get("Retry-After") == "" {
		c.Errorf("%s %s: %d %s", path, name, r.StatusCode, r.Text)
	}
	if log := c.Log.String(); strings.Contains(log, "access-") || strings.Contains(log, "code-x") || strings.Contains(log, "://") {
		c.Errorf("%s %s: the log says too much:\n%s", path, name, log)
	}
}

// refreshesAreBounded: a refresh fails in each way, and the refresh token remains.
func refreshesAreBounded(c *dbtest.Case) {
	w := &watched{took: map[string]time.Duration{}}
	for _, timeout := range []time.Duration{0, 300 * time.Millisecond} {
		all := faults
		if timeout > 0 {
			all = slow
		}
		o := social.Options{Providers: []social.Provider{acme()}, StoreTokens: true}
		idp := startWith(c, o)
		r := rotates(idp)
		user := me(r.issue(idp, c, "s1")).PK
		w.next = idp.Transport()
		o.Transport, o.Timeout = w, timeout
		restart(c, o)
		handler := idp.others["idp.example/token"]
		c.Clock.Advance(2 * time.Hour)
		for name, fault := range all {
			idp.on("idp.example/token", fault)
			if token, err := social.ProviderToken(c.Context(), c.Auth, user, "acme"); !errors.Is(err, social.ErrUnavailable) || token != nil {
				c.Errorf("%s: %+v, %v", name, token, err)
			}
		}
		idp.on("idp.example/token", handler)
		o.Timeout = 0
		restart(c, o)
		refreshed(c, r, user)
		if took := w.took["idp.example/token"]; timeout == 0 && (took < 2*time.Second || took > 5*time.Second) {
			c.Errorf("a refresh can take %v", took)
		}
		if idp.requests("internal.example/") != 0 {
			c.Error("a redirect was followed")
		}
	}
}

// revocationsAreBounded: a request to revoke a token has five seconds, follows no redirect, and is tried again.
func revocationsAreBounded(c *dbtest.Case) {
	idp := newIDP(c.T)
	w := &watched{next: idp.Transport(), took: map[string]time.Duration{}}
	p := social.Apple(clientID, appleKey(c))
	p.RedirectURLs = []string{redirect}
	c.With(social.Feature(social.Options{Providers: []social.Provider{p}, Transport: w})).StartMail()
	idp.now = c.Clock.Now
	idp.openID(appleHost, appleHost)
	user := me(byApple(c, idp, "s1")).PK
	if err := c.Auth.DeleteUser(c.Context(), user); err != nil {
		c.Fatal(err)
	}
	tries := 0
	for _, name := range []string{"status 500", "status 429", "cut off", "redirect"} {
		idp.on("appleid.apple.com/auth/revoke", faults[name])
		c.Mails()
		tries++
		var waiting models.Delivery
		if c.DB.First(&waiting); waiting.State != models.MailPending || waiting.Tries != tries || waiting.Reason == "" {
			c.Errorf("%s: the delivery is %+v", name, waiting)
		}
		c.Clock.Advance(2 * time.Hour)
	}
	if took := w.took["appleid.apple.com/auth/revoke"]; took < 2*time.Second || took > 5*time.Second || idp.requests("internal.example/") != 0 {
		c.Errorf("a request can take %v, and %d redirects were followed", took, idp.requests("internal.example/"))
	}
	got := revocations(c, idp, 200)
	if c.Mails(); got.Load() != " refresh-s1" {
		c.Errorf("Apple gets %q", got.Load())
	}
}
