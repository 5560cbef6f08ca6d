package mfa

// Options: what New refuses.

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

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
}
