package social

// The start of a login by redirect: GET {provider}/login/, and the routes with which a logged-in user begins one.

import (
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Begin is the body of POST {provider}/connect/login/.
type Begin struct {
	Next          string `json:"next" binding:"maxbytes=1024"`         // the page where it ends; see Options.Pages
	CodeChallenge string `json:"code_challenge" binding:"maxbytes=64"` // an S256 challenge (RFC 7636)
	Password      string `json:"password" in:"raw,blank" binding:"maxbytes=1024"`
}

// BeginAgain is the body of POST {provider}/reauthenticate/login/.
type BeginAgain struct {
	Next          string `json:"next" binding:"maxbytes=1024"`
	CodeChallenge string `json:"code_challenge" binding:"maxbytes=64"`
}

// Begun is the response of POST {provider}/connect/login/ and POST {provider}/reauthenticate/login/.
type Begun struct {
	URL string `json:"url"` // for the browser, within 5 minutes
}

// begin returns the URL with which a browser begins a flow of the logged-in user. The URL is no credential: the flow ends in a
// code that only the same session can use, and only with the verifier or cookie of the flow.
func (f *feature) begin(g *gin.Context, s *source, what process, in *Begin) (Begun, error) {
	if err := s.admits(g.Request); err != nil {
		return Begun{}, err
	}
	if what == toConnect && s.Development { // it asks for no proof, so it never opens an existing account
		return Begun{}, core.ErrNotFound
	}
	page, err := f.pages.allowed(in.Next)
	if err == nil {
		err = checkChallenge(in.CodeChallenge)
	}
	if err != nil {
		return Begun{}, err
	}
	sealed, err := f.sealFlow(&flow{
		Provider: s.Name, Process: what, Page: page, Challenge: in.CodeChallenge, UserID: core.User(g).ID, Session: core.Session(g).ID,
		Ends: f.core.Now().Add(requestLasts),
	}, "request")
	return Begun{f.pages.base + "/" + s.Name + "/login/?request=" + sealed}, err
}

// start answers GET {provider}/login/. Nothing is stored but a cookie.
func (f *feature) start(g *gin.Context, s *source) (string, error) {
	if err := s.admits(g.Request); err != nil {
		return "", err
	}
	f.warnOfHost(g)
	fl, err := f.requested(g, s)
	if err != nil {
		return "", err
	}
	g.Set(pageKey{}, fl.Page)
	if fl.Secret, err = f.random(); err != nil {
		return "", err
	}
	at, err := f.authorizationURL(g, s, fl)
	if err != nil {
		return "", f.response(g, s, err)
	}
	return at, f.keepFlow(g, s, fl)
}

// warnOfHost says once that a login cannot come back: the callback is on another host, to which the browser does not send the cookie.
func (f *feature) warnOfHost(g *gin.Context) {
	if u, err := url.Parse(f.pages.base); err == nil && !strings.EqualFold(u.Host, g.Request.Host) && !f.hostWarned.Swap(true) {
		f.cfg.Logger.LogAttrs(g.Request.Context(), slog.LevelWarn, "ginauth: a login by redirect began on a host that is not that of social.Options.URL; "+
			"if browsers see this host, the callback will not find its cookie", slog.String("url", f.pages.base))
	}
}

// requested returns the flow that a request asks for. Parameters that are not named here are ignored: none reaches the provider.
func (f *feature) requested(g *gin.Context, s *source) (*flow, error) {
	ends := f.core.Now().Add(flowLasts)
	if sealed := g.Query("request"); sealed != "" {
		fl := f.openFlow(sealed, "request", s.Name)
		if fl == nil {
			return nil, problem(CodeState)
		}
		fl.Ends = ends
		return fl, nil
	}
	page, err := f.pages.allowed(g.Query("next"))
	if err != nil {
		return nil, err
	}
	g.Set(pageKey{}, page)
	challenge := g.Query("code_challenge")
	if err := checkChallenge(challenge); err != nil {
		return nil, err
	}
	if challenge == "" { // it can end in a login, so no page of another site may begin it
		post := *g.Request
		post.Method = http.MethodPost
		if err := f.core.CheckOrigin(&post); err != nil {
			return nil, err
		}
	}
	return &flow{Provider: s.Name, Page: page, Challenge: challenge, Ends: ends}, nil
}

// checkChallenge accepts a hash of 32 bytes in base64url, or none.
func checkChallenge(challenge string) error {
	raw, err := base64.RawURLEncoding.DecodeString(challenge)
	if challenge != "" && (err != nil || len(raw) != 32) {
		return binding.Invalid("code_challenge", binding.Problem{Code: CodeChallenge})
	}
	return nil
}

// callbackURL returns the redirect_uri of a provider. It never depends on the request.
func (f *feature) callbackURL(s *source) string { return f.pages.base + "/" + s.Name + "/callback/" }

// authorizationURL returns the URL of the authorization request (RFC 6749, section 4.1.1).
func (f *feature) authorizationURL(g *gin.Context, s *source, fl *flow) (string, error) {
	meta, err := s.metadata(g.Request.Context())
	if err != nil {
		return "", err
	}
	settings := oauth2.Config{ClientID: s.ClientID, Endpoint: meta.endpoint, RedirectURL: f.callbackURL(s), Scopes: s.Scopes} // one for each request
	var options []oauth2.AuthCodeOption
	set := func(name, value string) { options = append(options, oauth2.SetAuthURLParam(name, value)) }
	for name, value := range s.AuthParams {
		set(name, value)
	}
	if !s.AllowPlainCode {
		options = append(options, oauth2.S256ChallengeOption(fl.verifier()))
	}
	if s.isOIDC() {
		set("nonce", fl.nonce())
	}
	if fl.Process == toReauthenticate { // OpenID Connect Core, section 3.1.2.1
		set("prompt", "login")
		set("max_age", "0")
	}
	return settings.AuthCodeURL(fl.state(), options...), nil
}
