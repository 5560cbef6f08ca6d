package social_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

// idp is a fake of every provider: an OpenID provider at https://idp.example, and any other host by on. Every request of the
// application arrives at it, because Transport sends all of them to its server.
type idp struct {
	t      testing.TB
	now    func() time.Time
	server *httptest.Server

	mu     sync.Mutex
	key    crypto.Signer
	kid    string
	codes  map[string]grant
	tokens map[string]obj // claims by access token
	others map[string]http.HandlerFunc
	seen   []string   // "POST host/path"
	forms  url.Values // of the last request to the token endpoint
}

type obj = map[string]any

// grant is an authorization code that the provider has issued.
type grant struct {
	claims    obj
	challenge string // S256 of PKCE; empty without
	redirect  string
}

const (
	issuer   = "https://idp.example"
	clientID = "our-client"
	secret   = "our-client-secret"
)

func newIDP(t testing.TB) *idp {
	p := &idp{t: t, now: time.Now, codes: map[string]grant{}, tokens: map[string]obj{}, others: map[string]http.HandlerFunc{}}
	p.rotate()
	p.server = httptest.NewTLSServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.server.Close)
	return p
}

// Transport sends the requests for all hosts to the fake.
func (p *idp) Transport() http.RoundTripper {
	dialer := &net.Dialer{}
	return &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp", p.server.Listener.Addr().String())
		},
		DisableKeepAlives: true,
	}
}

// rotate replaces the signing key.
func (p *idp) rotate() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key, p.kid = key, "key-"+rand.Text()[:6]
}

// on sets what a host and path answer, such as "api.github.com/user", before the fake's own routes.
func (p *idp) on(path string, answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.others[path] = answer
}

// sends makes a host and path answer with JSON.
func (p *idp) sends(path string, body any) {
	p.on(path, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, body) })
}

// fails makes a host and path answer with a status.
func (p *idp) fails(path string, status int) {
	p.on(path, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// requests counts the requests to a host and path.
func (p *idp) requests(path string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.seen {
		if strings.HasSuffix(one, " "+path) {
			n++
		}
	}
	return n
}

func (p *idp) serve(w http.ResponseWriter, r *http.Request) {
	path := r.Host + r.URL.Path
	p.mu.Lock()
	p.seen = append(p.seen, r.Method+" "+path)
	other := p.others[path]
	p.mu.Unlock()
	switch {
	case other != nil:
		other(w, r)
	case path == "idp.example/.well-known/openid-configuration":
		writeJSON(w, 200, obj{
			"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token", "jwks_uri": issuer + "/keys",
			"userinfo_endpoint": issuer + "/userinfo", "id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"},
		})
	case path == "idp.example/keys":
		p.serveKeys(w)
	case path == "idp.example/token":
		p.serveToken(w, r)
	case path == "idp.example/userinfo":
		p.serveUserInfo(w, r)
	case path == "idp.example/introspect":
		p.serveIntrospection(w, r)
	default:
		w.WriteHeader(404)
	}
}

func (p *idp) serveKeys(w http.ResponseWriter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	alg := "ES256"
	if _, ed := p.key.(ed25519.PrivateKey); ed {
		alg = "EdDSA"
	}
	writeJSON(w, 200, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: p.kid, Algorithm: alg, Use: "sig"}}})
}

// serveToken exchanges a code once, if the client, redirect_uri and code_verifier are right.
func (p *idp) serveToken(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	p.mu.Lock()
	code := r.PostForm.Get("code")
	g, known := p.codes[code]
	delete(p.codes, code)
	p.forms = r.PostForm
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	switch {
	case r.PostForm.Get("client_id") != clientID || r.PostForm.Get("client_secret") != secret:
		writeJSON(w, 401, obj{"error": "invalid_client"})
	case !known, r.PostForm.Get("redirect_uri") != g.redirect, g.challenge != "" && base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge:
		writeJSON(w, 400, obj{"error": "invalid_grant", "error_description": "<script>alert(1)</script>"})
	default:
		out := obj{"access_token": p.accessToken(g.claims), "token_type": "Bearer", "refresh_token": "refresh-" + rand.Text(), "expires_in": 3600}
		if g.claims["iss"] != nil {
			out["id_token"] = p.sign(g.claims)
		}
		writeJSON(w, 200, out)
	}
}

func (p *idp) bearer(r *http.Request) obj {
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokens[token]
}

func (p *idp) serveUserInfo(w http.ResponseWriter, r *http.Request) {
	claims := p.bearer(r)
	if claims == nil {
		writeJSON(w, 401, obj{"error": "invalid_token"})
		return
	}
	writeJSON(w, 200, claims)
}

func (p *idp) serveIntrospection(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	p.mu.Lock()
	defer p.mu.Unlock()
	claims := p.tokens[r.PostForm.Get("token")]
	writeJSON(w, 200, obj{"active": claims != nil, "client_id": claims["aud"]})
}

// claims returns the claims of an ID token for the application, changed by more. A nil value removes a claim.
func (p *idp) claims(subject string, more ...obj) obj {
	out := obj{"iss": issuer, "aud": clientID, "sub": subject, "iat": p.now().Unix(), "exp": p.now().Add(time.Hour).Unix()}
	for _, m := range more {
		maps.Copy(out, m)
	}
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil })
	return out
}

// idToken returns a signed ID token.
func (p *idp) idToken(subject string, more ...obj) string { return p.sign(p.claims(subject, more...)) }

func (p *idp) sign(claims obj) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var how jwt.SigningMethod = jwt.SigningMethodES256
	if _, ed := p.key.(ed25519.PrivateKey); ed {
		how = jwt.SigningMethodEdDSA
	}
	return signed(p.t, how, p.kid, p.key, claims)
}

func signed(t testing.TB, how jwt.SigningMethod, kid string, key any, claims obj) string {
	token := jwt.NewWithClaims(how, jwt.MapClaims(claims))
	token.Header["kid"] = kid
	out, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// accessToken returns an access token for a user.
func (p *idp) accessToken(claims obj) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	token := "access-" + rand.Text()
	p.tokens[token] = claims
	return token
}

// code returns an authorization code for a user.
func (p *idp) code(g grant) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	code := "code-" + rand.Text()
	p.codes[code] = g
	return code
}
