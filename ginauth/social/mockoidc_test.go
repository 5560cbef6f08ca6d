package social_test

import (
	"net/http"
	"net/url"
	"time"

	"github.com/oauth2-proxy/mockoidc"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
)

// anotherImplementationLogsIn: the whole code flow with PKCE at a provider that other people wrote.
func anotherImplementationLogsIn(c *dbtest.Case) {
	idp, err := mockoidc.Run()
	if err != nil {
		c.Fatal(err)
	}
	defer func() { _ = idp.Shutdown() }()
	idp.QueueUser(&mockoidc.MockUser{Subject: "s1", Email: "ann@example.com", EmailVerified: true, PreferredUsername: "ann"})
	p := social.OIDC("acme", idp.Issuer(), idp.ClientID, config.Secret(idp.ClientSecret))
	p.RedirectURLs, p.EmailDomains = []string{redirect}, []string{"example.com"}
	c.With(social.Login(p)).Start(func(cfg *config.Config) { cfg.Now = time.Now })
	query := url.Values{
		"client_id": {idp.ClientID}, "response_type": {"code"}, "scope": {"openid email profile"}, "redirect_uri": {redirect}, "state": {"x"}, "nonce": {"n1"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(idp.AuthorizationEndpoint() + "?" + query.Encode())
	if err != nil {
		c.Fatal(err)
	}
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil {
		c.Fatal(err)
	}
	body := obj{"code": back.Query().Get("code"), "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "nonce": "n1"}
	browser, r := enter(c, body)
	r.Want(200)
	if user := me(browser); user.Username != "ann" || user.Email != "ann@example.com" {
		c.Errorf("the user is %+v", user)
	}
	_, r = enter(c, body)
	r.WantProblems("non_field_errors social_code_not_valid")
}
