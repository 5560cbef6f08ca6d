// Package socialtest logs users in by an identity provider in tests. Its [IDP] takes the place of every provider of OpenID
// Connect: Google, Apple, your company's Keycloak. It is in memory, and no request leaves the test:
//
//	google := social.Google("client-id", "client-secret")
//	idp := socialtest.New(t)
//	app := authtest.With(idp.Feature(google)).New(t, memory.Open(t))
//	ann := idp.Login(app, google, socialtest.Claims{"sub": "1", "email": "ann@gmail.com", "email_verified": true})
//	ann.Get("/auth/user/").Want(200)
//
// The login sends an ID token to the route of the provider, so all rules for accounts and addresses apply.
package socialtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
)

// Claims are the claims of an ID token. "sub", the permanent ID of the account, is required.
type Claims map[string]any

// IDP is in the place of every provider of OpenID Connect. It is an http.RoundTripper for social.Options.Transport, and safe
// for concurrent use.
type IDP struct {
	t   testing.TB
	key *ecdsa.PrivateKey
}

// New returns an IDP with a new key.
func New(t testing.TB) *IDP {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &IDP{t, key}
}

// Feature returns the feature of package social with these providers, whose requests go to the IDP. To test other options,
// pass your [social.Options] to social.Feature, with the IDP as Transport.
func (p *IDP) Feature(providers ...social.Provider) core.Feature {
	return social.Feature(social.Options{Providers: providers, Transport: p})
}

// Login logs in with an account of a provider, and returns the client. The provider must be of OpenID Connect; for one that is not,
// such as GitHub, give the App an [social.OIDC] with the same name. The test ends if the login is refused, and if the user
// has a second factor: then send an [IDP.IDToken] yourself.
func (p *IDP) Login(app *authtest.App, provider social.Provider, claims Claims) *authtest.Client {
	p.t.Helper()
	browser := app.Client(p.t)
	r := browser.Post(core.Of(app.Auth).Base()+"/"+provider.Name+"/", map[string]string{"id_token": p.IDToken(app, provider, claims)}).Want(http.StatusOK)
	var out struct {
		Asked   bool `json:"mfa_required"`
		Unready bool `json:"signup_required"`
	}
	switch r.JSON(&out); {
	case out.Asked:
		p.t.Fatal("the user has a second factor: send IDToken yourself, and then a code")
	case out.Unready:
		p.t.Fatalf("the sign-up is not complete, use SignUp: %s", r.Text)
	}
	return browser
}

// SignUp is Login for a new user whose sign-up the front end completes: form is the body of POST socialsignup/, without the ticket.
func (p *IDP) SignUp(app *authtest.App, provider social.Provider, claims Claims, form map[string]any) *authtest.Client {
	p.t.Helper()
	browser, base := app.Client(p.t), core.Of(app.Auth).Base()
	var out social.SignUpRequired
	browser.Post(base+"/"+provider.Name+"/", map[string]string{"id_token": p.IDToken(app, provider, claims)}).Want(http.StatusOK).JSON(&out)
	if !out.SignUpRequired {
		p.t.Fatal("the login does not ask to complete a sign-up: use Login")
	}
	body := map[string]any{"ticket": out.Ticket}
	maps.Copy(body, form)
	browser.Post(base+"/socialsignup/", body).Want(http.StatusCreated)
	return browser
}

// IDToken returns an ID token that the provider issues to the application now: the body of its route is {"id_token": "..."}.
// A token is valid once. claims add to iss, aud, iat, exp and jti, or replace them. A nil value removes one.
func (p *IDP) IDToken(app *authtest.App, provider social.Provider, claims Claims) string {
	p.t.Helper()
	if provider.Issuer == "" {
		p.t.Fatalf("%s is not a provider of OpenID Connect: use social.OIDC with its name in the test", provider.Name)
	}
	now := app.Auth.Config().Now()
	all := jwt.MapClaims{"iss": provider.Issuer, "aud": provider.ClientID, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "jti": rand.Text()}
	maps.Copy(all, jwt.MapClaims(claims))
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	out, err := jwt.NewWithClaims(jwt.SigningMethodES256, all).SignedString(p.key)
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

// RoundTrip answers requests for discovery documents and keys, of any host, and nothing else.
func (p *IDP) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	const discovery, keys = "/.well-known/openid-configuration", "/keys-of-socialtest"
	switch path, isDiscovery := strings.CutSuffix(r.URL.Path, discovery); {
	case isDiscovery:
		issuer := "https://" + r.URL.Host + path
		p.write(w, map[string]any{
			"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token", "jwks_uri": issuer + keys,
			"id_token_signing_alg_values_supported": []string{"ES256"},
		})
	case strings.HasSuffix(r.URL.Path, keys):
		p.write(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), Algorithm: "ES256", Use: "sig"}}})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
	return w.Result(), nil
}

func (p *IDP) write(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		p.t.Error(err)
	}
}
