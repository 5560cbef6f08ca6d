// Package mfa adds second factors: codes of an authenticator app (TOTP, RFC 6238), and recovery codes. It has the routes of
// dj-rest-auth's MFA. List it in ginauth.New:
//
//	auth, err := ginauth.New(db, cfg, mfa.Feature(mfa.Options{Issuer: "My App"}))
//
// A user sets up the app at mfa/totp/activate/. From then on, every login of any kind responds with a binding.Challenge, and
// mfa/verify/ completes it. Users can then also re-authenticate with a code at reauthenticate/. [Require] is middleware
// for routes that need two factors, and [Reset] helps users who lost theirs. The README of this folder explains the flow for
// front ends and operators.
package mfa

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// The names of factors in binding.Challenge, models.User.Factors and models.Session.Proofs.
const (
	FactorTOTP     = "totp"
	FactorRecovery = "recovery_code" // only besides another factor
)

// Options are the settings of the feature. The zero value is complete and safe.
type Options struct {
	// Issuer is the name of the application in authenticator apps. It must not contain a colon. Default: Config.Mail.Site,
	// else none.
	Issuer string
	// Digits is the number of digits of a code, 6 or 8. Default 6. Apps that are set up already keep theirs.
	Digits int
	// Period is how long the app shows a code: 15 to 60 whole seconds. Default 30 seconds. Some apps always use 30 seconds.
	Period time.Duration
	// RecoveryCodes is how many recovery codes a user gets, 5 to 20. Default 10.
	RecoveryCodes int
	// AllowOtherSessions keeps the user's other sessions when a factor is turned on or off, or recovery codes are created. By
	// default they end, since one of them may be an intruder's.
	AllowOtherSessions bool
}

// TOTP is the authenticator app of a user. It is stored while the app is set up.
type TOTP struct {
	UserID     int64      `gorm:"primaryKey;autoIncrement:false"` // models.User.ID
	Secret     string     `gorm:"size:255;not null" json:"-"`     // encrypted with keys of Config.Secret
	Digits     int        `gorm:"not null"`
	Period     int        `gorm:"not null"`                      // seconds
	LastStep   int64      `gorm:"not null" json:"-"`             // the latest accepted time step; it and all before are used up
	CreatedAt  time.Time  `gorm:"not null;autoCreateTime:false"` // UTC
	LastUsedAt *time.Time // UTC; nil before the first login with a code
}

// TableName is auth_totp.
func (TOTP) TableName() string { return "auth_totp" }

// RecoveryCode is one recovery code of a user. A used one is kept until the user creates new ones.
type RecoveryCode struct {
	UserID int64      `gorm:"primaryKey;autoIncrement:false"` // models.User.ID
	MAC    string     `gorm:"primaryKey;size:64" json:"-"`    // keyed hash of the user's ID and the code
	UsedAt *time.Time // UTC; set by one atomic update, so only one request can use it
}

// TableName is auth_recovery_code.
func (RecoveryCode) TableName() string { return "auth_recovery_code" }

//go:embed texts
var embedded embed.FS

const (
	forActivation = "totp_activation" // the ticket that carries a new secret

	mailOn    = "totp_on"
	mailOff   = "totp_off"
	mailCodes = "recovery_codes_new"
	mailUsed  = "recovery_code_used"
	mailReset = "mfa_reset"

	codeEnabled  = binding.Code("mfa_enabled")
	codeDisabled = binding.Code("mfa_disabled")
	codeToken    = binding.Code("activation_token_not_valid")
	codeForeign  = binding.Code("activation_token_foreign")
)

type feature struct {
	Options
	core *core.Core
	keys *core.Keyring // encrypts the secrets of apps
	macs *core.Keyring // of recovery codes
	rand io.Reader
}

// Feature returns the feature. Errors of New name the option.
func Feature(o Options) core.Feature {
	return func(s *core.Setup) error {
		texts, err := fs.Sub(embedded, "texts")
		if err != nil {
			return err
		}
		s.Name("mfa")
		f := &feature{Options: o.withDefaults(s.Config().Mail.Site), core: s.Core(), keys: s.Keys("totp secrets"), macs: s.Keys("recovery codes"), rand: s.Config().Rand}
		f.refuse(s)
		s.Texts(texts)
		s.Codes(
			binding.CodeDoc{Code: codeEnabled, Statuses: []int{http.StatusBadRequest}, Meaning: "the user has an authenticator app already"},
			binding.CodeDoc{Code: codeDisabled, Statuses: []int{http.StatusBadRequest}, Meaning: "the user has no second factor"},
			binding.CodeDoc{Code: codeToken, Meaning: "the activation token is wrong, used or expired: get a new one"},
			binding.CodeDoc{Code: codeForeign, Meaning: "the activation token belongs to another user"},
		)
		for _, kind := range []string{mailOn, mailOff, mailCodes, mailUsed, mailReset} {
			s.Mail(core.MailKind{Name: kind, Ticket: core.ForNotice, Notice: true})
		}
		s.Ticket(core.TicketKind{Name: forActivation, Link: 5 * time.Minute, Binds: sameUser})
		s.Migration("0001_tables", func(db *gorm.DB) error { return db.AutoMigrate(&TOTP{}, &RecoveryCode{}) })
		s.Tables(&TOTP{}, &RecoveryCode{})
		s.Check("mfa.Options", f.check)
		s.Listen(core.Listener{OnDelete: forget, OnDisarm: forget, OnFactorsReset: forget})
		s.Export("mfa", export)
		s.Facts("mfa", f.facts())
		core.Provide(s, f)
		f.factors(s)
		f.routes(s)
		return nil
	}
}

func (o Options) withDefaults(site string) Options {
	o.Issuer, o.Digits = cmp.Or(o.Issuer, site), cmp.Or(o.Digits, 6)
	o.Period, o.RecoveryCodes = cmp.Or(o.Period, 30*time.Second), cmp.Or(o.RecoveryCodes, 10)
	return o
}

// factors declares what this feature can prove. A recovery code is a one-time password (RFC 8176).
func (f *feature) factors(s *core.Setup) {
	s.Factor(FactorTOTP)
	s.FallbackFactor(FactorRecovery)
	s.AMR(FactorTOTP, "otp")
	s.AMR(FactorRecovery, "otp")
	s.FactorCode(core.FactorCode{Factor: FactorTOTP, Proof: FactorTOTP, Matches: f.isTOTP, Spend: f.spendTOTP})
	s.FactorCode(core.FactorCode{Proof: FactorRecovery, Matches: isRecovery, Spend: f.spendRecovery})
}

func (f *feature) routes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "mfa/verify", Tag: "Second factors", SetsCookies: true, Limit: core.LimitFailure, Answers: []any{binding.LoginResponse{}},
		Doc: "Complete a login with a code of the authenticator app, or a recovery code.",
	}, f.verify)
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "mfa/totp/activate", Access: core.AccessUser, Fails: []int{http.StatusBadRequest},
		Doc: "Return a new secret for an authenticator app, as text, URL and QR code.",
	}, f.offer)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "mfa/totp/activate", Limit: core.LimitGuess, Access: core.AccessUser,
		Doc: "Turn on the authenticator app with its first code. Returns recovery codes, once.",
	}, f.activate)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "mfa/totp/deactivate", Limit: core.LimitGuess, Access: core.AccessUser,
		Doc: "Turn off the authenticator app with a code.",
	}, f.deactivate)
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "mfa/status", Access: core.AccessUser, Doc: "Say which second factors the user has.",
	}, f.status)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		core.Add(s, core.Route{
			Method: method, Path: "mfa/recovery-codes", Access: core.AccessUser, Doc: "Say how many recovery codes remain. They are shown only when they are created.",
		}, f.list)
	}
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "mfa/recovery-codes/regenerate", Limit: core.LimitGuess, Access: core.AccessUser,
		Doc: "Create new recovery codes. The previous ones no longer work.",
	}, f.regenerate)
}

// sameUser binds an activation to the state of the account: it ends with the user's sessions, and with any change of factors.
func sameUser(u *models.User) []string {
	return []string{fmt.Sprint(u.IsActive), fmt.Sprint(u.SessionEpoch), u.Factors}
}

// forget deletes the factors of a user.
func forget(tx *core.Tx, userID int64) error {
	return errors.Join(
		tx.Where("user_id = ?", userID).Delete(&TOTP{}).Error,
		tx.Where("user_id = ?", userID).Delete(&RecoveryCode{}).Error,
	)
}

// check reports findings to auth.Check.
func (f *feature) check(_ context.Context, r *core.Report) error {
	if f.AllowOtherSessions {
		r.Warning("AllowOtherSessions is set, so an intruder's session survives when a user turns on a second factor", "remove AllowOtherSessions")
	}
	if !f.core.Notices() {
		r.Warning("users get no mail when a second factor is turned on or off", "set Mail.Sender, and not Mail.AllowSilentChanges")
	}
	if f.Period != 30*time.Second {
		r.Note(fmt.Sprintf("codes change every %s, but some authenticator apps always use 30 seconds", f.Period), "use 30 seconds unless you know your users' apps")
	}
	return nil
}
