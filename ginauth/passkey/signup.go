package passkey

// POST passkeys/signup/begin/ and passkeys/signup/complete/: a new user with a passkey and no password.

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-webauthn/webauthn/protocol"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// BeginSignUp is the body of POST passkeys/signup/begin/. config.Config.SignUpFields says which fields are required, optional or
// ignored, as for registration/. It also has the application's own fields of config.Config.Forms.SignUp, which are only checked here, so
// that the user corrects them before the browser creates a passkey.
type BeginSignUp struct {
	Username string `json:"username" binding:"omitempty,max=150,username"`
	Email    string `json:"email" binding:"omitempty,max=254,address"`

	// Invitation is the key of an invitation. It is ignored unless the application has package invite.
	Invitation string `json:"invitation" binding:"max=128"`
}

// SignUpOptions is the response of POST passkeys/signup/begin/.
type SignUpOptions struct {
	CreationOptions
	SessionID string `json:"session_id"` // send it to passkeys/signup/complete/
}

// CompleteSignUp is the body of POST passkeys/signup/complete/. It also has the application's own fields again, which are stored here.
type CompleteSignUp struct {
	Credential *NewCredential `json:"credential" binding:"required"`
	SessionID  string         `json:"session_id" binding:"required,max=64"` // of the response of begin
	Name       string         `json:"name" binding:"max=255"`               // of the passkey; default: that of its provider
}

func (f *feature) signUpRoutes(s *core.Setup) {
	if !f.SignUp {
		return
	}
	core.AddChecked(s, core.Route{
		Method: http.MethodPost, Path: "passkeys/signup/begin", Tag: tag, SetsCookies: true, Limit: core.LimitStart, SignUpForm: true,
		Required: f.core.SignUpFields(config.FieldRequired), Ignored: f.core.SignUpFields(config.FieldOff),
		Doc: "Begin to sign up with a passkey: return the options for navigator.credentials.create.",
	}, f.checkSignUp, f.beginSignUp)
	core.AddChecked(s, core.Route{
		Method: http.MethodPost, Path: "passkeys/signup/complete", Tag: tag, SetsCookies: true, Limit: core.LimitSignUp, Status: http.StatusCreated,
		SignUpForm: true, Answers: f.core.SignUpResponses(), Doc: "Create an account with the passkey that the browser created and, by default, log in.",
	}, checkSignUpSession, f.completeSignUp)
}

func checkSignUpSession(_ *gin.Context, in *CompleteSignUp, good func(string) bool) error {
	return checkSession(in.SessionID, good)
}

// applicant returns the user who signs up, not stored yet.
func (f *feature) applicant(username, email string) models.Account {
	account := f.cfg.NewUser()
	account.Base().SetUsername(username)
	account.Base().SetEmail(email)
	return account
}

// checkSignUp checks that the name and address are free, as registration/ does.
func (f *feature) checkSignUp(g *gin.Context, in *BeginSignUp, good func(string) bool) error {
	user := f.applicant(in.Username, in.Email).Base()
	if !good("username") {
		user.SetUsername("")
	}
	if !good("email") {
		user.SetEmail("")
	}
	if guard := f.cfg.RegisterGuard; guard != nil {
		if err := guard(g.Request); err != nil {
			return err
		}
	}
	return f.core.CheckApplicant(g.Request.Context(), user, in.Invitation)
}

// beginSignUp answers POST passkeys/signup/begin/. Nothing is stored about the user: the name and address are in the challenge.
func (f *feature) beginSignUp(g *gin.Context, in *BeginSignUp) (out SignUpOptions, err error) {
	if err := f.core.ApplyForm(g, nil, f.applicant(in.Username, in.Email)); err != nil {
		return out, err
	}
	handle := make([]byte, handleSize)
	if _, err := io.ReadFull(f.cfg.Rand, handle); err != nil {
		return out, core.ErrInternal.Because(err)
	}
	b := bounds{Username: in.Username, Email: in.Email, Invitation: in.Invitation, Handle: handle}
	if b.Browser, err = f.core.BindBrowser(g); err != nil {
		return out, err
	}
	if out.SessionID, err = f.newSecret(); err != nil {
		return out, err
	}
	b.Client = hash(out.SessionID)
	err = f.core.Tx(g.Request.Context(), func(tx *core.Tx) error {
		text, err := f.issue(tx, forSignUp, nil, b)
		out.CreationOptions = f.creationOptions(f.applicant(in.Username, in.Email).Base(), handle, text, nil)
		return err
	})
	// the passkey is the only way to log in, so it has to work alone
	out.AuthenticatorSelection = Selection{"required", true, string(protocol.VerificationRequired)}
	return out, err
}

// completeSignUp answers POST passkeys/signup/complete/.
func (f *feature) completeSignUp(g *gin.Context, in *CompleteSignUp) (any, error) {
	ctx := g.Request.Context()
	response, err := parseNew(in.Credential)
	if err != nil {
		return nil, err
	}
	if err := f.core.CheckGrant(g.Request); err != nil {
		return nil, err
	}
	c, err := f.challenge(ctx, forSignUp, response.Response.CollectedClientData.Challenge)
	if err != nil {
		return nil, err
	}
	if c.Client != hash(in.SessionID) || !f.core.IsBrowser(g, c.Browser) {
		return nil, errChallenge
	}
	account := f.applicant(c.Username, c.Email)
	if err := f.core.ApplyForm(g, nil, account); err != nil {
		return nil, err // the challenge stays valid: the browser has the passkey already
	}
	row, err := f.attest(g, c, c.Handle, response, protocol.VerificationRequired)
	if err == nil && !row.Discoverable {
		err = errNotStored
	}
	if err != nil {
		return nil, f.settled(ctx, c, err)
	}
	row.Name = nameFor(row, in.Name)
	out, err := f.signUp(g, c, account, row)
	return out, f.settled(ctx, c, err)
}

// signUp stores the user of a challenge, with a passkey.
func (f *feature) signUp(g *gin.Context, c *challenge, account models.Account, row *Credential) (any, error) {
	user := account.Base()
	if g.GetHeader("Accept-Language") != "" {
		user.Locale = f.core.MatchLanguage(g.GetHeader("Accept-Language"))
	}
	return f.core.SignUp(g, core.Flow{Account: account, Method: Method, Factors: 2, Invitation: c.Invitation, Work: func(tx *core.Tx) error {
		if _, err := f.core.Redeem(tx, c.ticket); err != nil {
			return f.core.AsTicketError(err, errChallenge)
		}
		row.UserID = user.ID
		if err := tx.Create(&Handle{UserID: user.ID, Handle: c.Handle}).Error; err != nil {
			return err
		}
		if err := f.add(tx, row); err != nil || !f.SecondFactor {
			return err
		}
		user.Factors = Method
		return tx.SetFactor(user.ID, Method, true)
	}})
}
