package mfa

// Recovery after the loss of all factors: mfa/recovery/, mfa/recovery/confirm/ and mfa/recovery/cancel/.

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Recovery lets users remove factors that they lost together with the recovery codes. A user who enters the password and a mailed
// code starts it, waits, and enters both again. Until then, all of the user's addresses have a link that cancels it. A thief who has
// the password and reads the mails can do the same, so the time is what protects the user. The zero value offers no recovery: the
// operator calls [Reset].
type Recovery struct {
	// Wait is how long a user waits: 72 hours to 30 days. 0 turns recovery off.
	Wait time.Duration
	// CancelURL is the page of your front end that cancels a recovery, with {key}, for POST mfa/recovery/cancel/. See
	// config.MailURLs. Required with Wait.
	CancelURL string
	// For says who can use it. Default: everyone except staff and superusers, whose lost factors an operator removes with [Reset]. It
	// is called in requests, so it must be fast.
	For func(models.Account) bool
}

// offeredTo reports whether a user can recover.
func (r *Recovery) offeredTo(account models.Account) bool {
	if r.For != nil {
		return r.For(account)
	}
	user := account.Base()
	return !user.IsStaff && !user.IsSuperuser
}

const (
	minRecoveryWait = 72 * time.Hour
	maxRecoveryWait = 30 * 24 * time.Hour

	recoveryWindow = 7 * 24 * time.Hour  // how long a recovery can be completed after the wait
	recoveryPause  = 24 * time.Hour      // between two starts
	recoveryAge    = 30 * 24 * time.Hour // how long an address must be confirmed to prove the user
)

// RecoveryStart is the body of POST mfa/recovery/.
type RecoveryStart struct {
	EphemeralToken string `json:"ephemeral_token" binding:"required,max=512"` // of a login by password
}

// RecoveryConfirm is the body of POST mfa/recovery/confirm/.
type RecoveryConfirm struct {
	EphemeralToken string `json:"ephemeral_token" binding:"required,max=512"`
	Code           string `json:"code" binding:"required,max=32"` // from the mail
}

// RecoveryState is the response of mfa/recovery/ and mfa/recovery/confirm/. Times are RFC 3339 in UTC.
type RecoveryState struct {
	Detail    string `json:"detail"`
	EmailCode bool   `json:"email_code_required"` // a code was mailed, for mfa/recovery/confirm/
	Recovered bool   `json:"recovered"`           // the factors are removed; log in again
	*RecoveryTimes
}

// RecoveryTimes are the times of a recovery that runs; they are missing if none does.
type RecoveryTimes struct {
	StartedAt time.Time `json:"started_at"`
	ReadyAt   time.Time `json:"ready_at"`   // when the user can complete it
	ExpiresAt time.Time `json:"expires_at"` // when it ends if the user does not
}

var (
	errNoAddress     = &binding.Error{Status: http.StatusForbidden, Code: codeNoAddress}
	errWaiting       = &binding.Error{Status: http.StatusForbidden, Code: codeWaiting}
	errNotOffered    = &binding.Error{Status: http.StatusForbidden, Code: codeNotOffered}
	errNeedsPassword = &binding.Error{Status: http.StatusForbidden, Code: codeNeedsPassword}
)

func (f *feature) recoveryRoutes(s *core.Setup) {
	if f.Recovery.Wait == 0 {
		return
	}
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "mfa/recovery", Limit: core.LimitMail, Fails: []int{http.StatusForbidden},
		Doc: "Begin or continue to remove lost second factors, in a login by password that waits for one. Mails a code, unless the user still has to wait.",
	}, f.askRecovery)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "mfa/recovery/confirm", Limit: core.LimitFailure, Fails: []int{http.StatusForbidden},
		Doc: "Start the wait after which second factors can be removed, or remove them after it, with the code of the mail.",
	}, f.confirmRecovery)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "mfa/recovery/cancel", Access: core.AccessOptional, Limit: core.LimitFailure,
		Fails: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound},
		Doc:   "Cancel the removal of second factors, with the key of the mail or in a session that has proven two factors.",
	}, f.cancelRecovery)
}

// loserOf returns the login of a user who can recover, which began with the password.
func (f *feature) loserOf(g *gin.Context, token string) (*core.Challenge, error) {
	login, err := f.core.Challenge(g.Request.Context(), token)
	if err == nil && login.SetUp {
		err = core.ErrTicket
	}
	if err != nil {
		return nil, f.core.AsTicketError(err, errEphemeral)
	}
	if login.Method != core.MethodPassword || login.ByMail {
		return nil, errNeedsPassword
	}
	if !f.Recovery.offeredTo(login.Account) {
		return nil, errNotOffered
	}
	return login, nil
}

// askRecovery answers POST mfa/recovery/.
func (f *feature) askRecovery(g *gin.Context, in *RecoveryStart) (out RecoveryState, err error) {
	login, err := f.loserOf(g, in.EphemeralToken)
	if err != nil {
		return out, err
	}
	user, now := login.Account.Base(), f.core.Now()
	row, err := recoveryOf(f.core.DB(g.Request.Context()), user.ID)
	if err != nil {
		return out, err
	}
	if row.runs(user, now) {
		out.RecoveryTimes = row.times()
		if now.Before(row.ReadyAt) {
			out.Detail = f.core.Say(g, "done.mfa_recovery_waits", nil)
			return out, nil
		}
	} else if err := row.paused(now); err != nil {
		return out, err
	}
	out.EmailCode, out.Detail = true, f.core.Say(g, "done.mfa_code_sent", nil)
	return out, f.postCode(g, user, func(tx *core.Tx) (core.Mail, error) {
		to, err := f.provingAddress(tx, user)
		return core.Mail{Kind: mailRecoveryCode, User: user, Address: to, Confirmed: true, Asked: true}, err
	})
}

// confirmRecovery answers POST mfa/recovery/confirm/. It spends the login, so both steps need the password again.
func (f *feature) confirmRecovery(g *gin.Context, in *RecoveryConfirm) (out RecoveryState, err error) {
	login, err := f.loserOf(g, in.EphemeralToken)
	if err != nil {
		return out, err
	}
	err = f.core.SpendChallenge(g, login, func(tx *core.Tx) error {
		user := login.Account.Base()
		to, err := f.provingAddress(tx, user)
		if err != nil {
			return err
		}
		if err := f.core.AsTicketError(f.core.RedeemCode(tx, forRecovery, user, to, in.Code), errCode); err != nil {
			return err
		}
		row, err := recoveryOf(tx.DB, user.ID)
		if err != nil {
			return err
		}
		if row.runs(user, f.core.Now()) {
			out = RecoveryState{Recovered: true}
			return f.completeRecovery(g, tx, login.Account, row)
		}
		out.RecoveryTimes, err = f.startRecovery(g, tx, login.Account, row)
		return err
	})
	if err != nil {
		return RecoveryState{}, f.core.AsTicketError(err, errEphemeral)
	}
	out.Detail = f.core.Say(g, "done.mfa_recovery_started", nil)
	if out.Recovered {
		out.Detail = f.core.Say(g, "done.mfa_recovered", nil)
	}
	return out, nil
}

// startRecovery stores a recovery instead of one that has ended. Every confirmed address gets a link that cancels it.
func (f *feature) startRecovery(g *gin.Context, tx *core.Tx, account models.Account, last *LostFactors) (*RecoveryTimes, error) {
	user, now, event := account.Base(), f.core.Now(), f.core.Event(g, account)
	if err := last.paused(now); err != nil {
		return nil, err
	}
	ready := now.Add(f.Recovery.Wait)
	row := &LostFactors{
		UserID: user.ID, CreatedAt: now, ReadyAt: ready, ExpiresAt: ready.Add(recoveryWindow), Epoch: user.SessionEpoch, Factors: user.Factors,
		IP: event.IP, UserAgent: event.UserAgent,
	}
	if err := tx.Save(row).Error; err != nil {
		return nil, err
	}
	if err := tx.Record(EventRecoveryStarted, event); err != nil {
		return nil, err
	}
	from := ready.Add(time.Minute - 1) // mails show minutes
	return row.times(), tellAll(tx, user, func(address string) error {
		return f.core.Post(g, tx, core.Mail{Kind: mailRecoveryStarted, User: user, Address: address, Confirmed: true, Only: true, Until: from})
	})
}

// completeRecovery removes the factors of a user who has waited, as [Reset] does.
func (f *feature) completeRecovery(g *gin.Context, tx *core.Tx, account models.Account, row *LostFactors) error {
	user := account.Base()
	if f.core.Now().Before(row.ReadyAt) {
		return errWaiting
	}
	if err := tx.ResetFactors(user.ID); err != nil {
		return err
	}
	if err := tx.EndAllSessions(user.ID); err != nil {
		return err
	}
	if err := tx.Record(EventRecovered, f.core.Event(g, account)); err != nil {
		return err
	}
	return tellAll(tx, user, func(address string) error { return f.core.Notify(g, tx, mailRecovered, user, address) })
}

// tellAll mails to every confirmed address of a user.
func tellAll(tx *core.Tx, user *models.User, mail func(address string) error) error {
	all, err := tx.Emails(user.ID)
	if err != nil {
		return err
	}
	for _, e := range all {
		if !e.Verified() {
			continue
		}
		if err := mail(e.Address); err != nil {
			return err
		}
	}
	return nil
}

// provingAddress returns the address that gets the code: the primary one, or the oldest one, if it was confirmed long ago. A thief
// who could add an address could also read its mails.
func (f *feature) provingAddress(tx *core.Tx, user *models.User) (string, error) {
	all, err := tx.Emails(user.ID)
	if err != nil {
		return "", err
	}
	oldest, latest := "", f.core.Now().Add(-recoveryAge)
	for _, e := range all {
		switch {
		case !e.Verified() || e.VerifiedAt == nil || e.VerifiedAt.After(latest):
		case e.Key == models.EmailKey(user.Email):
			return e.Address, nil
		case oldest == "":
			oldest = e.Address
		}
	}
	if oldest == "" {
		return "", errNoAddress
	}
	return oldest, nil
}
