package social_test

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

// faults are the ways in which a provider fails.
var faults = map[string]http.HandlerFunc{
	"status 500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
	"status 429": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) },
	"no JSON":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
	"empty":      func(http.ResponseWriter, *http.Request) {},
	"cut off":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"redirect": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://internal.example/", http.StatusTemporaryRedirect)
	},
	"too large": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"sub": "s1", "keys": [], "access_token": "` + strings.Repeat("x", 1<<20) + `"}`))
	},
}

// slow are faults that only end with the time-out.
var slow = map[string]http.HandlerFunc{
	"too slow":      wait,
	"too slow body": func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush(); wait(w, r) },
}

// wait returns when the client has disconnected. The server notices that once the body was read.
func wait(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// failingProvidersAre503: whatever a provider does wrong, the client gets a clear code in time, and the next login works
// (T149, T150).
func failingProvidersAre503(c *dbtest.Case) {
	for _, path := range []string{"/.well-known/openid-configuration", "/keys", "/token", "/userinfo", "/introspect"} {
		idp := startWith(c, social.Options{Providers: []social.Provider{acme()}})
		for name, fault := range faults {
			fails(c, idp, path, name, fault)
			if path != "/.well-known/openid-configuration" { // which is read once
				settled(c, idp, path, http.StatusBadRequest, http.StatusServiceUnavailable).Want(200)
			}
		}
		settled(c, idp, path, http.StatusBadRequest, http.StatusServiceUnavailable).Want(200)
		if idp.requests("internal.example/") != 0 {
			c.Error("a redirect was followed")
		}
		idp = startWith(c, social.Options{Providers: []social.Provider{acme()}, Timeout: 300 * time.Millisecond})
		for name, fault := range slow {
			fails(c, idp, path, name, fault)
		}
	}
}

// settled logs in, and again if the keys are not read yet: for a moment, go-oidc hands out the result of the read before.
func settled(c *dbtest.Case, idp *idp, path string, stale ...int) *authtest.Response {
	r := provenAt(c, idp, path)
	for i := 0; path == "/keys" && i < 100 && slices.Contains(stale, r.StatusCode); i++ {
		r = provenAt(c, idp, path)
	}
	return r
}

// fails sends a login while a URL of the provider has a fault.
func fails(c *dbtest.Case, idp *idp, path, name string, fault http.HandlerFunc) {
	if path == "/keys" {
		idp.rotate() // otherwise they are not read again
	}
	idp.on("idp.example"+path, fault)
	defer idp.on("idp.example"+path, nil)
	r := settled(c, idp, path, http.StatusBadRequest)
	if r.StatusCode != 503 || !strings.Contains(r.Text, "provider_unavailable") || r.Header.Get("Retry-After") == "" || strings.Contains(r.Text, "idp.example") {
		c.Errorf("%s %s: %d %s", path, name, r.StatusCode, r.Text)
	}
	if log := c.Log.String(); strings.Contains(log, "access-") || strings.Contains(log, "code-") || strings.Contains(log, "://") {
		c.Errorf("the log says too much:\n%s", log)
	}
}

// provenAt sends a login for which the library asks a URL of the provider.
func provenAt(c *dbtest.Case, idp *idp, path string) *authtest.Response {
	claims, body := idp.claims("s1", obj{"jti": rand.Text()}), obj{}
	switch path {
	case "/token":
		body["code"] = idp.code(grant{claims: claims, redirect: redirect})
	case "/userinfo", "/introspect":
		body["access_token"] = idp.accessToken(claims)
	default:
		body["id_token"] = idp.sign(claims)
	}
	_, r := enter(c, body)
	return r
}

// deadProvidersAre503: the provider's server does not answer at all. Logging in with a password works.
func deadProvidersAre503(c *dbtest.Case) {
	idp := start(c, acme())
	c.SignedUp("ann")
	body := obj{"id_token": idp.idToken("s1")}
	idp.server.Close()
	_, r := enter(c, body)
	r.WantCode(503, "provider_unavailable")
	c.LoggedIn("ann")
}

// discoveryIsNotBelieved: a discovery document cannot send secrets over plain http, name another issuer, or allow other signatures.
func discoveryIsNotBelieved(c *dbtest.Case) {
	for _, more := range []obj{{"issuer": "https://evil.example"}, {"token_endpoint": "http://idp.example/token"}, {"jwks_uri": "http://idp.example/keys"}, {"jwks_uri": ":"}} {
		idp := start(c, acme())
		doc := obj{
			"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token", "jwks_uri": issuer + "/keys",
			"userinfo_endpoint": issuer + "/userinfo",
		}
		for k, v := range more {
			doc[k] = v
		}
		idp.sends("idp.example/.well-known/openid-configuration", doc)
		_, r := enter(c, obj{"id_token": idp.idToken("s1")})
		r.WantCode(503, "provider_unavailable")
		if idp.requests("idp.example/keys") != 0 {
			c.Errorf("%v: its keys were read", more)
		}
	}
}

// liarsAreRefused: a provider says 200 and means no (T144).
func liarsAreRefused(c *dbtest.Case) {
	idp := start(c, acme())
	for name, body := range map[string]any{
		"an error": obj{"error": "invalid_token"}, "no subject": obj{"email": "ann@example.com"}, "null": nil, "a list": []any{}, "a number": obj{"sub": 1},
	} {
		idp.sends("idp.example/userinfo", body)
		if _, r := enter(c, obj{"access_token": idp.accessToken(idp.claims("s1"))}); r.StatusCode != 400 {
			c.Errorf("%s: %d %s", name, r.StatusCode, r.Text)
		}
	}
	for name, body := range map[string]any{
		"an error": obj{"error": "invalid_grant"}, "no ID token": obj{"access_token": "x", "token_type": "Bearer"},
		"an ID token of another application": obj{"access_token": "x", "id_token": idp.idToken("s1", obj{"aud": "another-app"})},
		"an ID token that is no text":        obj{"access_token": "x", "id_token": 1},
	} {
		idp.sends("idp.example/token", body)
		if _, r := enter(c, obj{"code": "x"}); r.StatusCode != 400 {
			c.Errorf("%s: %d %s", name, r.StatusCode, r.Text)
		}
	}
	for name, body := range map[string]any{
		"not active": obj{"active": false, "client_id": clientID}, "active as text": obj{"active": "true", "client_id": clientID}, "no client": obj{"active": true},
		"another client": obj{"active": true, "client_id": "another-app"}, "an error": obj{"error": "x"},
	} {
		idp.sends("idp.example/introspect", body)
		if _, r := enter(c, obj{"access_token": idp.accessToken(idp.claims("s1"))}); r.StatusCode != 400 {
			c.Errorf("%s: %d %s", name, r.StatusCode, r.Text)
		}
	}
	if n := count(c, &models.User{}); n != 0 {
		c.Errorf("there are %d users", n)
	}
}

// textsOfProvidersAreNotRepeated: a provider's error text reaches neither the client nor the log (T156).
func textsOfProvidersAreNotRepeated(c *dbtest.Case) {
	idp := start(c, acme())
	_, r := enter(c, obj{"code": "unknown"})
	r.WantProblems("non_field_errors social_code_not_valid")
	if strings.Contains(r.Text+c.Log.String(), "script") {
		c.Errorf("%s\n%s", r.Text, c.Log)
	}
	_ = idp
}

// uncheckedAccessTokensAreRefused: without CheckToken, an access token could be that of any other application (T139).
func uncheckedAccessTokensAreRefused(c *dbtest.Case) {
	idp := start(c, acme(func(p *social.Provider) { p.CheckToken = nil }))
	token := idp.accessToken(idp.claims("s1"))
	_, r := enter(c, obj{"access_token": token})
	r.WantProblems("non_field_errors social_token_unchecked")
	entered(c, idp, "s1")
	idp = start(c, acme(func(p *social.Provider) { p.CheckToken, p.AllowUncheckedAccessToken = nil, true }))
	_, r = enter(c, obj{"access_token": idp.accessToken(idp.claims("s1"))})
	r.Want(200)
}

// plainOAuth2LogsIn: a provider without ID tokens needs a function alone.
func plainOAuth2LogsIn(c *dbtest.Case) {
	p := acme()
	p.Issuer, p.Endpoint.AuthURL, p.Endpoint.TokenURL = "", issuer+"/authorize", issuer+"/token"
	p.User = func(ctx context.Context, api *social.API) (social.Profile, error) {
		var user struct{ Sub, Email string }
		err := api.Get(ctx, issuer+"/userinfo", &user)
		return social.Profile{Subject: user.Sub, Email: user.Email, EmailVerified: true}, err
	}
	idp := start(c, p)
	_, r := enter(c, obj{"code": idp.code(grant{claims: obj{"sub": "s1", "email": "ann@example.com"}, redirect: redirect})})
	r.Want(200)
	_, r = enter(c, obj{"access_token": idp.accessToken(obj{"sub": "s1", "aud": clientID}), "id_token": "ignored"})
	r.Want(200)
	_, r = enter(c, obj{"id_token": idp.idToken("s1")})
	r.WantProblems("non_field_errors social_input")
	var kept models.Identity
	if err := c.DB.First(&kept).Error; err != nil || !strings.Contains(kept.Profile, `"sub"`) || count(c, &models.User{}) != 1 {
		c.Errorf("the identity is %+v, %v", kept, err)
	}
}
