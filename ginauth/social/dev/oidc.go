package dev

// OpenID Connect: discovery, keys, the page, and codes.

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"

	"github.com/ginauth/gin-rest-auth/ginauth/social"
)

const (
	codeLasts = time.Minute
	maxCodes  = 1000
)

func (s *Server) discovery(w http.ResponseWriter) {
	sendJSON(w, http.StatusOK, map[string]any{
		"issuer": s.issuer, "authorization_endpoint": s.issuer + "/authorize", "token_endpoint": s.issuer + "/token", "jwks_uri": s.issuer + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"ES256"},
		"code_challenge_methods_supported": []string{"S256"}, "authorization_response_iss_parameter_supported": true,
	})
}

func (s *Server) keys(w http.ResponseWriter) {
	sendJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: s.key.Public(), KeyID: "dev", Algorithm: "ES256", Use: "sig"}}})
}

// choice is a link on the page.
type choice struct {
	Name, Note, URL string
}

// authorize shows the page, or returns to the application with the user that was chosen on it. The page has links and no form: a
// form's policy would have to name each application that a chain of redirects can lead to.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	back, err := url.Parse(asked.Get("redirect_uri"))
	if err != nil || back.Scheme != "http" || !social.IsLoopback(back.Hostname()) || asked.Get("client_id") != clientID || asked.Get("code_challenge_method") != "S256" {
		http.Error(w, "This request does not come from the application of this provider.", http.StatusBadRequest)
		return
	}
	returned := url.Values{"state": {asked.Get("state")}, "iss": {s.issuer}}
	at := slices.IndexFunc(s.users, func(u User) bool { return u.Subject == asked.Get("user") })
	switch {
	case asked.Has("cancel"):
		returned.Set("error", "access_denied")
	case at < 0:
		s.show(w, asked)
		return
	default:
		returned.Set("code", s.newCode(grant{s.users[at], asked.Get("nonce"), asked.Get("code_challenge"), asked.Get("redirect_uri"), time.Now()}))
	}
	back.RawQuery = returned.Encode()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// show writes the page.
func (s *Server) show(w http.ResponseWriter, asked url.Values) {
	link := func(name, value string) string {
		query := url.Values{}
		for name, values := range asked {
			query[name] = values
		}
		query.Del("user")
		query.Set(name, value)
		return s.path + "/authorize?" + query.Encode()
	}
	var choices []choice
	for _, u := range s.users {
		note := u.Email
		switch {
		case note == "":
			note = "No address"
		case !u.EmailVerified:
			note += " (not verified)"
		}
		choices = append(choices, choice{u.Name, note, link("user", u.Subject)})
	}
	var body bytes.Buffer
	if err := page.Execute(&body, map[string]any{"Choices": choices, "Cancel": link("cancel", "1")}); err != nil {
		http.Error(w, "The page cannot be shown.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+styleHash()+"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body.Bytes())
}

// styleHash returns the hash of the style in the page, for its policy.
func styleHash() string {
	_, style, _ := strings.Cut(pageText, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// newCode returns a code, and forgets old ones.
func (s *Server) newCode(g grant) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for code, other := range s.codes {
		if len(s.codes) >= maxCodes || time.Since(other.at) > codeLasts {
			delete(s.codes, code)
		}
	}
	code := rand.Text()
	s.codes[code] = g
	return code
}

// token exchanges a code once (RFC 6749, section 4.1.3; RFC 7636, section 4.6).
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if err := r.ParseForm(); err != nil {
		sendJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_request"})
		return
	}
	form := r.PostForm
	s.mu.Lock()
	g, known := s.codes[form.Get("code")]
	delete(s.codes, form.Get("code"))
	s.mu.Unlock()
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	switch {
	case form.Get("client_id") != clientID || subtle.ConstantTimeCompare([]byte(form.Get("client_secret")), []byte(s.secret)) != 1:
		sendJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
	case !known, time.Since(g.at) > codeLasts, form.Get("redirect_uri") != g.redirect, base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge:
		sendJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
	default:
		s.sendTokens(w, g)
	}
}

func (s *Server) sendTokens(w http.ResponseWriter, g grant) {
	claims := jwt.MapClaims{
		"iss": s.issuer, "aud": clientID, "sub": g.user.Subject, "nonce": g.nonce, "name": g.user.Name, "preferred_username": g.user.Subject,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(), "auth_time": g.at.Unix(),
	}
	if g.user.Email != "" {
		claims["email"], claims["email_verified"] = g.user.Email, g.user.EmailVerified
	}
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	token.Header["kid"] = "dev"
	signed, err := token.SignedString(s.key)
	if err != nil {
		sendJSON(w, http.StatusInternalServerError, map[string]any{"error": "server_error"})
		return
	}
	sendJSON(w, http.StatusOK, map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 3600, "id_token": signed})
}

func sendJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
