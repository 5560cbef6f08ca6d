package core

// Attempts at second factors: counted for each user, over all challenges and routes.

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/limit"
	"github.com/ginauth/gin-rest-auth/models"
)

// guessFactor counts an attempt at a second factor, and fails with 429 if there were too many. Browsers where the user logged in before have
// a count of their own, so someone who knows the password cannot lock the user out there.
func (c *Core) guessFactor(g *gin.Context, user *models.User) (*Attempt, error) {
	if c.cfg.Limits.AllowUnlimited {
		return nil, nil
	}
	kind := "factor"
	if c.cookies.KnowsDevice(g, user) {
		kind = "known browser factor"
	}
	bucket := c.bucket(c.slowing(c.cfg.Limits.Factor), kind, strconv.FormatInt(user.ID, 10))
	bucket.Tally = bucket.Name
	return c.take(g, []limit.Bucket{bucket})
}

// MethodFactor is the method of events about a wrong second factor that a logged-in user entered.
const MethodFactor = "factor"

// TryFactor counts an attempt of the logged-in user at a second factor, and calls try. Call it wherever a route compares a
// code. It fails with 429 if there were too many. A *binding.Error of try means that the factor is wrong; a success takes
// earlier failures back. Other errors do not count. Use it in routes with AccessUser.
func (c *Core) TryFactor(g *gin.Context, try func() error) error {
	attempt, err := c.guessFactor(g, User(g))
	if err != nil {
		return err
	}
	switch err = try(); {
	case err == nil:
		attempt.Right(g)
	case isRefused(err):
		c.wrongProof(g, MethodFactor)
	default:
		attempt.GiveBack(g)
	}
	return err
}
