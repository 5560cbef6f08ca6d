package passkey

// POST passkeys/login/begin/ and passkeys/login/complete/: logging in without a name.

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"
	"github.com/go-webauthn/webauthn/protocol"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// CompleteLogin is the body of POST passkeys/login/complete/.
type CompleteLogin struct {
	Credential *Assertion `json:"credential" binding:"required"`
	SessionID  string     `json:"session_id" binding:"required,max=64"` // of the response of begin
	Remember   *bool      `json:"remember"`                             // false: a short session; see config.Session.Short
}

func (f *feature) loginRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "passkeys/login/begin", Tag: tag, SetsCookies: true, Limit: core.LimitStart,
		Doc: "Begin a login with a passkey: return the options for navigator.credentials.get.",
	}, f.beginLogin)
	core.AddChecked(s, core.Route{
		Method: http.MethodPost, Path: "passkeys/login/complete", Tag: tag, SetsCookies: true, Limit: core.LimitFailure, Answers: []any{binding.LoginResponse{}},
		Doc: "Log in with the passkey that the browser used.",
	}, checkLogin, f.completeLogin)
}

// beginLogin answers POST passkeys/login/begin/.
func (f *feature) beginLogin(g *gin.Context, _ *binding.Empty) (out RequestOptions, err error) {
	browser, err := f.core.BindBrowser(g)
	if err != nil {
		return out, err
	}
	out = f.requestOptions(f.loginVerification(), nil)
	if out.SessionID, err = f.newSecret(); err != nil {
		return out, err
	}
	err = f.core.Tx(g.Request.Context(), func(tx *core.Tx) (err error) {
		out.Challenge, err = f.issue(tx, forLogin, nil, bounds{Browser: browser, Client: hash(out.SessionID)})
		return err
	})
	return out, err
}

// loginVerification says whether a passkey alone logs in without a PIN or biometrics.
func (f *feature) loginVerification() protocol.UserVerificationRequirement {
	if f.AllowUnverifiedUsers {
		return protocol.VerificationPreferred
	}
	return protocol.VerificationRequired
}

// requestOptions returns the options for a use of these passkeys, without a challenge.
func (f *feature) requestOptions(verification protocol.UserVerificationRequirement, rows []Credential) RequestOptions {
	return RequestOptions{
		Timeout: int(lasts.Milliseconds()), RPID: f.RPID, AllowCredentials: descriptorsOf(rows), UserVerification: string(verification),
	}
}

var sessionIDForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

func checkLogin(_ *gin.Context, in *CompleteLogin, good func(string) bool) error {
	return checkSession(in.SessionID, good)
}

func checkSession(id string, good func(string) bool) error {
	if good("session_id") && !sessionIDForm.MatchString(id) {
		return binding.Invalid("session_id", binding.Problem{Code: binding.CodeInvalid})
	}
	return nil
}

// completeLogin answers POST passkeys/login/complete/.
func (f *feature) completeLogin(g *gin.Context, in *CompleteLogin) (any, error) {
	ctx := g.Request.Context()
	response, err := parseAssertion(in.Credential)
	if err != nil {
		return nil, err
	}
	if err := f.core.CheckGrant(g.Request); err != nil {
		return nil, err
	}
	c, err := f.challenge(ctx, forLogin, response.Response.CollectedClientData.Challenge)
	if err != nil {
		return nil, err
	}
	if c.Client != hash(in.SessionID) || !f.core.IsBrowser(g, c.Browser) {
		return nil, errChallenge
	}
	account, u, err := f.proveLogin(g, c, response)
	if err != nil {
		if isRefusal(err) {
			f.core.LoginFailed(g, "", Method)
		}
		return nil, f.settled(ctx, c, err)
	}
	factors := 1
	if u.verified {
		factors = 2
	}
	out, err := f.core.SignIn(g, core.Flow{
		Account: account, Method: Method, Factors: factors, Short: core.Shortens(in.Remember),
		Work: func(tx *core.Tx) error { return f.store(tx, c, u) },
	})
	return out, f.settledUse(g, c, u, account, err)
}

// proveLogin returns the account of a passkey, and its use. A passkey that did not verify the user is not enough, unless
// Options.AllowUnverifiedUsers is set and the user has no second factor, or one that is not a passkey.
func (f *feature) proveLogin(g *gin.Context, c *challenge, in *protocol.ParsedCredentialAssertionData) (models.Account, *use, error) {
	ctx := g.Request.Context()
	row, err := find(f.core.DB(ctx).Where("credential_id = ?", in.RawID))
	if err != nil {
		return nil, nil, err
	}
	if row == nil {
		return nil, nil, errUnknown
	}
	account, err := f.core.UserByID(ctx, row.UserID)
	if err != nil {
		return nil, nil, core.NotFoundAs(err, errUnknown) // deleted with SQL, for example
	}
	handle, err := findHandle(f.core.DB(ctx), row.UserID)
	if err != nil {
		return nil, nil, err
	}
	u, err := f.assert(g, c, row, handle, in)
	if err != nil {
		return nil, nil, err
	}
	user := account.Base()
	if f.core.Managed(user) { // their directory decides whether they may log in
		return nil, nil, core.ErrCredentials
	}
	if !user.IsActive && f.cfg.AllowInactiveHint {
		return nil, nil, problem(binding.CodeAccountInactive)
	}
	if !u.verified && (!f.AllowUnverifiedUsers || user.Factors == Method) {
		return nil, nil, errUnverified
	}
	return account, u, nil
}

// errCloned means that a passkey exists more than once: its sign count did not rise.
var errCloned = errors.New("passkey: the sign count did not rise")

// store spends the challenge, and stores the use of a passkey. It locks the user, so one request decides at a time.
func (f *feature) store(tx *core.Tx, c *challenge, u *use) error {
	if _, err := f.core.Redeem(tx, c.ticket); err != nil {
		return f.core.AsTicketError(err, errChallenge)
	}
	if err := tx.LockUser(u.row.UserID); err != nil {
		return core.NotFoundAs(err, errUnknown)
	}
	now, err := find(tx.Where("id = ? AND user_id = ?", u.row.ID, u.row.UserID))
	if err != nil {
		return err
	}
	if now == nil {
		return errUnknown
	}
	if u.count <= now.SignCount && (u.count != 0 || now.SignCount != 0) {
		return errCloned
	}
	return tx.Model(&Credential{}).Where("id = ?", now.ID).Updates(map[string]any{
		"sign_count": u.count, "backed_up": u.backedUp, "last_used_at": f.core.Now(), "user_verified": now.UserVerified || u.verified,
	}).Error
}

// tellCloned records a cloned passkey and mails its user, up to Mail.MaxPerHour times: someone who has the copy can try again. The link
// of the mail removes the passkey.
func (f *feature) tellCloned(g *gin.Context, account models.Account, id int64) error {
	user := account.Base()
	return f.core.Tx(context.WithoutCancel(g.Request.Context()), func(tx *core.Tx) error {
		if err := tx.LockUser(user.ID); err != nil {
			return err
		}
		if err := tx.Model(&Credential{}).Where("id = ?", id).Update("copied_at", f.core.Now()).Error; err != nil {
			return err
		}
		if err := tx.Record(EventCloned, f.core.Event(g, account)); err != nil {
			return err
		}
		return f.core.Notify(g, tx, mailCloned, user, user.Email)
	})
}

// settledUse is settled for a use that was stored. A cloned passkey is in the audit trail and the log, and mailed to the user.
func (f *feature) settledUse(g *gin.Context, c *challenge, u *use, account models.Account, err error) error {
	ctx := g.Request.Context()
	if errors.Is(err, errCloned) {
		f.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "ginauth: the sign count of a passkey did not rise, so the passkey may have been copied; it was refused",
			slog.Int64("user", u.row.UserID), slog.Int64("passkey", u.row.ID), slog.Int64("stored", u.row.SignCount), slog.Int64("sent", u.count))
		if failure := f.tellCloned(g, account, u.row.ID); failure != nil {
			return failure
		}
		f.core.LoginFailed(g, "", Method)
		err = errFailed.Because(err)
	}
	return f.settled(ctx, c, err)
}

// settled spends the challenge if the response was refused: one challenge allows one try. It returns err.
func (f *feature) settled(ctx context.Context, c *challenge, err error) error {
	if !isRefusal(err) {
		return err
	}
	if failure := f.spend(context.WithoutCancel(ctx), c); failure != nil {
		return failure
	}
	return err
}

// isRefusal reports whether a request failed because of what the client sent.
func isRefusal(err error) bool {
	e, ok := errors.AsType[*binding.Error](err)
	return ok && e.Status < http.StatusInternalServerError
}
