package passkey

// POST passkeys/verify/begin/ and passkeys/verify/complete/: a passkey as the second factor of a login, after the first one.

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-webauthn/webauthn/protocol"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// BeginVerify is the body of POST passkeys/verify/begin/.
type BeginVerify struct {
	EphemeralToken string `json:"ephemeral_token" binding:"required,max=512"` // of binding.Challenge
}

// CompleteVerify is the body of POST passkeys/verify/complete/.
type CompleteVerify struct {
	BeginVerify
	Credential *Assertion `json:"credential" binding:"required"`
}

func (f *feature) verifyRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "passkeys/verify/begin", Tag: tag, Limit: core.LimitFailure, Fails: []int{http.StatusForbidden},
		Doc: "Begin to complete a login with a passkey: return the options for navigator.credentials.get.",
	}, f.beginVerify)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "passkeys/verify/complete", Tag: tag, SetsCookies: true, Limit: core.LimitFailure,
		Answers: []any{binding.LoginResponse{}}, Doc: "Complete a login with the passkey that the browser used.",
	}, f.completeVerify)
}

var errEphemeral = binding.Invalid("ephemeral_token", core.ProblemTicket)

// waiting returns the login that waits for a second factor. A passkey is no second factor after itself.
func (f *feature) waiting(g *gin.Context, token string) (*core.Challenge, error) {
	login, err := f.core.Challenge(g.Request.Context(), token)
	if err != nil {
		return nil, f.core.AsTicketError(err, errEphemeral)
	}
	if login.Method == Method {
		return nil, core.ErrPermission
	}
	return login, nil
}

// beginVerify answers POST passkeys/verify/begin/.
func (f *feature) beginVerify(g *gin.Context, in *BeginVerify) (RequestOptions, error) {
	login, err := f.waiting(g, in.EphemeralToken)
	if err != nil {
		return RequestOptions{}, err
	}
	return f.beginKnown(g, forFactor, login.Account.Base(), bounds{Client: hash(in.EphemeralToken)})
}

// beginKnown returns the options for the passkeys of a user who is known by another proof. Possession is enough, so a PIN or
// biometrics are only preferred.
func (f *feature) beginKnown(g *gin.Context, kind string, user *models.User, b bounds) (RequestOptions, error) {
	ctx := g.Request.Context()
	rows, err := list(f.core.DB(ctx), user.ID)
	if err != nil {
		return RequestOptions{}, err
	}
	if len(rows) == 0 {
		return RequestOptions{}, errUnknown
	}
	out := f.requestOptions(protocol.VerificationPreferred, rows)
	err = f.core.Tx(ctx, func(tx *core.Tx) (err error) {
		out.Challenge, err = f.issue(tx, kind, user, b)
		return err
	})
	return out, err
}

// completeVerify answers POST passkeys/verify/complete/. The core counts wrong tries.
func (f *feature) completeVerify(g *gin.Context, in *CompleteVerify) (any, error) {
	ctx := g.Request.Context()
	response, err := parseAssertion(in.Credential)
	if err != nil {
		return nil, err
	}
	login, err := f.waiting(g, in.EphemeralToken)
	if err != nil {
		return nil, err
	}
	user := login.Account.Base()
	c, err := f.challenge(ctx, forFactor, response.Response.CollectedClientData.Challenge)
	if err != nil {
		return nil, err
	}
	if c.user.ID != user.ID || c.Client != hash(in.EphemeralToken) {
		return nil, errChallenge
	}
	u, wrong := f.proveKnown(g, c, response)
	if wrong != nil && !isRefusal(wrong) {
		return nil, wrong
	}
	out, err := f.core.Pass(g, login, Method, func(tx *core.Tx) error {
		if wrong != nil {
			return wrong
		}
		return f.store(tx, c, u)
	})
	return out, f.settledUse(g, c, u, login.Account, f.core.AsTicketError(err, errEphemeral))
}

// proveKnown returns the use of a passkey of the user whom the challenge names.
func (f *feature) proveKnown(g *gin.Context, c *challenge, in *protocol.ParsedCredentialAssertionData) (*use, error) {
	db := f.core.DB(g.Request.Context())
	row, err := find(db.Where("credential_id = ? AND user_id = ?", in.RawID, c.user.ID))
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, errUnknown
	}
	handle, err := findHandle(db, c.user.ID)
	if err != nil {
		return nil, err
	}
	return f.assert(g, c, row, handle, in)
}
