package dbtest

// Logins by redirect; see noSequenceBreaksTheRules.

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
)

// redirectIDP is an IDP that also exchanges the codes that it has issued, each once.
type redirectIDP struct {
	*socialtest.IDP
	app   *authtest.App
	codes map[string]socialtest.Claims
}

func (i *redirectIDP) forget() { clear(i.codes) }

// grant returns a new code for claims.
func (i *redirectIDP) grant(app *authtest.App, claims socialtest.Claims) string {
	i.app = app
	code := "code-" + rand.Text()
	i.codes[code] = claims
	return code
}

// RoundTrip answers the token endpoint, and leaves all other requests to the IDP.
func (i *redirectIDP) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/token") {
		return i.IDP.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	claims, known := i.codes[form.Get("code")]
	delete(i.codes, form.Get("code"))
	out, status := obj{"error": "invalid_grant"}, http.StatusBadRequest
	if known {
		status, out = http.StatusOK, obj{"access_token": "access-of-acme", "token_type": "Bearer", "expires_in": 3600, "id_token": i.IDToken(i.app, acme(), claims)}
	}
	text, err := json.Marshal(out)
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(string(text))),
	}, err
}

// The verifier and challenge of RFC 7636, appendix B.
const (
	redirectVerifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	redirectChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// throughProvider opens a URL that begins a login by redirect, and returns the page where it ends.
func (p *player) throughProvider(client *authtest.Client, begin string, post bool) (end url.Values, ok bool) {
	r := client.Get(begin)
	at, err := url.Parse(r.Header.Get("Location"))
	if r.StatusCode != 303 || err != nil || at.Host != "login.acme.example" {
		return nil, false
	}
	asked, claims := at.Query(), maps.Clone(p.claims())
	claims["nonce"], claims["auth_time"] = asked.Get("nonce"), p.Clock.Now().Unix()
	query := url.Values{"code": {p.idp.grant(p.App, claims)}, "state": {asked.Get("state")}}
	before := client.Clone()
	callback := func(c *authtest.Client) *authtest.Response {
		if post {
			return c.Post("/auth/acme/callback/", query)
		}
		return c.Get("/auth/acme/callback/?" + query.Encode())
	}
	p.proof, p.byMail = 1, false
	was := client.Clone()
	r = callback(client)
	p.note(client, was, r)
	at, err = url.Parse(r.Header.Get("Location"))
	p.must(err)
	account := who(before.Clone())
	p.once("callback", "it was used", false, func(*authtest.Client) *authtest.Response {
		again := before.Clone()
		query.Set("code", p.idp.grant(p.App, claims)) // the provider answers again
		r := callback(again)
		if strings.Contains(r.Header.Get("Location"), "code=") || who(again) != 0 && account == 0 {
			r.StatusCode = 200
		}
		return r
	})
	return at.Query(), r.StatusCode == 303 && at.Query().Get("error") == ""
}

// exchange sends the code of the page. Without a challenge, the cookie of the browser is the proof.
func (p *player) exchange(client *authtest.Client, end url.Values, challenged bool) *authtest.Response {
	body, before := obj{"code": end.Get("code")}, client.Clone()
	if challenged {
		body["code_verifier"] = redirectVerifier
	}
	r := p.post(client, "socialexchange/", body)
	if r.StatusCode == 200 {
		p.once("code of a redirect", "it was used", false, func(*authtest.Client) *authtest.Response {
			return before.Clone().Post("/auth/socialexchange/", body)
		})
	}
	return r
}

func (p *player) logInByRedirect(s move) bool {
	if !p.connected && !p.connectProvider(s) {
		return false
	}
	client, begin := p.browsers[s.client%2], "/auth/acme/login/?next=/done"
	challenged := s.pick%2 == 0
	if challenged {
		begin += "&code_challenge=" + redirectChallenge
	}
	end, ok := p.throughProvider(client, begin, s.pick%4 == 3)
	if !ok || end.Get("code") == "" {
		return ok
	}
	p.proof = 1
	return p.complete(client, p.exchange(client, end, challenged), s)
}

// beginInSession begins a flow of the logged-in user, and goes through the provider.
func (p *player) beginInSession(client *authtest.Client, path string, body obj) (end url.Values, ok bool) {
	var begun social.Begun
	body["next"], body["code_challenge"] = "/done", redirectChallenge
	r := p.post(client, path, body)
	if r.StatusCode != 200 {
		return nil, false
	}
	if r.JSON(&begun); p.held(client) == nil {
		p.t.Fatalf("%s began a flow without a session: %s", p.name, r.Text)
	}
	end, ok = p.throughProvider(client, begun.URL, false)
	return end, ok && end.Get("code") != ""
}

func (p *player) connectByRedirect(s move) bool {
	if p.connected && !p.disconnect(move{client: s.client % 2}) {
		return false
	}
	p.proof = 0
	client := p.client(move{client: s.client % 2})
	end, ok := p.beginInSession(client, "acme/connect/login/", obj{"password": p.password})
	p.proof = 0
	if !ok || p.exchange(client, end, true).StatusCode != 200 {
		return false
	}
	p.connected = true
	return true
}

// proveProvider logs in at the provider once more, which makes the session recent.
func (p *player) proveProvider(s move) bool {
	client := p.client(move{client: s.client % 2})
	if !p.connected {
		return false
	}
	end, ok := p.beginInSession(client, "acme/reauthenticate/login/", obj{})
	p.proof = 0
	return ok && p.exchange(client, end, true).StatusCode == 200
}
