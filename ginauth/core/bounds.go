package core

// The limits of a route: of a network, and bounds for all clients together.

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/limit"
)

// wideShare is the part of a bound for all clients that a wide network can use: a tenth. A single machine with many
// addresses then cannot use it up.
const wideShare = 10

// ofRoute returns the buckets of a request of a route with a limit.
func (c *Core) ofRoute(g *gin.Context, of Limit) []limit.Bucket {
	l := c.cfg.Limits
	if l.AllowUnlimited || of == LimitNone || of == LimitGuess {
		return nil
	}
	network := c.network(g)
	buckets := c.ofNetwork(network, of)
	switch user := User(g); {
	case of == LimitSignUp:
		buckets = append(buckets, c.ofAll(network, l.SignUp, l.AllSignUps, "sign-ups")...)
	case of == LimitStart:
		buckets = append(buckets, c.ofAll(network, l.Start, l.AllStarts, "starts")...)
	case of == LimitMail && user != nil:
		buckets = append(buckets, c.bucket(steady(l.Mail), "mails of a user", fmt.Sprint(user.ID)))
	case of == LimitMail:
		all := c.ofAll(network, l.Mail, l.AllMails, "mails")
		all[0].Soft = true // a user must get a password reset whatever others do
		buckets = append(buckets, all...)
	}
	return buckets
}

// ofAll returns the bucket of all clients, and that of a wide network. one is the limit of a network.
func (c *Core) ofAll(network string, one, all config.Limit, what string) []limit.Bucket {
	buckets := []limit.Bucket{c.bucket(steady(all), "all "+what)}
	if wide := client.WideNetwork(network); wide != "" {
		share := all
		share.Attempts = max(one.Attempts, all.Attempts/wideShare)
		buckets = append(buckets, c.bucket(steady(share), "wide "+what, wide))
	}
	return buckets
}
