package social_test

// Apple: revoked tokens.

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

var appleCases = dbtest.Group{Name: "apple", Cases: []func(*dbtest.Case){
	tokensOfAppleAreRevoked, deadRevocationsBlockNothing, tokensOfTakenAccountsAreRevoked, revocationsFollowOldSecrets,
}}

const appleHost = "https://appleid.apple.com"

func startApple(c *dbtest.Case, o social.Options, change ...func(*config.Config)) *idp {
	c.Helper()
	p := social.Apple(clientID, appleKey(c))
	p.RedirectURLs, p.Audiences = []string{redirect}, []string{"com.example.app"}
	o.Providers = append(o.Providers, p)
	idp := startWith(c, o, change...)
	idp.openID(appleHost, appleHost)
	return idp
}

// byApple logs in with a code, which brings a refresh token.
func byApple(c *dbtest.Case, idp *idp, subject string) *authtest.Client {
	c.Helper()
	claims := idp.claims(subject, obj{"iss": appleHost, "email": subject + "@privaterelay.appleid.com", "email_verified": "true"})
	idp.sends("appleid.apple.com/token", obj{
		"access_token": "access-x", "token_type": "Bearer", "refresh_token": "refresh-" + subject, "expires_in": 3600, "id_token": idp.sign(claims),
	})
	browser := c.Client()
	browser.Post("/auth/apple/", obj{"code": "x"}).Want(200)
	return browser
}

// revocations makes Apple answer with a status, and returns the tokens that it gets.
func revocations(c *dbtest.Case, idp *idp, status int) *atomic.Value {
	got := &atomic.Value{}
	got.Store("")
	idp.on("appleid.apple.com/auth/revoke", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		var sent jwt.RegisteredClaims
		if _, _, err := jwt.NewParser().ParseUnverified(r.PostForm.Get("client_secret"), &sent); err != nil || sent.Subject != clientID ||
			r.PostForm.Get("client_id") != clientID || r.PostForm.Get("token_type_hint") != "refresh_token" || r.Method != "POST" {
			c.Errorf("Apple gets %v, %v", r.PostForm, err)
		}
		got.Store(got.Load().(string) + " " + r.PostForm.Get("token"))
		w.WriteHeader(status)
	})
	return got
}

// tokensOfAppleAreRevoked: when the account is disconnected or its user deleted, also without StoreTokens. Only the refresh token is
// kept for it, encrypted.
func tokensOfAppleAreRevoked(c *dbtest.Case) {
	idp := startApple(c, social.Options{})
	got := revocations(c, idp, 200)
	browser := byApple(c, idp, "s1")
	var kept models.Identity
	if err := c.DB.First(&kept).Error; err != nil || kept.Tokens == "" || strings.Contains(kept.Tokens, "refresh-") {
		c.Errorf("the identity is %+v, %v", kept, err)
	}
	user := me(browser).PK
	if _, err := social.ProviderToken(c.Context(), c.Auth, user, "apple"); err == nil || !strings.Contains(err.Error(), "StoreTokens") {
		c.Errorf("ProviderToken: %v", err)
	}
	if err := c.Auth.SetPassword(c.Context(), user, authtest.Password); err != nil {
		c.Fatal(err)
	}
	browser = byApple(c, idp, "s1")
	browser.Post(fmt.Sprint("/auth/socialaccounts/", kept.ID, "/disconnect/"), nil).Want(200)
	c.Mails()
	if got.Load() != " refresh-s1" {
		c.Errorf("Apple gets %q", got.Load())
	}
	user = me(byApple(c, idp, "s2")).PK
	if err := c.Auth.DeleteUser(c.Context(), user); err != nil {
		c.Fatal(err)
	}
	c.Mails()
	if got.Load() != " refresh-s1 refresh-s2" {
		c.Errorf("Apple gets %q", got.Load())
	}
	var sent []models.Delivery
	if c.DB.Find(&sent); len(sent) != 2 || sent[0].UserID != 0 || sent[1].Body != nil || sent[1].State != models.MailSent {
		c.Errorf("the deliveries are %+v", sent)
	}
}

// deadRevocationsBlockNothing: a user is deleted while Apple does not answer, and the token is revoked when it does.
func deadRevocationsBlockNothing(c *dbtest.Case) {
	idp := startApple(c, social.Options{})
	user := me(byApple(c, idp, "s1")).PK
	idp.on("appleid.apple.com/auth/revoke", wait)
	o := social.Options{Providers: []social.Provider{social.Apple(clientID, appleKey(c))}, Transport: idp.Transport(), Timeout: 300 * time.Millisecond}
	restart(c, o)
	if err := c.Auth.DeleteUser(c.Context(), user); err != nil {
		c.Fatal(err)
	}
	if n := count(c, &models.Identity{}); n != 0 || idp.requests("appleid.apple.com/auth/revoke") != 0 {
		c.Errorf("%d identities, %d requests in the transaction", n, idp.requests("appleid.apple.com/auth/revoke"))
	}
	c.Mails()
	o.Timeout = 0
	restart(c, o)
	for _, status := range []int{500, 400, 302} {
		c.Clock.Advance(time.Hour)
		revocations(c, idp, status)
		c.Mails()
	}
	var waiting models.Delivery
	if c.DB.First(&waiting); waiting.State != models.MailPending || waiting.Tries != 4 || strings.Contains(waiting.Reason, "refresh-") || strings.Contains(waiting.Reason, "://") ||
		strings.Contains(string(waiting.Body), "refresh-") {
		c.Errorf("the delivery is %+v", waiting)
	}
	c.Clock.Advance(3 * time.Hour)
	if got := revocations(c, idp, 200); true {
		c.Mails()
		if got.Load() != " refresh-s1" {
			c.Errorf("Apple gets %q", got.Load())
		}
	}
	if log := c.Log.String(); strings.Contains(log, "refresh-") || strings.Contains(log, "://appleid") {
		c.Errorf("the log says too much:\n%s", log)
	}
}

// tokensOfTakenAccountsAreRevoked: the owner of an address takes an account over that a stranger made with Apple.
func tokensOfTakenAccountsAreRevoked(c *dbtest.Case) {
	idp := startApple(c, social.Options{}, func(cfg *config.Config) { cfg.EmailVerification = config.VerifyOptional })
	got := revocations(c, idp, 200)
	claims := idp.claims("s1", obj{"iss": appleHost, "email": "ann@example.com", "email_verified": "false"})
	idp.sends("appleid.apple.com/token", obj{"access_token": "x", "token_type": "Bearer", "refresh_token": "refresh-s1", "id_token": idp.sign(claims)})
	c.Client().Post("/auth/apple/", obj{"code": "x"}).Want(200)
	c.Mails()
	c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	m := c.Mail("reset")
	c.Client().Post("/auth/password/reset/confirm/", obj{"uid": m.UID(c.T), "token": m.Key(c.T), "new_password1": "Looking-Glass-7", "new_password2": "Looking-Glass-7"}).Want(200)
	c.Mails()
	if got.Load() != " refresh-s1" || count(c, &models.Identity{}) != 0 {
		c.Errorf("Apple gets %q", got.Load())
	}
}

// revocationsFollowOldSecrets: a change of Secret does not lose them.
func revocationsFollowOldSecrets(c *dbtest.Case) {
	idp := startApple(c, social.Options{})
	got := revocations(c, idp, 200)
	user := me(byApple(c, idp, "s1")).PK
	change := func(secret string, old ...config.Secret) {
		p := social.Apple(clientID, appleKey(c))
		restart(c, social.Options{Providers: []social.Provider{p}, Transport: idp.Transport()}, func(cfg *config.Config) { cfg.Secret, cfg.OldSecrets = config.Secret(secret), old })
	}
	change("another secret that is long enough for the tests", authtest.Secret)
	if err := c.Auth.DeleteUser(c.Context(), user); err != nil {
		c.Fatal(err)
	}
	change("a third secret that is long enough for the tests too", "another secret that is long enough for the tests")
	c.Mails()
	if got.Load() != " refresh-s1" {
		c.Errorf("Apple gets %q", got.Load())
	}
}
