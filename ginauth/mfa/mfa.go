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
	FactorEmail    = "email"         // a code from a mail, with Options.EmailCodes
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
	// TrustDays lets users trust a browser when they enter a code: for this many days, 1 to 90, logins by password in it need no
	// code. Such a session has proven one factor. Default 0: every login asks.
	TrustDays int
	// EmailCodes lets users choose codes in mails as a second factor, at mfa/email/activate/. They protect against a stolen password,
	// not against someone who reads the user's mails. Logins that begin with a mail do not accept them. Users who have chosen them
	// cannot log in if you turn this off again. Default false.
	EmailCodes bool

	// Recovery lets users remove factors that they lost, after a wait of days. Default: only recovery codes and [Reset] help.
	Recovery Recovery

	// RequireFor says which users must have a second factor, such as those with IsStaff; nil for none. Users without one can
	// then only set up an app, at login. It is called for each request, so it must not use the database. Users who joined
	// before RequireFrom have until RequireGrace after it, and others until RequireGrace after they joined.
	RequireFor   func(models.Account) bool
	RequireFrom  time.Time
	RequireGrace time.Duration
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

	CreatedAt *time.Time `gorm:"autoCreateTime:false"` // UTC; nil for imported codes, and for codes of older versions
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

	mailEmailOn  = "email_code_on"
	mailEmailOff = "email_code_off"

	mailCode      = "mfa_code"
	mailEmailCode = "email_code" // to turn on e-mail codes

	mailRecoveryCode    = "mfa_recovery_code"
	mailRecoveryStarted = "mfa_recovery_started"
	mailRecovered       = "mfa_recovered"

	forMailCode = "mfa_code"     // the ticket of a code in a mail
	forRecovery = "mfa_recovery" // that of a code that starts or completes a recovery
	forCancel   = "mfa_cancel"   // that of the link that cancels a recovery

	codeEnabled  = binding.Code("mfa_enabled")
	codeDisabled = binding.Code("mfa_disabled")
	codeToken    = binding.Code("activation_token_not_valid")
	codeForeign  = binding.Code("activation_token_foreign")

	codeUnreachable = binding.Code("no_address_for_code")
	codeSameMailbox = binding.Code("proven_by_mail_only")
	codeNoAddress   = binding.Code("no_address_for_recovery")
	codeWaiting     = binding.Code("recovery_not_ready")

	codeNotOffered    = binding.Code("recovery_not_offered")
	codeNeedsPassword = binding.Code("recovery_needs_password")
	codeCancelled     = binding.Code("recovery_cancelled")
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
		s.Codes(codes()...)
		s.Event(events()...)
		f.mails(s)
		s.Migration("0001_tables", func(db *gorm.DB) error { return db.AutoMigrate(&TOTP{}, &RecoveryCode{}) })
		s.Migration("0002_trusted_browsers", func(db *gorm.DB) error { return db.AutoMigrate(&TrustedBrowser{}) })
		s.Migration("0003_lost_factors", func(db *gorm.DB) error { return db.AutoMigrate(&LostFactors{}) })
		s.Migration("0004_recovery_codes_created_at", func(db *gorm.DB) error { return db.AutoMigrate(&RecoveryCode{}) })
		s.Tables(&TOTP{}, &RecoveryCode{}, &TrustedBrowser{}, &LostFactors{})
		s.Check("mfa.Options", f.check)
		s.Listen(core.Listener{
			OnDelete: forget, OnDisarm: forget, OnFactorsReset: forget, AfterFactorsReset: f.tellReset, OnNoFactors: forgetCodes, OnDistrust: forgetBrowsers, OnReclaim: reclaim,
			OnNotMe: notMe,
		})
		if f.Recovery.Wait > 0 {
			s.Listen(core.Listener{OnDistrust: f.cancelOnChange, Record: f.cancelOnEvent})
		}
		s.Excuse(f.excuse)
		s.Sweep(f.sweep)
		s.Export("mfa", export)
		s.Facts("mfa", f.facts())
		core.Provide(s, f)
		s.Command(core.Command{
			Name: "resetfactors", Doc: "Remove the second factors of a user who lost them, and end their sessions.",
			Run: func(ctx context.Context, userID int64, _ []string) (string, error) {
				return "second factors removed.", Reset(ctx, f.core, userID)
			},
		})
		if o.RequireFor != nil {
			s.RequireFactor(f.mustHave)
		}
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
	f.emailFactor(s)
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
		Method: http.MethodGet, Path: "mfa/status", Access: core.AccessUser, WhileImpersonated: true, BeforeSetup: true, Doc: "Say which second factors the user has.",
	}, f.status)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		core.Add(s, core.Route{
			Method: method, Path: "mfa/recovery-codes", Access: core.AccessUser, WhileImpersonated: true, Doc: "Say how many recovery codes remain. They are shown only when they are created.",
		}, f.list)
	}
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "mfa/recovery-codes/regenerate", Limit: core.LimitGuess, Access: core.AccessUser,
		Doc: "Create new recovery codes. The previous ones no longer work.",
	}, f.regenerate)
	f.trustRoutes(s)
	f.setupRoutes(s)
	f.recoveryRoutes(s)
}

// mails declares the mails and tickets of the feature.
func (f *feature) mails(s *core.Setup) {
	for _, kind := range []string{mailOn, mailOff, mailCodes, mailUsed, mailReset, mailEmailOn, mailEmailOff, mailRecovered} {
		s.Mail(core.MailKind{Name: kind, Ticket: core.ForNotice, Notice: true})
	}
	s.Mail(core.MailKind{Name: mailCode, Ticket: forMailCode})
	s.Mail(core.MailKind{Name: mailEmailCode, Ticket: forMailCode, Limit: mailCode})
	s.Mail(core.MailKind{Name: mailRecoveryCode, Ticket: forRecovery})
	s.Mail(core.MailKind{Name: mailRecoveryStarted, Ticket: forCancel, Notice: true})
	lasts := s.Config().Mail.CodeLifetime
	s.Ticket(core.TicketKind{Name: forMailCode, Link: lasts, Code: lasts, Binds: sameUser})
	s.Ticket(core.TicketKind{Name: forRecovery, Link: lasts, Code: lasts, Binds: sameUser})
	s.Ticket(core.TicketKind{Name: forCancel, Link: f.Recovery.Wait + recoveryWindow, Page: f.Recovery.CancelURL})
	s.Ticket(core.TicketKind{Name: forActivation, Link: 5 * time.Minute, Binds: sameUser})
}

// sameUser binds an activation to the state of the account: it ends with the user's sessions, and with any change of factors.
func sameUser(u *models.User) []string {
	return []string{fmt.Sprint(u.IsActive), fmt.Sprint(u.SessionEpoch), u.Factors}
}

// check reports findings to auth.Check.
func (f *feature) check(_ context.Context, r *core.Report) error {
	if f.AllowOtherSessions {
		r.Warning("AllowOtherSessions is set, so an intruder's session survives when a user turns on a second factor", "remove AllowOtherSessions")
	}
	if !f.core.Notices() {
		r.Warning("users get no mail when a second factor is turned on or off", "set Mail.Sender, and not Mail.AllowSilentChanges")
	}
	if f.TrustDays > 30 {
		r.Warning(fmt.Sprintf("a stolen password is enough in a trusted browser for %d days", f.TrustDays), "set TrustDays to 30 or less")
	}
	if f.RequireFor != nil && f.core.Config().JWT.Stateless {
		r.Note("with JWT.Stateless, an access token of a user whose grace has ended is accepted until it expires", "keep JWT.AccessLifetime short")
	}
	if f.Period != 30*time.Second {
		r.Note(fmt.Sprintf("codes change every %s, but some authenticator apps always use 30 seconds", f.Period), "use 30 seconds unless you know your users' apps")
	}
	return nil
}
