package config

import (
	"crypto/rand"
	"log/slog"
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// WithDefaults returns a copy in which every unset field has its default. It checks nothing; see [Config.Validate].
// ginauth.New calls both.
func (c Config) WithDefaults() Config {
	c = c.cloned()
	if len(c.Login) == 0 {
		c.Login = []Credential{SessionCookie}
	}
	c.Token = c.Token.withDefaults()
	c.JWT = c.JWT.withDefaults()
	if len(c.LoginMethods) == 0 {
		c.LoginMethods = []LoginMethod{LoginByUsername, LoginByEmail}
	}
	c.Mail = c.Mail.withDefaults()
	if c.Mail.Sender != nil {
		or(&c.EmailVerification, VerifyOptional)
	}
	or(&c.EmailVerification, VerifyNone)
	or(&c.UnconfirmedLifetime, max(7*24*time.Hour, c.Mail.VerifyLifetime))
	or(&c.LoginOnSignUp, SignUpAndLogin)
	or(&c.DefaultLocale, "en")
	c.SignUpFields = c.SignUpFields.withDefaults(c.LoginMethods, c.EmailVerification)
	c.Username = c.Username.withDefaults()
	if c.NewUser == nil {
		c.NewUser = Model[models.User]()
	}
	if len(c.Backends) == 0 {
		c.Backends = []Backend{PasswordBackend{}}
	}
	if c.PasswordRules == nil {
		c.PasswordRules = DefaultPasswordRules()
	}
	c.Hash = c.Hash.withDefaults()
	c.Session = c.Session.withDefaults(c.Login)
	c.Cookie = c.Cookie.withDefaults()
	c.Limits = c.Limits.withDefaults()
	c.Captcha = c.Captcha.withDefaults()
	or(&c.Timeout, 10*time.Second)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	return c
}

// cloned returns a copy that shares no list with the caller's.
func (c Config) cloned() Config {
	c.OldSecrets, c.LoginMethods, c.Login = slices.Clone(c.OldSecrets), slices.Clone(c.LoginMethods), slices.Clone(c.Login)
	c.TrustedOrigins, c.TrustedProxies = slices.Clone(c.TrustedOrigins), slices.Clone(c.TrustedProxies)
	c.TokenOrigins = slices.Clone(c.TokenOrigins)
	c.Limits.TrustedNetworks = slices.Clone(c.Limits.TrustedNetworks)
	c.Backends, c.PasswordRules, c.Views = slices.Clone(c.Backends), slices.Clone(c.PasswordRules), slices.Clone(c.Views)
	c.Codes = slices.Clone(c.Codes)
	c.Username.Reserved = slices.Clone(c.Username.Reserved)
	c.JWT.Keys = slices.Clone(c.JWT.Keys)
	return c
}

// or sets what p points to unless it is set.
func or[T comparable](p *T, value T) {
	var zero T
	if *p == zero {
		*p = value
	}
}
