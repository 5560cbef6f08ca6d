package social

// The way back from the provider: GET and POST {provider}/callback/.

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// callback answers {provider}/callback/. The state is burned before anything else, so a callback counts once, whatever
// its end: after a failure the user starts again.
func (f *feature) callback(g *gin.Context, s *source) (string, error) {
	if err := s.admits(g.Request); err != nil {
		return "", err
	}
	in, err := callbackParameters(g)
	if err != nil {
		return "", err
	}
	fl, cookie := f.flowOf(g, s, in.Get("state"))
	if fl == nil {
		return "", problem(CodeState)
	}
	g.Set(pageKey{}, fl.Page)
	if err := f.burn(g, fl); err != nil {
		return "", err
	}
	p, err := f.provenBy(g, s, fl, in)
	if err != nil {
		f.setFlowCookie(g, s.FormPost, cookie, "")
		return "", f.response(g, s, err)
	}
	if fl.Challenge == "" && fl.Process == toLogIn && g.Request.Method == "GET" && f.core.UsesCookies() {
		if done, err := f.enterDirectly(g, p); err != nil || done {
			f.setFlowCookie(g, s.FormPost, cookie, "")
			return withParameter(fl.Page, "", ""), err
		}
	}
	if fl.Challenge != "" {
		f.setFlowCookie(g, s.FormPost, cookie, "")
	} else { // the exchange needs the cookie
		fl.Challenge = challengeOf(fl.browser())
	}
	code, err := f.park(g, fl, p)
	return withParameter(fl.Page, "code", code), err
}

// callbackParameters returns the query, or the form of a POST. RFC 6749, section 3.1, forbids that a parameter is repeated.
func callbackParameters(g *gin.Context) (url.Values, error) {
	if err := g.Request.ParseForm(); err != nil {
		return nil, problem(CodeState)
	}
	in := g.Request.URL.Query()
	if g.Request.Method == "POST" {
		in = g.Request.PostForm
	}
	for _, values := range in {
		if len(values) > 1 {
			return nil, problem(CodeState)
		}
	}
	return in, nil
}

// burn spends the state of a flow. One statement decides between concurrent callbacks.
func (f *feature) burn(g *gin.Context, fl *flow) error {
	request, err := f.random()
	if err != nil {
		return err
	}
	p := &proof{spend: fl.part("spent")}
	err = f.core.Tx(g.Request.Context(), func(tx *core.Tx) error { return f.use(tx, p, request[:32]) })
	if isSpent(err) {
		return problem(CodeState)
	}
	return err
}

// provenBy returns what the provider says about the user.
func (f *feature) provenBy(g *gin.Context, s *source, fl *flow, in url.Values) (*proof, error) {
	ctx := g.Request.Context()
	meta, err := s.metadata(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.checkIssuer(meta, in); err != nil {
		return nil, err
	}
	if code := in.Get("error"); code != "" {
		return nil, providersError(code)
	}
	if in.Get("code") == "" {
		return nil, fmt.Errorf("%w: the callback has no code", errCode)
	}
	verifier, nonce := fl.verifier(), fl.nonce()
	if s.AllowPlainCode {
		verifier, nonce = "", ""
	}
	p, err := s.byCode(ctx, in.Get("code"), verifier, f.callbackURL(s), nonce)
	if err != nil {
		return nil, err
	}
	if fl.Process == toReauthenticate {
		if err := checkAuthTime(p.profile.Raw, fl.Ends.Add(-flowLasts)); err != nil {
			return nil, err
		}
	}
	addName(&p.profile, in.Get("user"))
	return p, nil
}

// checkIssuer compares the parameter iss with the issuer (RFC 9207), so that the code of another provider, whose operator
// may be an attacker, is not sent to this one.
func (s *source) checkIssuer(meta *metadata, in url.Values) error {
	iss, sent := in.Get("iss"), in.Has("iss")
	switch {
	case !sent && meta.sendsIssuer:
		return fmt.Errorf("%w: the callback has no iss, which the discovery document promises", errCode)
	case sent && s.isOIDC() && s.AllowIssuer == nil && iss != s.Issuer:
		return fmt.Errorf("%w: iss of the callback is another issuer", errCode)
	}
	return nil
}

// providersError returns the error for a code of a provider (RFC 6749, section 4.1.2.1). The texts of providers are not shown.
func providersError(code string) error {
	switch {
	case slices.Contains([]string{"access_denied", "user_cancelled_authorize", "user_cancelled_login", "user_denied"}, code):
		return problem(CodeCancelled)
	case slices.Contains([]string{"temporarily_unavailable", "server_error"}, code):
		return fmt.Errorf("%w: it says %s", ErrUnavailable, code)
	case len(code) > 64 || !wordForm.MatchString(code):
		code = "something else"
	}
	return fmt.Errorf("%w: it says %s", errCode, code)
}

// checkAuthTime returns an error unless the user logged in at the provider since the flow began, with a minute for its clock.
func checkAuthTime(claims json.RawMessage, began time.Time) error {
	var c struct {
		AuthTime int64 `json:"auth_time"`
	}
	if readClaims(claims, &c) != nil || time.Unix(c.AuthTime, 0).Before(began.Add(-time.Minute)) {
		return problem(CodeNotRecent)
	}
	return nil
}

// addName adds the name that Apple sends in the form of the first callback.
func addName(profile *Profile, user string) {
	var sent struct {
		Name struct{ FirstName, LastName string }
	}
	if profile.FirstName == "" && profile.LastName == "" && user != "" && json.Unmarshal([]byte(user), &sent) == nil {
		profile.FirstName, profile.LastName = sent.Name.FirstName, sent.Name.LastName
	}
}

// enterDirectly logs the user in by cookie. It reports false if the login is not complete, because a second factor or more fields
// are needed: the front end then gets what it needs by exchanging a code.
func (f *feature) enterDirectly(g *gin.Context, p *proof) (bool, error) {
	if err := f.onlyAs(g, p); err != nil {
		return false, err
	}
	p.peeks = true
	out, err := f.enter(g, p, "")
	_, done := out.(binding.LoginResponse)
	return done, err
}
