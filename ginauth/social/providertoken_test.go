package social_test

// ProviderToken: refreshing, races and failures.

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

var tokenCases = dbtest.Group{Name: "providertoken", Cases: []func(*dbtest.Case){
	tokensAreRefreshed, raceToRefresh, refreshTokensAreKept, loginsDuringARefreshKeepTheNewestToken, refreshesOutliveTheirCaller, tokensThatCannotBeRefreshed,
	accountsDisconnectedDuringARefresh, leasesEnd, storedTokensFollowOldSecrets,
}}

// rotating makes the token endpoint accept each refresh token once, and calls during while a refresh is in flight.
type rotating struct {
	mu     sync.Mutex
	valid  map[string]bool
	first  string // of a code
	count  int    // of refreshes
	during func()
}

func rotates(idp *idp) *rotating {
	r := &rotating{valid: map[string]bool{}}
	idp.on("idp.example/token", func(w http.ResponseWriter, q *http.Request) {
		_ = q.ParseForm()
		if q.PostForm.Get("grant_type") != "refresh_token" {
			idp.serveToken(w, q)
			return
		}
		r.mu.Lock()
		used, during := q.PostForm.Get("refresh_token"), r.during
		known := r.valid[used]
		r.count++
		r.during = nil
		next := fmt.Sprint("refresh-", r.count, "-", rand.Text())
		if known {
			r.valid[used], r.valid[next] = false, true
		}
		r.mu.Unlock()
		if during != nil {
			during()
		}
		if !known || q.PostForm.Get("client_secret") != secret {
			writeJSON(w, 400, obj{"error": "invalid_grant"})
			return
		}
		writeJSON(w, 200, obj{"access_token": "access-of-" + next, "token_type": "bearer", "refresh_token": next, "expires_in": 3600})
	})
	return r
}

// issue makes a code's refresh token valid. It answers the token endpoint for the next code.
func (r *rotating) issue(idp *idp, c *dbtest.Case, subject string) *authtest.Client {
	c.Helper()
	refresh := "refresh-first-" + rand.Text()
	r.mu.Lock()
	r.valid[refresh], r.first = true, refresh
	r.mu.Unlock()
	claims := idp.claims(subject, obj{"jti": rand.Text()})
	old := idp.others["idp.example/token"]
	idp.sends("idp.example/token", obj{"access_token": idp.accessToken(claims), "token_type": "Bearer", "refresh_token": refresh, "expires_in": 3600, "id_token": idp.sign(claims)})
	browser, got := enter(c, obj{"code": "x"})
	idp.on("idp.example/token", old)
	got.Want(200)
	return browser
}

func startTokens(c *dbtest.Case) (*idp, *rotating, int64) {
	c.Helper()
	idp := startWith(c, social.Options{Providers: []social.Provider{acme()}, StoreTokens: true})
	r := rotates(idp)
	return idp, r, me(r.issue(idp, c, "s1")).PK
}

func (r *rotating) refreshes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

// refreshed returns the access token of a user, after a refresh.
func refreshed(c *dbtest.Case, r *rotating, user int64) string {
	c.Helper()
	c.Clock.Advance(2 * time.Hour)
	before := r.refreshes()
	token, err := social.ProviderToken(c.Context(), c.Auth, user, "acme")
	if err != nil || r.refreshes() != before+1 || !strings.HasPrefix(token.AccessToken, "access-of-refresh-") || token.RefreshToken != "" {
		c.Fatalf("the token is %+v after %d refreshes: %v", token, r.refreshes(), err)
	}
	return token.AccessToken
}

// tokensAreRefreshed: a token is returned while it is valid, and refreshed with the newest refresh token afterwards.
func tokensAreRefreshed(c *dbtest.Case) {
	_, r, user := startTokens(c)
	token, err := social.ProviderToken(c.Context(), c.Auth, user, "acme")
	if err != nil || !strings.HasPrefix(token.AccessToken, "access-") || r.refreshes() != 0 || !token.Expiry.Equal(c.Clock.Now().Add(time.Hour)) {
		c.Errorf("the token is %+v, %v", token, err)
	}
	one := refreshed(c, r, user)
	again, err := social.ProviderToken(c.Context(), c.Auth, user, "acme")
	if err != nil || again.AccessToken != one || r.refreshes() != 1 {
		c.Errorf("the token is %+v, %v", again, err)
	}
	if two := refreshed(c, r, user); two == one {
		c.Error("the second refresh brought the same token")
	}
	var kept models.Identity
	if err := c.DB.First(&kept).Error; err != nil || strings.Contains(kept.Tokens+c.Log.String(), "refresh-") {
		c.Errorf("a token is not encrypted: %v", err)
	}
	if n := leases(c); n != 0 {
		c.Errorf("%d leases remain", n)
	}
}

func leases(c *dbtest.Case) (n int64) {
	c.DB.Table("auth_social_spent").Where("hash LIKE ?", "refresh %").Count(&n)
	return n
}

// refreshTokensAreKept: a login that brings no refresh token, as most of Google's, does not lose the one that is stored.
func refreshTokensAreKept(c *dbtest.Case) {
	idp, r, user := startTokens(c)
	access := idp.accessToken(idp.claims("s1"))
	_, got := enter(c, obj{"access_token": access})
	got.Want(200)
	if token, err := social.ProviderToken(c.Context(), c.Auth, user, "acme"); err != nil || token.AccessToken != access {
		c.Errorf("the token is %+v, %v", token, err)
	}
	entered(c, idp, "s1", obj{"jti": "only an ID token"})
	expire(c)
	refreshed(c, r, user)
}

// expire makes the stored access token one that has an expiry: the fake's do not say when they end if a client sends them.
func expire(c *dbtest.Case) {
	c.Helper()
	var kept models.Identity
	if err := c.DB.First(&kept).Error; err != nil {
		c.Fatal(err)
	}
	social.ExpireTokens(c.T, c.Auth, &kept)
	if err := c.DB.Model(&kept).Update("tokens", kept.Tokens).Error; err != nil {
		c.Fatal(err)
	}
}

// tokensThatCannotBeRefreshed: each failure has its error, and only the provider's word that the grant ended removes the tokens.
func tokensThatCannotBeRefreshed(c *dbtest.Case) {
	idp, r, user := startTokens(c)
	want := func(user int64, provider string, target error) {
		c.Helper()
		if token, err := social.ProviderToken(c.Context(), c.Auth, user, provider); !errors.Is(err, target) || token != nil {
			c.Errorf("%+v, %v, want %v", token, err, target)
		} else if strings.Contains(err.Error(), "refresh-") || strings.Contains(err.Error(), "://") {
			c.Errorf("the error says too much: %v", err)
		}
	}
	want(user, "other", social.ErrNotConnected)
	want(user+1000, "acme", social.ErrNotConnected)
	_, other := entered(c, idp, "s2")
	want(other.PK, "acme", social.ErrReconnect)
	c.Clock.Advance(2 * time.Hour)
	handler := idp.others["idp.example/token"]
	for status, target := range map[int]error{500: social.ErrUnavailable, 429: social.ErrUnavailable, 302: social.ErrUnavailable} {
		idp.fails("idp.example/token", status)
		want(user, "acme", target)
	}
	idp.on("idp.example/token", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 401, obj{"error": "invalid_client"}) })
	want(user, "acme", social.ErrRefused)
	idp.on("idp.example/token", handler)
	refreshed(c, r, user)
	r.mu.Lock()
	clear(r.valid)
	r.mu.Unlock()
	c.Clock.Advance(2 * time.Hour)
	want(user, "acme", social.ErrReconnect)
	n := r.refreshes()
	want(user, "acme", social.ErrReconnect)
	if r.refreshes() != n {
		c.Error("a revoked token is tried again")
	}
	r.issue(idp, c, "s1")
	refreshed(c, r, user)
	startWith(c, social.Options{Providers: []social.Provider{acme()}})
	if _, err := social.ProviderToken(c.Context(), c.Auth, 1, "acme"); err == nil || !strings.Contains(err.Error(), "StoreTokens") {
		c.Errorf("without StoreTokens: %v", err)
	}
}

// storedTokensFollowOldSecrets: after a change of Secret the tokens work, and are encrypted anew when they are used.
func storedTokensFollowOldSecrets(c *dbtest.Case) {
	idp, r, user := startTokens(c)
	sealed := func() string {
		var kept models.Identity
		c.DB.First(&kept)
		return kept.Tokens
	}
	change := func(secret string, old ...config.Secret) {
		restart(c, social.Options{Providers: []social.Provider{acme()}, StoreTokens: true, Transport: idp.Transport()}, func(cfg *config.Config) {
			cfg.Secret, cfg.OldSecrets = config.Secret(secret), old
		})
	}
	before := sealed()
	change("another secret that is long enough for the tests", authtest.Secret)
	token, err := social.ProviderToken(c.Context(), c.Auth, user, "acme")
	if err != nil || sealed() == before {
		c.Errorf("%+v, %v: encrypted anew %t", token, err, sealed() != before)
	}
	change("another secret that is long enough for the tests")
	if again, err := social.ProviderToken(c.Context(), c.Auth, user, "acme"); err != nil || again.AccessToken != token.AccessToken {
		c.Errorf("%+v, %v", again, err)
	}
	refreshed(c, r, user)
	change("a third secret that does not know the others at all")
	if _, err := social.ProviderToken(c.Context(), c.Auth, user, "acme"); !errors.Is(err, social.ErrReconnect) {
		c.Errorf("without the old secret: %v", err)
	}
}
