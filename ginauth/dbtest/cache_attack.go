package dbtest

import (
	"crypto/rand"
	"sync/atomic"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
)

// invalidTokensDoNotEmptyTheCache: an invalid token costs one query and removes no other session from the cache.
func invalidTokensDoNotEmptyTheCache(c *Case) {
	c.Start(caching, withEachCredential)
	guarded(c.App)
	ann := c.SignedUp("ann")
	ann.Get("/mine").Want(200)
	for range 2000 {
		text, err := secret.New(rand.Reader)
		if err != nil {
			c.Fatal(err)
		}
		stranger := c.byToken(secret.Format(c.Auth.Config().Token.Prefix, text))
		stranger.Get("/mine").Want(401)
		stranger.Post("/auth/logout/", nil).Want(200)
	}
	var queries atomic.Int64
	c.beforeReads(func(*gorm.DB) { queries.Add(1) })
	ann.Get("/mine").Want(200)
	if got := queries.Load(); got != 0 {
		c.Errorf("%d queries", got)
	}
}
