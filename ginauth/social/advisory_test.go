package social_test

// Advisories on account linking in other products. README.md lists them.

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

var advisoryCases = dbtest.Group{Name: "advisory", Cases: []func(*dbtest.Case){
	tokensDoNotChooseTheirIssuer, addressesComeFromTheProviderAlone, confirmedAddressesLinkNoOtherIdentity, removedProvidersLogNobodyIn,
	userInfoIsNotMixedWithIDTokens, subjectsAreNoLocalIDs, namesAndAddressesIdentifyNobody, adaptersKeepTheProvidersWord,
}}

// restart makes another application on the database of a case, with the same configuration changed by change.
func restart(c *dbtest.Case, o social.Options, change ...func(*config.Config)) {
	c.Helper()
	cfg := c.Auth.Config()
	for _, fn := range change {
		fn(&cfg)
	}
	auth, err := ginauth.New(c.DB, cfg, social.Feature(o))
	if err != nil {
		c.Fatal(err)
	}
	router := gin.New()
	if err := auth.Register(router); err != nil {
		c.Fatal(err)
	}
	c.Auth, c.Router = auth, router
}

// tokensDoNotChooseTheirIssuer: a token that an attacker's own issuer has signed names that issuer. It is never asked, whatever
// provider the token is sent to (CVE-2026-31813 of Supabase Auth).
func tokensDoNotChooseTheirIssuer(c *dbtest.Case) {
	apple := social.Apple(clientID, appleKey(c))
	for _, p := range []social.Provider{apple, social.Microsoft("common", clientID, secret), social.Microsoft(tenant, clientID, secret), social.Google(clientID, secret)} {
		p.LinkByEmail = true
		idp := start(c, p)
		idp.openID(p.Issuer, p.Issuer)
		idp.openID("https://evil.example", "https://evil.example")
		confirmed(c, "ann", nil)
		for _, iss := range []string{"https://evil.example", "https://evil.example/" + tenant + "/v2.0", p.Issuer + ".evil.example"} {
			token := idp.idToken("s1", verified("ann@example.com"), obj{"iss": iss, "tid": tenant, "xms_edov": true, "hd": "example.com"})
			c.Client().Post("/auth/"+p.Name+"/", obj{"id_token": token}).WantProblems(refused)
		}
		if idp.requests("evil.example/.well-known/openid-configuration") != 0 || count(c, &models.Identity{}) != 0 {
			c.Errorf("%s believes the issuer of the token", p.Name)
		}
	}
}

// addressesComeFromTheProviderAlone: the client cannot change the address while an account is created or connected, so no mail
// asks its owner to confirm it (CVE-2025-7365 of Keycloak).
func addressesComeFromTheProviderAlone(c *dbtest.Case) {
	idp := start(c, acme(linking), func(cfg *config.Config) { cfg.EmailVerification = config.VerifyOptional })
	confirmed(c, "ann", nil)
	c.Mails()
	more := obj{"email": "ann@example.com", "email_verified": true, "username": "ann"}
	body := obj{"id_token": idp.idToken("s1", obj{"email": "mallory@example.com"})}
	for k, v := range more {
		body[k] = v
	}
	browser, r := enter(c, body)
	r.Want(200)
	if user := me(browser); user.Email != "mallory@example.com" || user.Username != "mallory" {
		c.Errorf("the new user is %+v", user)
	}
	body["id_token"] = idp.idToken("s2")
	browser.Post("/auth/acme/connect/", body).Want(200)
	for _, mail := range c.Mails() {
		if mail.To != "mallory@example.com" {
			c.Errorf("a mail of kind %s goes to %s", mail.Kind, mail.To)
		}
	}
}

// confirmedAddressesLinkNoOtherIdentity: the link that confirms the address of one account at a provider lets no second account there
// in that has the same address (CVE-2026-9087 of Keycloak).
func confirmedAddressesLinkNoOtherIdentity(c *dbtest.Case) {
	idp := start(c, acme(linking), func(cfg *config.Config) { cfg.EmailVerification = config.VerifyOptional })
	browser, user := entered(c, idp, "s1", obj{"email": "ann@example.com"})
	key := c.Mail("verify").Key(c.T)
	second := obj{"email": "ann@example.com"}
	_, r := enter(c, obj{"id_token": idp.idToken("s2", second)})
	r.WantProblems(emailTaken)
	browser.Post("/auth/registration/verify-email/", obj{"key": key}).Want(200)
	_, r = enter(c, obj{"id_token": idp.idToken("s2", second, obj{"jti": "2"})})
	r.WantProblems(emailTaken)
	if all := identities(c, user.PK); len(all) != 1 || string(all[0].Subject) != "s1" {
		c.Errorf("the identities are %+v", all)
	}
}

// removedProvidersLogNobodyIn: what a provider had begun or proven before it was removed from the configuration is void (CVE-2026-3009
// and CVE-2026-1486 of Keycloak).
func removedProvidersLogNobodyIn(c *dbtest.Case) {
	idp := startFlow(c)
	browser := c.Client()
	asked := begins(c, browser, "?code_challenge="+s256)
	callback := approved(idp, asked, idp.claims("s1"))
	code := trip(c, idp, c.Client(), "?code_challenge="+s256, idp.claims("s2")).Query().Get("code")
	token := idp.idToken("s3")
	other := acme(func(p *social.Provider) { p.Name = "other" })
	o := flowOptions(other)
	o.Transport = idp.Transport()
	restart(c, o)
	cookies := browser.Clone().Cookies
	browser = c.Client()
	browser.Cookies = cookies
	browser.Get(callback).Want(404)
	at := leads(c, browser.Get(strings.Replace(callback, "/acme/", "/other/", 1)))
	if at.Query().Get("error") != "social_state" {
		c.Errorf("the callback of another provider leads to %s", at)
	}
	exchange(c.Client(), code, verifier).WantProblems("non_field_errors social_code_not_valid")
	c.Client().Post("/auth/acme/", obj{"id_token": token}).Want(404)
	if n := count(c, &models.User{}); n != 0 {
		c.Errorf("there are %d users", n)
	}
}

// userInfoIsNotMixedWithIDTokens: an address and the claim that it is verified come from one document (CVE-2026-14781 of Keycloak).
func userInfoIsNotMixedWithIDTokens(c *dbtest.Case) {
	idp := start(c, acme(linking))
	confirmed(c, "ann", nil)
	idp.sends("idp.example/userinfo", obj{"sub": "s1", "email": "ann@example.com"})
	browser, r := enter(c, obj{"code": idp.code(grant{claims: idp.claims("s1", verified("mallory@example.com")), redirect: redirect})})
	r.Want(200)
	if user := me(browser); user.Email != "mallory@example.com" {
		c.Errorf("the new user is %+v", user)
	}
	idp.sends("idp.example/userinfo", obj{"sub": "s2", "email": "ann@example.com"})
	claims := idp.claims("s2", verified("eve@example.com"))
	browser, r = enter(c, obj{"access_token": idp.accessToken(claims), "id_token": idp.sign(claims)})
	r.Want(200)
	if user := me(browser); user.Email != "eve@example.com" {
		c.Errorf("the new user is %+v", user)
	}
	_, r = enter(c, obj{"access_token": idp.accessToken(idp.claims("s3", verified("x@example.com")))})
	if r.Want(200); count(c, &models.User{}) != 3 { // of s2, which userinfo names
		c.Errorf("there are %d users", count(c, &models.User{}))
	}
}

// subjectsAreNoLocalIDs: an ID at a provider that looks like the ID, name or address of a local user is not that user
// (CVE-2025-41115 of Grafana).
func subjectsAreNoLocalIDs(c *dbtest.Case) {
	idp := start(c, acme(linking))
	ann := confirmed(c, "ann", nil)
	for _, subject := range []string{"1", "ann", "ann@example.com", "auth_user 1"} {
		_, user := entered(c, idp, subject, obj{"jti": subject})
		if user.PK == ann.ID {
			c.Errorf("%q is user %d", subject, user.PK)
		}
	}
}

// namesAndAddressesIdentifyNobody: claims that users can change do not decide which account they enter (CVE-2025-65431 of
// django-allauth, CVE-2026-49757 of ash_authentication, CVE-2024-25618 of Mastodon).
func namesAndAddressesIdentifyNobody(c *dbtest.Case) {
	idp := start(c, acme())
	profile := func(name, address string) obj {
		return obj{"preferred_username": name, "nickname": name, "name": name, "email": address, "email_verified": true}
	}
	_, ann := entered(c, idp, "s1", profile("ann", "ann@example.com"))
	_, r := enter(c, obj{"id_token": idp.idToken("s2", profile("ann", "ann@example.com"))})
	r.WantProblems(emailTaken)
	if _, other := entered(c, idp, "s2", profile("ann", "")); other.PK == ann.PK {
		c.Error("the name is enough")
	}
	if _, again := entered(c, idp, "s1", profile("renamed", "moved@example.com")); again.PK != ann.PK || again.Email != "ann@example.com" {
		c.Errorf("the owner is %+v after a change", again)
	}
}

// adaptersKeepTheProvidersWord: an address without the provider's word that it is verified is not, and none is made from other
// fields (CVE-2026-41574 of Nhost).
func adaptersKeepTheProvidersWord(c *dbtest.Case) {
	gitHub := func(emails ...obj) map[string]any {
		return map[string]any{"api.github.com/user": obj{"id": 7, "login": "mallory", "email": "ann@example.com"}, "api.github.com/user/emails": emails}
	}
	discord := func(more obj) map[string]any {
		more["id"], more["username"], more["email"] = "7", "mallory", "ann@example.com"
		return map[string]any{"discord.com/api/users/@me": more}
	}
	for name, t := range map[string]struct {
		provider social.Provider
		token    string // path of the token endpoint
		sends    map[string]any
		taken    bool // the address is that of a registration, and an account has it
	}{
		"discord false":      {social.Discord(clientID, secret), "discord.com/api/oauth2/token", discord(obj{"verified": false}), true},
		"discord null":       {social.Discord(clientID, secret), "discord.com/api/oauth2/token", discord(obj{"verified": nil}), true},
		"discord missing":    {social.Discord(clientID, secret), "discord.com/api/oauth2/token", discord(obj{}), true},
		"github public":      {social.GitHub(clientID, secret), "github.com/login/oauth/access_token", gitHub(), false},
		"github unverified":  {social.GitHub(clientID, secret), "github.com/login/oauth/access_token", gitHub(obj{"email": "ann@example.com", "primary": true, "verified": false}), true},
		"github not primary": {social.GitHub(clientID, secret), "github.com/login/oauth/access_token", gitHub(obj{"email": "ann@example.com", "primary": false, "verified": true}), false},
	} {
		t.provider.RedirectURLs, t.provider.LinkByEmail = []string{redirect}, true
		idp := start(c, t.provider)
		ann := confirmed(c, "ann", nil)
		for path, body := range t.sends {
			idp.sends(path, body)
		}
		idp.sends(t.token, obj{"access_token": "x", "token_type": "Bearer"})
		browser := c.Client()
		r := browser.Post("/auth/"+t.provider.Name+"/", obj{"code": "x"})
		switch {
		case t.taken:
			r.WantProblems(emailTaken)
		case r.StatusCode != http.StatusOK:
			c.Errorf("%s: %d %s", name, r.StatusCode, r.Text)
		default:
			if user := me(browser); user.PK == ann.ID || user.Email != "" {
				c.Errorf("%s: user %+v", name, user)
			}
		}
	}
	upn := obj{"tid": tenant, "preferred_username": "ann@example.com", "upn": "ann@example.com", "unique_name": "ann@example.com", "xms_edov": true}
	p := social.Microsoft(tenant, clientID, secret)
	p.LinkByEmail = true
	idp := start(c, p)
	idp.openID(p.Issuer, p.Issuer)
	ann := confirmed(c, "ann", nil)
	browser := c.Client()
	browser.Post("/auth/microsoft/", obj{"id_token": idp.idToken("s1", upn, obj{"iss": p.Issuer})}).Want(200)
	if user := me(browser); user.PK == ann.ID || user.Email != "" {
		c.Errorf("the principal name is an address: %+v", user)
	}
}
