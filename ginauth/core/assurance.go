package core

// Assurance: how many factors a session has proven, and by which methods.

import (
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// The values of ACR, and of the claim acr in access tokens: the user proved one factor, or two.
const (
	ACR1 = "aal1"
	ACR2 = "aal2"
)

// ACR returns the authentication context class of a session: [ACR2] if the user has proven two factors, else [ACR1].
func ACR(s *models.Session) string {
	if s.Factors >= 2 {
		return ACR2
	}
	return ACR1
}

// AMR declares the authentication methods (RFC 8176) that a login method or a second factor of the feature stands for,
// such as "otp". Sessions and access tokens contain them once the user has proven it. A name without AMR adds none.
func (s *Setup) AMR(name string, values ...string) {
	core := s.declaring().core
	if core.amr == nil {
		core.amr = map[string][]string{}
	}
	core.amr[name] = values
}

// ownAMR has the methods of the library's own flows. A link or code from a mail is a one-time secret.
var ownAMR = map[string][]string{MethodPassword: {"pwd"}, MethodRegister: {"pwd"}, MethodLink: {"otp"}, "code": {"otp"}}

// AMR returns the authentication methods that the user has proven in a session (RFC 8176), sorted, with "mfa" for two
// factors. It is not nil.
func (c *Core) AMR(s *models.Session) []string {
	all := []string{}
	for _, p := range s.ProofList() {
		all = append(append(all, ownAMR[p.Name]...), c.amr[p.Name]...)
	}
	if s.Factors >= 2 {
		all = append(all, "mfa")
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// RequireFactors returns nil if the user has proven this number of factors in the session of the request, 1 or 2.
// Otherwise it returns [ErrFactorRequired], or [ErrFactorSetup] for a user who can prove no second factor. Use it in routes
// with AccessUser: if the request is not logged in, it fails with [ErrInternal].
func (c *Core) RequireFactors(g *gin.Context, number int) error {
	user, session := User(g), Session(g)
	switch {
	case user == nil:
		return errNoUser
	case Actor(g) != nil:
		return ErrImpersonated
	case number < 2 || session.Factors >= 2:
		return nil
	case user.Factors != "":
		return ErrFactorRequired
	}
	return c.Tx(g.Request.Context(), func(tx *Tx) error { return c.setupOrProof(tx, user.ID) })
}

// setupOrProof returns [ErrFactorRequired] for a user without a second factor who can prove two factors all the same, else
// [ErrFactorSetup].
func (c *Core) setupOrProof(tx *Tx, userID int64) error {
	can, err := tx.hasFallback(userID)
	if err == nil {
		err = ErrFactorSetup
	}
	if can {
		err = ErrFactorRequired
	}
	return err
}

// LacksFactor reports whether the user has a second factor that the session of the request has not proven. Such a
// session cannot change credentials: it is older than the factor, or a trusted browser excused it. Use it in routes with AccessUser,
// and return [ErrFactorRequired]; [Core.RequireRecent] and [Core.RequireFresh] do that themselves.
func LacksFactor(g *gin.Context) bool { return User(g).Factors != "" && Session(g).Factors < 2 }

// FactorCode adds a factor that users can prove with a code at reauthenticate/. The first one whose form matches is asked.
func (s *Setup) FactorCode(f FactorCode) {
	s.declaring().core.factorCodes = append(s.core.factorCodes, f)
}

// Reauthenticate proves a second factor of the logged-in user by a code. The session then counts as recent, and as one
// with two factors. It gets a new key, as by [Core.RaiseSession]. Wrong codes count as those of logins do.
func (c *Core) Reauthenticate(g *gin.Context, code string) error {
	user := User(g)
	switch {
	case user == nil:
		return errNoUser
	case Actor(g) != nil:
		return ErrImpersonated
	}
	for _, f := range c.factorCodes {
		if user.Factors == "" || f.Factor != "" && !user.HasFactor(f.Factor) || !f.Matches(code) {
			continue
		}
		return c.TryFactor(g, func() error {
			return c.RaiseSession(g, f.Proof, func(tx *Tx) error { return f.Spend(g, tx, user, code) })
		})
	}
	return binding.Invalid("code", ProblemFactorCode)
}
