package core

// Required second factors: users who must have one and have none can only set one up.

import (
	"errors"
	"slices"

	"github.com/ginauth/gin-rest-auth/models"
)

// RequireFactor adds a policy. While must returns true for a user without a second factor, every login responds with a
// challenge that only [Core.Enrol] completes, and all sessions and tokens that have not proven two factors get
// [ErrFactorSetupByLogin], except at routes with Route.BeforeSetup. must is called for each request, so it must not use the
// database. Access tokens that are accepted without the database, see config.JWT.Stateless, end when they expire.
func (s *Setup) RequireFactor(must func(models.Account) bool) {
	if must == nil {
		s.fail(errors.New("RequireFactor needs a function, got nil"))
		return
	}
	s.declaring().core.musts = append(s.core.musts, must)
}

// mustHaveFactor reports whether a policy requires a second factor of a user.
func (c *Core) mustHaveFactor(account models.Account) bool {
	return slices.ContainsFunc(c.musts, func(must func(models.Account) bool) bool { return must(account) })
}

type beforeSetupKey struct{}

// checkSetUp returns [ErrFactorSetupByLogin] for a session that a policy closes until its user has set up a second factor. A
// session without a row, of an access token that was not looked up, has no user to ask the policy about.
func (c *Core) checkSetUp(s *models.Session, account models.Account) error {
	if s.Factors < 2 && s.ActorID == 0 && account.Base().Factors == "" && c.mustHaveFactor(account) {
		return ErrFactorSetupByLogin
	}
	return nil
}
