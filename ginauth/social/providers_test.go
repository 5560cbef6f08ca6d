package social_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

const tenant = "11111111-2222-3333-4444-555555555555"

// openID makes the fake issue ID tokens for another issuer as well.
func (p *idp) openID(issuer, documented string) {
	host := strings.TrimPrefix(issuer, "https://")
	p.sends(host+"/.well-known/openid-configuration", obj{
		"issuer": documented, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token", "jwks_uri": "https://idp.example/keys",
		"userinfo_endpoint": "https://idp.example/userinfo",
	})
}

// builtIn is what one provider sends, and what the user of it becomes.
type builtIn struct {
	provider social.Provider
	issuer   string         // of OpenID Connect
	claims   obj            // of the ID token
	sends    map[string]any // by host and path, with an access token
	ours     map[string]any // what says that an access token is the application's
	others   map[string]any // what says that it is another application's

	subject, username, first, email string
	verified                        bool
}

func builtIns() []builtIn {
	return []builtIn{
		{
			provider: social.Google(clientID, secret), issuer: "https://accounts.google.com",
			claims: obj{"email": "ann@gmail.com", "email_verified": true, "given_name": "Ann", "azp": clientID},
			ours:   obj{"oauth2.googleapis.com/tokeninfo": obj{"aud": clientID}}, others: obj{"oauth2.googleapis.com/tokeninfo": obj{"aud": "another-app"}},
			subject: "s1", username: "ann", first: "Ann", email: "ann@gmail.com", verified: true,
		},
		{
			provider: social.LinkedIn(clientID, secret), issuer: "https://www.linkedin.com/oauth",
			claims:  obj{"email": "ann@example.com", "email_verified": true, "given_name": "Ann"},
			ours:    obj{"www.linkedin.com/oauth/v2/introspectToken": obj{"active": true, "client_id": clientID}},
			others:  obj{"www.linkedin.com/oauth/v2/introspectToken": obj{"active": true, "client_id": "another-app"}},
			subject: "s1", username: "ann", first: "Ann", email: "ann@example.com", verified: true,
		},
		{
			provider: social.GitLab(clientID, secret), issuer: "https://gitlab.com", claims: obj{"email": "ann@example.com", "email_verified": true, "nickname": "anna"},
			ours:    obj{"gitlab.com/oauth/token/info": obj{"application": obj{"uid": clientID}}},
			others:  obj{"gitlab.com/oauth/token/info": obj{"application": obj{"uid": "another-app"}}},
			subject: "s1", username: "anna", email: "ann@example.com", verified: true,
		},
		{
			provider: social.Slack(clientID, secret), issuer: "https://slack.com",
			claims:  obj{"email": "ann@example.com", "email_verified": true, "https://slack.com/team_id": "T1", "https://slack.com/user_id": "s1", "given_name": "Ann"},
			subject: "T1_s1", username: "ann", first: "Ann", email: "ann@example.com",
		},
		{
			provider: social.Twitch(clientID, secret), issuer: "https://id.twitch.tv/oauth2",
			claims: obj{"email": "ann@example.com", "email_verified": true, "preferred_username": "anna"},
			ours:   obj{"id.twitch.tv/oauth2/validate": obj{"client_id": clientID}}, others: obj{"id.twitch.tv/oauth2/validate": obj{"client_id": "another-app"}},
			subject: "s1", username: "anna", email: "ann@example.com", verified: true,
		},
		{
			provider: social.Microsoft(tenant, clientID, secret), issuer: "https://login.microsoftonline.com/" + tenant + "/v2.0",
			claims:  obj{"email": "ann@example.com", "xms_edov": true, "name": "Ann Dam", "tid": tenant},
			subject: "s1", username: "ann", first: "Ann", email: "ann@example.com", verified: true,
		},
		{
			provider: social.GitHub(clientID, secret),
			sends: obj{
				"api.github.com/user": obj{"id": 1001, "login": "ann-gh", "name": "Ann Dam", "email": "public@example.com"},
				"api.github.com/user/emails": []obj{
					{"email": "old@example.com", "primary": false, "verified": true}, {"email": "ann@example.com", "primary": true, "verified": true},
				},
			},
			ours:    obj{"api.github.com/applications/" + clientID + "/token": obj{"app": obj{"client_id": clientID}}},
			others:  obj{"api.github.com/applications/" + clientID + "/token": obj{"app": obj{"client_id": "another-app"}}},
			subject: "1001", username: "ann-gh", first: "Ann", email: "ann@example.com", verified: true,
		},
		{
			provider: social.Facebook(clientID, secret), sends: obj{"graph.facebook.com/v23.0/me": obj{"id": "1002", "email": "ann@example.com", "first_name": "Ann"}},
			ours:    obj{"graph.facebook.com/v23.0/debug_token": obj{"data": obj{"app_id": clientID, "is_valid": true}}},
			others:  obj{"graph.facebook.com/v23.0/debug_token": obj{"data": obj{"app_id": "another-app", "is_valid": true}}},
			subject: "1002", username: "ann", first: "Ann", email: "ann@example.com",
		},
		{
			provider: social.X(clientID, secret),
			sends:    obj{"api.x.com/2/users/me": obj{"data": obj{"id": "1003", "username": "ann_x", "name": "Ann", "confirmed_email": "ann@example.com"}}},
			subject:  "1003", username: "ann_x", first: "Ann", email: "ann@example.com", verified: true,
		},
		{
			provider: social.Discord(clientID, secret),
			sends:    obj{"discord.com/api/users/@me": obj{"id": "1004", "username": "ann_d", "global_name": "Ann", "email": "ann@example.com", "verified": true}},
			ours:     obj{"discord.com/api/oauth2/@me": obj{"application": obj{"id": clientID}}}, others: obj{"discord.com/api/oauth2/@me": obj{"application": obj{"id": "another-app"}}},
			subject: "1004", username: "ann_d", first: "Ann", email: "ann@example.com", verified: true,
		},
		{
			provider: social.Spotify(clientID, secret), sends: obj{"api.spotify.com/v1/me": obj{"id": "ann-s", "display_name": "Ann", "email": "ann@example.com"}},
			subject: "ann-s", username: "ann", first: "Ann", email: "ann@example.com",
		},
	}
}

// builtInProvidersLogIn: each provider's code, and its access token if it can be checked, lead to the user that its documentation
// describes.
func builtInProvidersLogIn(c *dbtest.Case) {
	for _, b := range builtIns() {
		name := b.provider.Name
		b.provider.RedirectURLs = []string{redirect}
		idp := start(c, b.provider)
		claims := idp.claims("s1", b.claims)
		if b.issuer != "" {
			idp.openID(b.issuer, b.issuer)
			claims["iss"] = b.issuer
		} else {
			delete(claims, "iss")
		}
		for _, answers := range []map[string]any{b.sends, b.ours} {
			for path, body := range answers {
				idp.sends(path, body)
			}
		}
		for _, path := range tokenPaths {
			idp.on(path, func(w http.ResponseWriter, r *http.Request) {
				if user, password, basic := r.BasicAuth(); basic { // the fake wants the credentials in the form
					_ = r.ParseForm()
					r.PostForm.Set("client_id", user)
					r.PostForm.Set("client_secret", password)
				}
				idp.serveToken(w, r)
			})
		}
		browser := c.Client()
		if r := browser.Post("/auth/"+name+"/", obj{"code": idp.code(grant{claims: claims, redirect: redirect})}); r.StatusCode != 200 {
			c.Errorf("%s: %d %s\n%s", name, r.StatusCode, r.Text, c.Log)
			continue
		}
		user := me(browser)
		var kept models.Identity
		var email models.Email
		c.DB.First(&kept)
		c.DB.First(&email)
		if string(kept.Subject) != b.subject || user.Username != b.username || user.FirstName != b.first || user.Email != b.email || email.Verified() != b.verified {
			c.Errorf("%s: identity %s, user %+v, address confirmed %t", name, kept.Subject, user, email.Verified())
		}
		r := c.Client().Post("/auth/"+name+"/", obj{"access_token": idp.accessToken(claims)})
		if b.ours == nil {
			r.WantProblems("non_field_errors social_token_unchecked")
			continue
		}
		if r.StatusCode != 200 || count(c, &models.User{}) != 1 {
			c.Errorf("%s: the access token: %d %s\n%s", name, r.StatusCode, r.Text, c.Log)
		}
		for path, body := range b.others {
			idp.sends(path, body)
		}
		c.Client().Post("/auth/"+name+"/", obj{"access_token": idp.accessToken(claims)}).WantProblems(refused)
	}
}

// verifiedAddresses: what each provider says about an address counts as its documentation describes it.
func verifiedAddresses(c *dbtest.Case) {
	google, microsoft := social.Google(clientID, secret), social.Microsoft(tenant, clientID, secret)
	apple := social.Apple(clientID, appleKey(c))
	for _, t := range []struct {
		provider social.Provider
		claims   string
		want     bool
	}{
		{google, `{"sub":"1","email":"ann@gmail.com","email_verified":true}`, true},
		{google, `{"sub":"1","email":"ann@acme.example","email_verified":true,"hd":"acme.example"}`, true},
		{google, `{"sub":"1","email":"ann@yahoo.com","email_verified":true}`, false},
		{google, `{"sub":"1","email":"ann@gmail.com","email_verified":false}`, false},
		{google, `{"sub":"1","email":"ann@notgmail.com","email_verified":true}`, false},
		{microsoft, `{"sub":"1","email":"ann@acme.example","email_verified":true}`, false},
		{microsoft, `{"sub":"1","email":"ann@acme.example","xms_edov":false}`, false},
		{microsoft, `{"sub":"1","email":"ann@acme.example","xms_edov":"true"}`, false},
		{microsoft, `{"sub":"1","email":"ann@acme.example","xms_edov":true}`, true},
		{apple, `{"sub":"1","email":"x@privaterelay.appleid.com","email_verified":"true","is_private_email":"true"}`, true},
		{apple, `{"sub":"1","email":"ann@acme.example","email_verified":"false"}`, false},
		{apple, `{"sub":"1","email":"ann@acme.example"}`, false},
	} {
		if p, err := t.provider.Claims([]byte(t.claims)); err != nil || p.EmailVerified != t.want {
			c.Errorf("%s %s: verified %t, %v", t.provider.Name, t.claims, p.EmailVerified, err)
		}
	}
}

func appleKey(c *dbtest.Case) social.AppleKey {
	c.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		c.Fatal(err)
	}
	return social.AppleKey{TeamID: "TEAM", KeyID: "KEY", PEM: config.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))}
}

// appleSignsItsSecret: Apple gets a secret that was signed for the request, and tells the name to the front end alone.
func appleSignsItsSecret(c *dbtest.Case) {
	p := social.Apple(clientID, appleKey(c))
	p.RedirectURLs, p.Audiences = []string{redirect}, []string{"com.example.app"}
	idp := start(c, p)
	idp.openID("https://appleid.apple.com", "https://appleid.apple.com")
	claims := idp.claims("s1", obj{"iss": "https://appleid.apple.com", "email": "x@privaterelay.appleid.com", "email_verified": "true"})
	idp.on("appleid.apple.com/token", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		var sent jwt.RegisteredClaims
		token, _, err := jwt.NewParser().ParseUnverified(r.PostForm.Get("client_secret"), &sent)
		if err != nil || token.Header["alg"] != "ES256" || token.Header["kid"] != "KEY" || sent.Issuer != "TEAM" || sent.Subject != clientID || len(sent.Audience) != 1 ||
			sent.Audience[0] != "https://appleid.apple.com" || !sent.ExpiresAt.After(c.Clock.Now()) {
			c.Errorf("the client secret is %+v, %v", sent, err)
		}
		writeJSON(w, 200, obj{"access_token": "x", "token_type": "Bearer", "id_token": idp.sign(claims)})
	})
	browser := c.Client()
	browser.Post("/auth/apple/", obj{"code": "x", "first_name": "Ann", "last_name": "Dam"}).Want(200)
	if user := me(browser); user.FirstName != "Ann" || user.LastName != "Dam" || user.Email != "x@privaterelay.appleid.com" {
		c.Errorf("the user is %+v", user)
	}
	claims["aud"] = "com.example.app"
	c.Client().Post("/auth/apple/", obj{"id_token": idp.sign(claims)}).Want(200)
	c.Client().Post("/auth/apple/", obj{"access_token": "x"}).WantProblems("non_field_errors social_token_unchecked")
}

// microsoftTenantsAreChecked: the issuer is that of the token's tenant, of a kind that the application allows.
func microsoftTenantsAreChecked(c *dbtest.Case) {
	const personal = "9188040d-6c67-4c5b-b112-36a304b66dad"
	of := func(tenant string) string { return "https://login.microsoftonline.com/" + tenant + "/v2.0" }
	for kind, want := range map[string][2]bool{"common": {true, true}, "organizations": {true, false}, "consumers": {false, true}} {
		idp := start(c, social.Microsoft(kind, clientID, secret))
		idp.openID(of(kind), of("{tenantid}"))
		for i, claims := range []obj{
			{"iss": of(tenant), "tid": tenant}, {"iss": of(personal), "tid": personal},
			{"iss": of(tenant), "tid": personal}, {"iss": of(tenant)}, {"iss": of("{tenantid}"), "tid": "{tenantid}"}, {"iss": "https://evil.example/" + tenant + "/v2.0", "tid": tenant},
		} {
			r := c.Client().Post("/auth/microsoft/", obj{"id_token": idp.idToken("s1", claims)})
			if allowed := i < 2 && want[i]; allowed != (r.StatusCode == 200) || !allowed && r.StatusCode != 400 {
				c.Errorf("%s %v: %d %s", kind, claims, r.StatusCode, r.Text)
			}
		}
	}
}
