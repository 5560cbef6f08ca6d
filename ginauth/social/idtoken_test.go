package social_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

const refused = "non_field_errors social_token_not_valid"

// forgedIDTokensAreRefused: signature, issuer, audience and times of an ID token are verified (T138).
func forgedIDTokensAreRefused(c *dbtest.Case) {
	idp := start(c, acme(func(p *social.Provider) { p.Audiences = []string{"our-app"} }))
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.Fatal(err)
	}
	now := c.Clock.Now()
	claims := idp.claims("s1")
	good := idp.sign(claims)
	parts := strings.Split(good, ".")
	for name, token := range map[string]string{
		"no token":            "x",
		"alg none":            signed(c.T, jwt.SigningMethodNone, idp.kid, jwt.UnsafeAllowNoneSignatureType, claims),
		"HMAC with a secret":  signed(c.T, jwt.SigningMethodHS256, idp.kid, []byte(secret), claims),
		"another key":         signed(c.T, jwt.SigningMethodES256, idp.kid, other, claims),
		"an unknown key":      signed(c.T, jwt.SigningMethodES256, "unknown", other, claims),
		"no signature":        parts[0] + "." + parts[1] + ".",
		"two signatures":      `{"payload":"` + parts[1] + `","signatures":[{"protected":"` + parts[0] + `","signature":"` + parts[2] + `"},{"protected":"` + parts[0] + `","signature":"` + parts[2] + `"}]}`,
		"another issuer":      idp.idToken("s1", obj{"iss": "https://evil.example"}),
		"no issuer":           idp.idToken("s1", obj{"iss": nil}),
		"another application": idp.idToken("s1", obj{"aud": "another-app"}),
		"no audience":         idp.idToken("s1", obj{"aud": nil}),
		"no audiences":        idp.idToken("s1", obj{"aud": []string{}}),
		"two audiences":       idp.idToken("s1", obj{"aud": []string{clientID, "another-app"}}),
		"another azp":         idp.idToken("s1", obj{"azp": "another-app"}),
		"azp no text":         idp.idToken("s1", obj{"azp": 1}),
		"expired":             idp.idToken("s1", obj{"exp": now.Add(-time.Second).Unix()}),
		"no exp":              idp.idToken("s1", obj{"exp": nil}),
		"not yet valid":       idp.idToken("s1", obj{"nbf": now.Add(time.Hour).Unix()}),
		"issued long ago":     idp.idToken("s1", obj{"iat": now.Add(-6 * time.Minute).Unix()}),
		"issued in future":    idp.idToken("s1", obj{"iat": now.Add(time.Hour).Unix()}),
		"no iat":              idp.idToken("s1", obj{"iat": nil}),
		"no subject":          idp.idToken(""),
		"subject null":        idp.idToken("s1", obj{"sub": nil}),
		"subject a number":    idp.idToken("s1", obj{"sub": 7}),
		"subject with spaces": idp.idToken("s1 "),
		"subject too long":    idp.idToken(strings.Repeat("s", 256)),
	} {
		_, r := enter(c, obj{"id_token": token})
		if r.StatusCode != 400 {
			c.Errorf("%s: %d %s", name, r.StatusCode, r.Text)
		} else {
			r.WantProblems(refused)
		}
	}
	if n := count(c, &models.User{}); n != 0 {
		c.Errorf("there are %d users", n)
	}
	for name, token := range map[string]string{
		"our other client": idp.idToken("s1", obj{"aud": "our-app"}),
		"azp is ours":      idp.idToken("s1", obj{"azp": "our-app"}),
		"two audiences":    idp.idToken("s1", obj{"aud": []string{clientID, "another-app"}, "azp": clientID}),
		"clocks differ":    idp.idToken("s1", obj{"iat": now.Add(time.Minute).Unix()}),
	} {
		if _, r := enter(c, obj{"id_token": token}); r.StatusCode != 200 {
			c.Errorf("%s: %d %s", name, r.StatusCode, r.Text)
		}
	}
}

// claimNamesAreExact: a claim that a user added at the provider is not taken for another one whose name it resembles.
func claimNamesAreExact(c *dbtest.Case) {
	idp := start(c, acme(linking))
	confirmed(c, "ann", nil)
	for name, value := range map[string]any{"SUB": "victim", "\u017fub": "victim", "Aud": clientID, "AUD": "another", "Nonce": "n", "i\u017fs": issuer} {
		_, r := enter(c, obj{"id_token": idp.idToken("s1", obj{name: value})})
		r.WantProblems("non_field_errors social_token_not_valid")
	}
	_, r := enter(c, obj{"id_token": idp.idToken("s2", obj{"email": "ann@example.com", "Email_Verified": true})})
	r.WantProblems(emailTaken)
	other, r := enter(c, obj{"access_token": idp.accessToken(idp.claims("s3", obj{"\u017fub": "s4", "Email": "ann@example.com", "Email_verified": true}))})
	r.Want(200)
	if rows := identities(c, me(other).PK); len(rows) != 1 || rows[0].Subject != "s3" {
		c.Errorf("the identities are %v", rows)
	}
}

// idTokensAreValidOnce: a client can have a stolen token, so it works once, also if it is spelled in another way (T137).
func idTokensAreValidOnce(c *dbtest.Case) {
	idp := start(c, acme())
	claims := idp.claims("s1", obj{"nonce": "n1"})
	token := idp.sign(claims)
	_, r := enter(c, obj{"id_token": token, "nonce": "n2"})
	r.WantProblems(refused) // and is not spent
	_, r = enter(c, obj{"id_token": token, "nonce": "n1"})
	r.Want(200)
	_, r = enter(c, obj{"id_token": token})
	r.WantProblems(refused)
	_, r = enter(c, obj{"id_token": idp.sign(claims)}) // ECDSA: another signature of the same claims
	r.WantProblems(refused)
	browser, _ := entered(c, idp, "s1")
	browser.Post("/auth/acme/connect/", obj{"id_token": token}).WantProblems(refused)
	c.Clock.Advance(5 * time.Minute)
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Fatal(err)
	}
	if n := rowsOf(c, "auth_social_spent"); n != 2 {
		c.Errorf("%d spent tokens are kept before they expire", n)
	}
	c.Clock.Advance(2 * time.Hour)
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Fatal(err)
	}
	if n := rowsOf(c, "auth_social_spent"); n != 0 {
		c.Errorf("%d spent tokens are kept", n)
	}
}

// raceForAnIDToken: of concurrent requests with one ID token, one wins.
func raceForAnIDToken(c *dbtest.Case) {
	idp := start(c, acme())
	entered(c, idp, "s1")
	for range 3 {
		token := idp.idToken("s1", obj{"jti": rand.Text()})
		if got := concurrently(8, func(int) int { _, r := enter(c, obj{"id_token": token}); return r.StatusCode }); got[200] != 1 || got[400] != 7 {
			c.Errorf("the responses are %v", got)
		}
	}
}

// accessTokensBelongToTheirIDToken: an ID token names the access token that it was issued with.
func accessTokensBelongToTheirIDToken(c *dbtest.Case) {
	idp := start(c, acme())
	access := "access-of-the-user"
	sum := sha256.Sum256([]byte(access))
	hash := base64.RawURLEncoding.EncodeToString(sum[:16])
	_, r := enter(c, obj{"id_token": idp.idToken("s1", obj{"at_hash": hash}), "access_token": access})
	r.Want(200)
	_, r = enter(c, obj{"id_token": idp.idToken("s1", obj{"at_hash": hash, "jti": "2"}), "access_token": "another"})
	r.WantProblems(refused)
	_, r = enter(c, obj{"id_token": "bad", "access_token": idp.accessToken(idp.claims("s1"))}) // 500 in dj-rest-auth
	r.WantProblems(refused)
	if n := idp.requests("idp.example/userinfo"); n != 0 {
		c.Errorf("an access token was used %d times", n)
	}
}

// keysRotate: a new key is fetched when a token names it, and Ed25519 works.
func keysRotate(c *dbtest.Case) {
	idp := start(c, acme())
	entered(c, idp, "s1")
	old := idp.idToken("s1", obj{"jti": "old"})
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		c.Fatal(err)
	}
	idp.mu.Lock()
	idp.key, idp.kid = key, "ed"
	idp.mu.Unlock()
	entered(c, idp, "s1", obj{"jti": "new"})
	_, r := enter(c, obj{"id_token": old})
	r.WantProblems(refused)
	if n := idp.requests("idp.example/.well-known/openid-configuration"); n != 1 {
		c.Errorf("the discovery document was read %d times", n)
	}
}

// onlyTrueIsVerified: an address counts as verified only if the provider says true, not "true" or 1 (T143).
func onlyTrueIsVerified(c *dbtest.Case) {
	idp := start(c, acme())
	for i, value := range []any{true, "true", "false", 1, nil, []bool{true}, obj{"x": true}} {
		address := fmt.Sprintf("user%d@example.com", i)
		_, user := entered(c, idp, fmt.Sprint("s", i), obj{"email": address, "email_verified": value})
		var email models.Email
		if err := c.DB.Where("user_id = ?", user.PK).First(&email).Error; err != nil {
			c.Fatal(err)
		}
		if email.Verified() != (i == 0) {
			c.Errorf("email_verified %v: the address is confirmed: %t", value, email.Verified())
		}
	}
}

func rowsOf(c *dbtest.Case, table string) (n int64) {
	c.Helper()
	if err := c.DB.Table(table).Count(&n).Error; err != nil {
		c.Fatal(err)
	}
	return n
}

// concurrently calls f from n goroutines, and counts the results.
func concurrently(n int, f func(i int) int) map[int]int {
	var mu sync.Mutex
	var done sync.WaitGroup
	got := map[int]int{}
	for i := range n {
		done.Go(func() {
			code := f(i)
			mu.Lock()
			defer mu.Unlock()
			got[code]++
		})
	}
	done.Wait()
	return got
}
