package mfa

// Options: what New refuses.

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// refuse reports invalid options as errors of New.
func (f *feature) refuse(s *core.Setup) {
	if strings.Contains(f.Issuer, ":") || strings.ContainsFunc(f.Issuer, unicode.IsControl) || len(f.Issuer) > 100 {
		s.Refuse("mfa.Options.Issuer", errors.New("must have at most 100 bytes and neither colons nor control characters; the default is Mail.Site"))
	}
	if f.Digits != 6 && f.Digits != 8 {
		s.Refuse("mfa.Options.Digits", fmt.Errorf("is %d, and must be 6 or 8", f.Digits))
	}
	if f.Period < 15*time.Second || f.Period > time.Minute || f.Period%time.Second != 0 {
		s.Refuse("mfa.Options.Period", fmt.Errorf("is %v, and must be 15 to 60 whole seconds", f.Period))
	}
	if f.RecoveryCodes < 5 || f.RecoveryCodes > 20 {
		s.Refuse("mfa.Options.RecoveryCodes", fmt.Errorf("is %d, and must be 5 to 20", f.RecoveryCodes))
	}
	if f.TrustDays < 0 || f.TrustDays > 90 {
		s.Refuse("mfa.Options.TrustDays", fmt.Errorf("is %d, and must be 0 to 90", f.TrustDays))
	}
	if f.TrustDays > 0 && !f.core.UsesCookies() {
		s.Refuse("mfa.Options.TrustDays", errors.New("needs logins that give cookies: set Login, or TrustDays to 0"))
	}
	f.refusePolicy(s)
	f.refuseRecovery(s)
}

// refuseRecovery reports invalid options about recovery.
func (f *feature) refuseRecovery(s *core.Setup) {
	r := f.Recovery
	if r.Wait == 0 {
		if r.CancelURL != "" || r.For != nil {
			s.Refuse("mfa.Options.Recovery.Wait", errors.New("must be set if CancelURL or For is"))
		}
		return
	}
	if r.Wait < minRecoveryWait || r.Wait > maxRecoveryWait {
		s.Refuse("mfa.Options.Recovery.Wait", fmt.Errorf("is %v, and must be 72 hours to 30 days, or 0: owners need time to see the mail and cancel", r.Wait))
	}
	if err := config.CheckMailURL(r.CancelURL, "key"); err != nil {
		s.Refuse("mfa.Options.Recovery.CancelURL", err)
	}
	if s.Config().Mail.Sender == nil {
		s.Refuse("mfa.Options.Recovery.Wait", errNeedsSender)
	}
}

var errNeedsSender = errors.New("needs Mail.Sender; take one of package ginauth/mailer")

// refusePolicy reports invalid options about required factors.
func (f *feature) refusePolicy(s *core.Setup) {
	if f.RequireFor == nil {
		if f.RequireGrace != 0 || !f.RequireFrom.IsZero() {
			s.Refuse("mfa.Options.RequireFor", errors.New("must be set if RequireFrom or RequireGrace is"))
		}
		return
	}
	if f.RequireGrace < 0 || f.RequireGrace > 0 && f.RequireFrom.IsZero() {
		s.Refuse("mfa.Options.RequireGrace", errors.New("must not be negative, and needs RequireFrom: users who joined long ago would have no grace"))
	}
	if s.Config().Mail.Sender == nil {
		s.Refuse("mfa.Options.RequireFor", errors.New("needs Mail.Sender: after the grace, users set up an app with a mailed code"))
	}
}
