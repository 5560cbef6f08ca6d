package config_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
)

// sender is a Mailer whose set-up can be invalid.
type sender struct{ wrong error }

func (sender) Send(context.Context, config.Message) error { return nil }
func (s sender) Validate() error                          { return s.wrong }

func withMail(change func(*config.Config)) config.Config {
	c := config.Config{Secret: secret, Mail: config.Mail{
		Sender: sender{}, From: "Acme <no-reply@acme.example>",
		URLs: config.MailURLs{
			Verify: "https://a.example/v/{key}", Reset: "https://a.example/r/{uid}/{token}", Notice: "http://localhost:3000/n?key={key}",
		},
	}}
	if change != nil {
		change(&c)
	}
	return c.WithDefaults()
}

func TestMailDefaults(t *testing.T) {
	t.Parallel()
	c := withMail(nil)
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if c.EmailVerification != config.VerifyOptional || c.Mail.Site != "Acme" || c.SignUpFields.Email != config.FieldOptional {
		t.Errorf("%q, %q, %q", c.EmailVerification, c.Mail.Site, c.SignUpFields.Email)
	}
	if c := withMail(func(c *config.Config) { c.Mail.From = "no-reply@acme.example" }); c.Mail.Site != "acme.example" {
		t.Errorf("Site %q", c.Mail.Site)
	}
	mandatory := withMail(func(c *config.Config) { c.EmailVerification = config.VerifyMandatory })
	if err := mandatory.Validate(); err != nil || mandatory.SignUpFields.Email != config.FieldRequired {
		t.Errorf("%v, %q", err, mandatory.SignUpFields.Email)
	}
	if none := (config.Config{Secret: secret}).WithDefaults(); none.EmailVerification != config.VerifyNone {
		t.Errorf("without a mailer %q", none.EmailVerification)
	}
}

// TestMailMistakes: Validate names each field that could not work.
func TestMailMistakes(t *testing.T) {
	t.Parallel()
	type cfg = *config.Config
	for want, change := range map[string]func(c cfg){
		"EmailVerification: needs Mail.Sender": func(c cfg) { c.Mail, c.EmailVerification = config.Mail{}, config.VerifyOptional },
		"LoginByCode: needs Mail.Sender":       func(c cfg) { c.Mail, c.LoginByCode = config.Mail{}, true },
		"Mail.URLs: needs Mail.Sender":         func(c cfg) { c.Mail.Sender = nil },
		`EmailVerification: "always"`:          func(c cfg) { c.EmailVerification = "always" },
		"Mail.Sender: no host":                 func(c cfg) { c.Mail.Sender = sender{errors.New("no host")} },
		"Mail.From: is missing":                func(c cfg) { c.Mail.From = "" },
		"Mail.From: \"a@b.example\\r\\nBcc":    func(c cfg) { c.Mail.From = "a@b.example\r\nBcc: x@y.z" },
		"Mail.Site: must be one":               func(c cfg) { c.Mail.Site = "a\nb" },
		"Mail.URLs.Verify: is missing":         func(c cfg) { c.Mail.URLs.Verify = "" },
		"Mail.URLs.Reset: is missing":          func(c cfg) { c.Mail.URLs.Reset = "" },
		"Mail.URLs.Notice: is missing":         func(c cfg) { c.Mail.URLs.Notice = "" },
		"Mail.URLs.Login: is missing":          func(c cfg) { c.LoginByCode = true },
		"must have {token} and {uid}":          func(c cfg) { c.Mail.URLs.Reset = "https://a.example/{uid}" },
		"and no other placeholder":             func(c cfg) { c.Mail.URLs.Verify = "https://a.example/{key}/{email}" },
		"is not the absolute URL":              func(c cfg) { c.Mail.URLs.Verify = "/verify/{key}" },
		"Mail.URLs.Verify: \"https://{key}":    func(c cfg) { c.Mail.URLs.Verify = "https://{key}.a.example/" },
		"javascript:":                          func(c cfg) { c.Mail.URLs.Verify = "javascript:alert('{key}')" },
		"must be https; http is for localhost": func(c cfg) { c.Mail.URLs.Verify = "http://a.example/{key}" },
		"SignUpFields.Email: must be required": func(c cfg) {
			c.EmailVerification, c.SignUpFields.Email = config.VerifyMandatory, config.FieldOptional
		},
		"Mail.VerifyLifetime: must be":  func(c cfg) { c.Mail.VerifyLifetime = time.Second },
		"Mail.CodeLifetime: must be at": func(c cfg) { c.Mail.CodeLifetime = 2 * time.Hour },
		"Mail.MaxPerHour: must be":      func(c cfg) { c.Mail.MaxPerHour = -2 },
		"Mail.MaxAddresses: must be":    func(c cfg) { c.Mail.MaxAddresses = 1 },
		"Mail.Timeout: must be":         func(c cfg) { c.Mail.Timeout = time.Millisecond },
		"Mail.ShutdownTimeout: must be": func(c cfg) { c.Mail.ShutdownTimeout = -1 },
		"Mail.Poll: must be":            func(c cfg) { c.Mail.Poll = time.Millisecond },
		"Mail.Parallel: must be":        func(c cfg) { c.Mail.Parallel = -1 },
		"DeleteGrace: must be":          func(c cfg) { c.DeleteGrace = -time.Hour },
		"Session.Fresh: must be":        func(c cfg) { c.Session.Fresh = -2 },
		"another cookie":                func(c cfg) { c.JWT.AccessCookie.Name = "__Host-device" },
	} {
		err := withMail(change).Validate()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		namesFields(t, err)
	}
	silent := withMail(func(c cfg) { c.Mail.AllowSilentChanges, c.Mail.URLs.Notice = true, "" })
	if err := silent.Validate(); err != nil {
		t.Error(err)
	}
}

func TestPermanent(t *testing.T) {
	t.Parallel()
	cause := errors.New("no such user")
	wrapped := fmt.Errorf("smtp: %w", config.Permanent(cause))
	if !config.IsPermanent(wrapped) || !errors.Is(wrapped, cause) || config.IsPermanent(cause) {
		t.Error(wrapped)
	}
	if config.Permanent(nil) != nil || config.IsPermanent(nil) {
		t.Error("nothing is permanent")
	}
}
