package passkey

// POST passkeys/reauthenticate/begin/ and passkeys/reauthenticate/complete/: using a passkey before a sensitive action.

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Reauthenticate is the body of POST passkeys/reauthenticate/complete/.
type Reauthenticate struct {
	Credential *Assertion `json:"credential" binding:"required"`
}

func (f *feature) reauthenticateRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "passkeys/reauthenticate/begin", Tag: tag, Access: core.AccessUser, Limit: core.LimitFailure, Fails: []int{http.StatusBadRequest},
		Doc: "Begin to re-authenticate with a passkey: return the options for navigator.credentials.get.",
	}, f.beginReauthenticate)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "passkeys/reauthenticate/complete", Tag: tag, Access: core.AccessUser, Limit: core.LimitGuess,
		Doc: "Re-authenticate with the passkey that the browser used (sudo mode).",
	}, f.completeReauthenticate)
}

// beginReauthenticate answers POST passkeys/reauthenticate/begin/.
func (f *feature) beginReauthenticate(g *gin.Context, _ *binding.Empty) (RequestOptions, error) {
	return f.beginKnown(g, forProof, core.User(g), bounds{Session: core.Session(g).ID})
}

// completeReauthenticate answers POST passkeys/reauthenticate/complete/. After it, the session counts as a recent login, and as
// one with two factors if the passkey verified the user, or is the second factor after another proof.
func (f *feature) completeReauthenticate(g *gin.Context, in *Reauthenticate) (binding.Detail, error) {
	var none binding.Detail
	response, err := parseAssertion(in.Credential)
	if err != nil {
		return none, err
	}
	c, err := f.challenge(g.Request.Context(), forProof, response.Response.CollectedClientData.Challenge)
	if err != nil {
		return none, err
	}
	if c.user.ID != core.User(g).ID || c.Session != core.Session(g).ID {
		return none, errChallenge
	}
	var u *use
	err = f.core.TryFactor(g, func() (err error) {
		if u, err = f.proveKnown(g, c, response); err != nil {
			return err
		}
		return f.raise(g, c, u)
	})
	if err := f.settledUse(g, c, u, f.core.IdentityOf(g).Account, err); err != nil {
		return none, err
	}
	return binding.Detail{Detail: f.core.Say(g, "done.reauthenticated", nil)}, nil
}

// raise stores the use of a passkey of the logged-in user, and what it proves.
func (f *feature) raise(g *gin.Context, c *challenge, u *use) error {
	other := func(p models.Proof) bool { return p.Name != Method }
	if u.verified || slices.ContainsFunc(core.Session(g).ProofList(), other) {
		return f.core.RaiseSession(g, Method, func(tx *core.Tx) error { return f.store(tx, c, u) })
	}
	if err := f.core.Held(g, func(tx *core.Tx) error { return f.store(tx, c, u) }); err != nil {
		return err
	}
	return f.core.MarkProven(g, Method)
}
