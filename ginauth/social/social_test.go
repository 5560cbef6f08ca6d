package social_test

import (
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

var groups = []dbtest.Group{
	flowCases, assuranceCases, linkCases, signUpCases, advisoryCases, tokenCases, appleCases, notificationCases, djangoCases,
	{Name: "login", Cases: []func(*dbtest.Case){idTokensLogIn, codesLogIn, accessTokensLogIn, anotherImplementationLogsIn}},
	{Name: "idtoken", Cases: []func(*dbtest.Case){
		forgedIDTokensAreRefused, claimNamesAreExact, idTokensAreValidOnce, raceForAnIDToken, accessTokensBelongToTheirIDToken, keysRotate, onlyTrueIsVerified,
	}},
	{Name: "outbound", Cases: []func(*dbtest.Case){
		failingProvidersAre503, deadProvidersAre503, discoveryIsNotBelieved, liarsAreRefused, textsOfProvidersAreNotRepeated,
		uncheckedAccessTokensAreRefused, plainOAuth2LogsIn, everyCallIsBounded, refreshesAreBounded, revocationsAreBounded,
	}},
	{Name: "policy", Cases: []func(*dbtest.Case){
		linkingNeedsEverything, linkingSpares, foreignDomainsAreNotVerified, otherSpellingsAreNotVerified, ownersGetTheirAddress, unverifiedAddressesAreClaims,
		mandatoryVerificationIsKept, theOneDoorIsUsed, signUpsAreGuarded, signUpsAreLimited, userNamesAreMadeUnique, userNamesFollowTheRules, raceOfFirstLogins,
	}},
	{Name: "connect", Cases: []func(*dbtest.Case){
		accountsAreConnected, connectingNeedsARecentLogin, accountsOfOthersAreNotTaken, theLastWayInStays, raceToDisconnect, raceToConnect,
		raceOfConnectAndDisconnect, identitiesGoWithTheirUser, tokensAreStoredOnRequest,
	}},
	{Name: "settings", Cases: []func(*dbtest.Case){invalidSettingsAreErrors, weakSettingsAreFindings, theContractIsKept}},
	{Name: "providers", Cases: []func(*dbtest.Case){builtInProvidersLogIn, verifiedAddresses, appleSignsItsSecret, microsoftTenantsAreChecked}},
}

// Much of the time is waiting for providers, so the databases are used together.

func TestSQLite(t *testing.T) { t.Parallel(); dbtest.Run(t, testdb.SQLite, groups...) }
func TestPostgres(t *testing.T) {
	t.Parallel()
	dbtest.RunReusing(t, testdb.Postgres(t, ""), groups...)
}
func TestMySQL(t *testing.T) {
	t.Parallel()
	dbtest.RunReusing(t, testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4"), groups...)
}

const redirect = "https://app.example/callback"

// acme returns the provider that the fake is.
func acme(change ...func(*social.Provider)) social.Provider {
	p := social.OIDC("acme", issuer, clientID, secret)
	p.RedirectURLs = []string{redirect, "com.example.app:/callback"}
	p.EmailDomains = []string{"example.com"}
	p.CheckToken = social.Introspection(issuer + "/introspect")
	for _, c := range change {
		c(&p)
	}
	return p
}

// start starts an application with the fake as the provider "acme".
func start(c *dbtest.Case, p social.Provider, change ...func(*config.Config)) *idp {
	return startWith(c, social.Options{Providers: []social.Provider{p}}, change...)
}

func startWith(c *dbtest.Case, o social.Options, change ...func(*config.Config)) *idp {
	c.Helper()
	idp := newIDP(c.T)
	o.Transport = idp.Transport()
	c.With(social.Feature(o)).StartMail(change...)
	idp.now = c.Clock.Now
	return idp
}

// enter posts to the provider's route with a new browser.
func enter(c *dbtest.Case, body obj) (*authtest.Client, *authtest.Response) {
	browser := c.Client()
	return browser, browser.Post("/auth/acme/", body)
}

// entered logs in with an ID token and returns the browser and the user.
func entered(c *dbtest.Case, idp *idp, subject string, more ...obj) (*authtest.Client, binding.User) {
	c.Helper()
	browser, r := enter(c, obj{"id_token": idp.idToken(subject, more...)})
	r.Want(200)
	return browser, me(browser)
}

func me(browser *authtest.Client) (user binding.User) {
	browser.Get("/auth/user/").Want(200).JSON(&user)
	return user
}

func row(c *dbtest.Case, id int64) (u models.User) {
	c.Helper()
	if err := c.DB.First(&u, id).Error; err != nil {
		c.Fatal(err)
	}
	return u
}

func count(c *dbtest.Case, model any) (n int64) {
	c.Helper()
	if err := c.DB.Model(model).Count(&n).Error; err != nil {
		c.Fatal(err)
	}
	return n
}

// verified is a profile with an address that the provider has verified.
func verified(address string) obj { return obj{"email": address, "email_verified": true} }

func idTokensLogIn(c *dbtest.Case) {
	idp := start(c, acme())
	_, first := entered(c, idp, "s1", verified("Ann@Example.com"), obj{"name": "Ann van Dam", "preferred_username": "ann"})
	if first.Username != "ann" || first.Email != "Ann@example.com" || first.FirstName != "Ann van" || first.LastName != "Dam" {
		c.Errorf("the new user is %+v", first)
	}
	if u := row(c, first.PK); u.HasPassword() || !u.IsActive || u.Pending || u.SignedUp {
		c.Errorf("the row is %+v", u)
	}
	if _, again := entered(c, idp, "s1", verified("other@example.com")); again.PK != first.PK {
		c.Errorf("the second login is user %d, the first %d", again.PK, first.PK)
	}
	if _, other := entered(c, idp, "S1"); other.PK == first.PK || other.Email != "" {
		c.Errorf("another subject is %+v", other)
	}
	idp.rotate()
	entered(c, idp, "s1")
}

func codesLogIn(c *dbtest.Case) {
	idp := start(c, acme())
	claims := idp.claims("s1", verified("ann@example.com"), obj{"nonce": "n1"})
	challenge := "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // RFC 7636, appendix B
	send := func(g grant, more obj) *authtest.Response {
		body := obj{"code": idp.code(g), "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "nonce": "n1"}
		for k, v := range more {
			body[k] = v
		}
		_, r := enter(c, body)
		return r
	}
	good := grant{claims, challenge, redirect}
	send(good, nil).Want(200)
	if idp.forms.Get("grant_type") != "authorization_code" || idp.forms.Get("redirect_uri") != redirect {
		c.Errorf("the token endpoint got %v", idp.forms)
	}
	send(grant{claims, challenge, "com.example.app:/callback"}, obj{"redirect_uri": "com.example.app:/callback"}).Want(200)
	send(good, obj{"redirect_uri": "https://evil.example/"}).WantProblems("redirect_uri social_redirect_uri")
	send(good, obj{"redirect_uri": redirect + "/"}).WantProblems("redirect_uri social_redirect_uri")
	send(good, obj{"code_verifier": "wrong"}).WantProblems("non_field_errors social_code_not_valid")
	send(good, obj{"code": "unknown"}).WantProblems("non_field_errors social_code_not_valid")
	send(good, obj{"nonce": "n2"}).WantProblems("non_field_errors social_token_not_valid")
	if n := count(c, &models.User{}); n != 1 {
		c.Errorf("there are %d users", n)
	}
}

func accessTokensLogIn(c *dbtest.Case) {
	idp := start(c, acme())
	_, r := enter(c, obj{"access_token": idp.accessToken(idp.claims("s1", verified("ann@example.com")))})
	r.Want(200)
	_, r = enter(c, obj{"access_token": idp.accessToken(idp.claims("s1", obj{"aud": "another-app"}))})
	r.WantProblems("non_field_errors social_token_not_valid")
	_, r = enter(c, obj{"access_token": "unknown", "code": "ignored"})
	r.WantProblems("non_field_errors social_token_not_valid")
}
