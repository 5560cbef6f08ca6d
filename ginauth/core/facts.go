package core

// Public facts: what GET config/ says about the configuration and about features.

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passrules"
)

// Facts adds what front ends can know about the feature to the response of GET config/, as features.NAME: names of
// providers, or a site key. The value is encoded as JSON at once, so later changes have no effect. Everyone can read
// it: it must not contain secrets, names of hosts, versions, or anything about users. A name that is taken, has
// characters other than lower-case letters, digits and _, or a value that JSON cannot encode, is an error of New.
func (s *Setup) Facts(name string, value any) {
	s.declaring()
	if _, taken := s.core.facts[name]; taken || !codeForm.MatchString(name) {
		s.fail(fmt.Errorf("the name %q of facts is taken, or not in lower-case letters, digits and _", name))
		return
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		s.fail(fmt.Errorf("the facts %q: %w", name, err))
		return
	}
	s.core.facts[name] = json.RawMessage(encoded)
}

// PublicConfig returns the body of GET config/. It depends on the configuration and the features only.
func (c *Core) PublicConfig() binding.PublicConfig {
	cfg := &c.cfg
	return binding.PublicConfig{
		Login: binding.PublicLogin{Methods: texts(cfg.LoginMethods), Credentials: c.credentials(), Code: cfg.LoginByCode && cfg.Mail.Sender != nil},
		Registration: binding.PublicSignUp{
			Username: string(cfg.SignUpFields.Username), Email: string(cfg.SignUpFields.Email),
			LogsIn:     cfg.LoginOnSignUp == config.SignUpAndLogin && cfg.EmailVerification != config.VerifyMandatory,
			Restricted: cfg.RegisterGuard != nil,
		},
		Username: binding.PublicUsername{MinLength: cfg.Username.MinLength, MaxLength: binding.MaxUsername, Pattern: cfg.Username.Pattern},
		Email:    binding.PublicEmail{MaxLength: binding.MaxEmail},
		Password: c.publicPassword(),
		Factors:  texts(slices.Sorted(slices.Values(c.factors))), Captcha: publicCaptcha(cfg.Captcha),
		Languages: c.responses.Texts.Languages(), Language: c.responses.Texts.Match(cmp.Or(cfg.ResponseLocale, cfg.DefaultLocale)),
		EmailChecked: string(cfg.EmailVerification), Features: c.facts,
	}
}

// credentials returns what clients can ask for in the header Auth-Credential.
func (c *Core) credentials() (all []string) {
	if c.UsesCookies() {
		all = append(all, config.AskCookie)
	}
	if c.tokens {
		all = append(all, config.AskToken)
	}
	if c.jwt != nil && c.cfg.JWT.Transport != config.InCookies {
		all = append(all, config.AskJWT)
	}
	return all
}

func (c *Core) publicPassword() binding.PublicPassword {
	out := binding.PublicPassword{MinLength: 1, MaxBytes: c.authn.Hasher.MaxBytes(), Rules: []string{}}
	for _, rule := range passrules.InForce(c.cfg.PasswordRules) {
		switch r := rule.(type) {
		case config.MinLength:
			out.MinLength = int(max(r, 1))
		case config.NotSimilar:
			out.Rules = append(out.Rules, "not_similar")
		case config.NotCommon:
			out.Rules = append(out.Rules, "not_common")
		case config.NotNumeric:
			out.Rules = append(out.Rules, "not_numeric")
		case *config.NotBreached:
			out.Rules = append(out.Rules, "not_breached")
		}
	}
	return out
}

func publicCaptcha(k config.Captcha) *binding.PublicCaptcha {
	if k.Verifier == nil {
		return nil
	}
	out := &binding.PublicCaptcha{SiteKey: k.SiteKey, Always: texts(k.Always), AfterHalf: texts(k.AfterHalf)}
	if known, ok := k.Verifier.(*config.SiteVerify); ok {
		out.Kind = known.Kind
	}
	return out
}

// texts returns names as a list that is not nil, so that JSON has [] instead of null.
func texts[T ~string](names []T) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = string(name)
	}
	return out
}
