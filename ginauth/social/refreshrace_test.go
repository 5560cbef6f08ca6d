package social_test

// ProviderToken: what happens at the same time.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

// raceToRefresh: of concurrent calls, one asks the provider, and all get its token.
func raceToRefresh(c *dbtest.Case) {
	_, r, user := startTokens(c)
	for range 3 {
		c.Clock.Advance(2 * time.Hour)
		before := r.refreshes()
		tokens := make([]string, 8)
		concurrently(len(tokens), func(i int) int {
			token, err := social.ProviderToken(c.Context(), c.Auth, user, "acme")
			if err != nil {
				c.Error(err)
				return 0
			}
			tokens[i] = token.AccessToken
			return 1
		})
		for _, token := range tokens {
			if token != tokens[0] {
				c.Errorf("the tokens are %v", tokens)
				break
			}
		}
		if n := r.refreshes() - before; n != 1 {
			c.Errorf("there were %d refreshes", n)
		}
	}
}

// loginsDuringARefreshKeepTheNewestToken: whatever is stored while the provider answers, the refresh token that works remains.
func loginsDuringARefreshKeepTheNewestToken(c *dbtest.Case) {
	idp, r, user := startTokens(c)
	r.during = func() { // brings no refresh token
		_, got := enter(c, obj{"access_token": idp.accessToken(idp.claims("s1"))})
		got.Want(200)
	}
	refreshed(c, r, user)
	refreshed(c, r, user)
	r.during = func() { // brings another grant
		r.issue(idp, c, "s1")
	}
	refreshed(c, r, user)
	r.mu.Lock()
	for token := range r.valid { // the provider ends the other grant
		r.valid[token] = token == r.first
	}
	r.mu.Unlock()
	refreshed(c, r, user)
}

// refreshesOutliveTheirCaller: the caller leaves while the provider answers, and the new refresh token is stored.
func refreshesOutliveTheirCaller(c *dbtest.Case) {
	_, r, user := startTokens(c)
	c.Clock.Advance(2 * time.Hour)
	ctx, cancel := context.WithCancel(c.Context())
	r.during = cancel
	if _, err := social.ProviderToken(ctx, c.Auth, user, "acme"); err != nil {
		c.Error(err)
	}
	refreshed(c, r, user)
	cancel()
	c.Clock.Advance(2 * time.Hour)
	if _, err := social.ProviderToken(ctx, c.Auth, user, "acme"); !errors.Is(err, context.Canceled) {
		c.Errorf("with a context that has ended: %v", err)
	}
	refreshed(c, r, user)
}

// accountsDisconnectedDuringARefresh get no tokens, and deleted users do not come back.
func accountsDisconnectedDuringARefresh(c *dbtest.Case) {
	_, r, user := startTokens(c)
	c.Clock.Advance(2 * time.Hour)
	r.during = func() {
		if err := c.Auth.DeleteUser(c.Context(), user); err != nil {
			c.Error(err)
		}
	}
	if token, err := social.ProviderToken(c.Context(), c.Auth, user, "acme"); !errors.Is(err, social.ErrNotConnected) || token != nil {
		c.Errorf("%+v, %v", token, err)
	}
	if count(c, &models.Identity{}) != 0 {
		c.Error("the identity is back")
	}
}

// leasesEnd: an instance that stopped in the middle of a refresh does not stop others for long.
func leasesEnd(c *dbtest.Case) {
	_, r, user := startTokens(c)
	c.Clock.Advance(2 * time.Hour)
	var kept models.Identity
	c.DB.First(&kept)
	lease := map[string]any{"hash": fmt.Sprint("refresh ", kept.ID), "by": "another instance", "expires_at": c.Clock.Now().Add(25 * time.Second)}
	if err := c.DB.Table("auth_social_spent").Create(lease).Error; err != nil {
		c.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(c.Context(), 250*time.Millisecond)
	defer cancel()
	if _, err := social.ProviderToken(ctx, c.Auth, user, "acme"); !errors.Is(err, context.DeadlineExceeded) || r.refreshes() != 0 {
		c.Errorf("%v, %d refreshes", err, r.refreshes())
	}
	refreshed(c, r, user)
}
