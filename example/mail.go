package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/mailer"
)

// mailSettings are the settings of mails.
type mailSettings struct{ url, from, verification, frontend, byCode, locale, timeout string }

func (m *mailSettings) flags(text, hidden func(target *string, variable, fallback, usage string)) {
	hidden(&m.url, "MAIL_URL", "", "`URL`: log:, dir:PATH or smtp://USER:PASS@HOST:PORT?tls=starttls (default log:; no mails if PUBLIC_URL is https)")
	text(&m.from, "MAIL_FROM", "Basket <no-reply@localhost>", "`sender` of mails")
	text(&m.verification, "EMAIL_VERIFICATION", "", "`none|optional|mandatory`: whether users must confirm their address (default optional)")
	text(&m.frontend, "FRONTEND_URL", "", "`URL` of the pages that links in mails open (default this server)")
	text(&m.byCode, "LOGIN_BY_CODE", "", "`true|false`: whether users can log in with a code from a mail (default true if mails are sent)")
	text(&m.timeout, "MAIL_TIMEOUT", "30s", "longest `duration` of one attempt to send a mail")
	text(&m.locale, "DEFAULT_LOCALE", "en", "`language` of mails and messages")
}

// apply sets the mail part of the configuration. public is the URL of this server for browsers; mails are printed on
// console.
func (m *mailSettings) apply(cfg *config.Config, public string, console io.Writer) (err error) {
	cfg.DefaultLocale, cfg.EmailVerification = m.locale, config.Verification(m.verification)
	secure := strings.HasPrefix(public, "https://")
	if m.url == "" && !secure {
		m.url = "log:"
	}
	if m.url == "" && (m.verification != "" && m.verification != "none" || m.byCode == "true") {
		return errors.New("EMAIL_VERIFICATION and LOGIN_BY_CODE need MAIL_URL, such as smtp://USER:PASS@HOST:PORT")
	}
	if m.url == "" {
		return nil
	}
	if secure && m.url == "log:" {
		return errors.New("MAIL_URL: log: would print links that give access to accounts; behind https use smtp://")
	}
	var errs []error
	if cfg.Mail.Sender, err = mailer.Open(m.url, console); err != nil {
		errs = append(errs, fmt.Errorf("MAIL_URL: %w", err))
	}
	if cfg.LoginByCode, err = strconv.ParseBool(cmp.Or(m.byCode, "true")); err != nil {
		errs = append(errs, fmt.Errorf("LOGIN_BY_CODE: %q is neither true nor false", m.byCode))
	}
	if cfg.Mail.Timeout, err = time.ParseDuration(m.timeout); err != nil {
		errs = append(errs, fmt.Errorf("MAIL_TIMEOUT: %w", err))
	}
	cfg.Mail.From = m.from
	front := m.front(public)
	cfg.Mail.URLs = config.MailURLs{
		Verify: front + "/account/verify-email/{key}", Reset: front + "/account/reset/{uid}/{token}",
		Login: front + "/account/login/{key}", Notice: front + "/account/not-me/{key}",
	}
	return errors.Join(append(errs, trust(cfg, "FRONTEND_URL", m.frontend))...)
}

// front returns the URL of the pages that links in mails open.
func (m *mailSettings) front(public string) string {
	return strings.TrimRight(cmp.Or(m.frontend, public), "/")
}

// printsMails reports whether mails are printed on the console.
func (s *settings) printsMails() bool {
	return s.mail.url == "log:" || s.mail.url == "" && !strings.HasPrefix(s.publicURL, "https://")
}

// public returns PUBLIC_URL or, without it, a URL that works on this machine. Its host is localhost, because browsers have no
// passkeys at IP addresses.
func (s *settings) public() string {
	if s.publicURL != "" {
		return strings.TrimRight(s.publicURL, "/")
	}
	_, port, _ := net.SplitHostPort(s.addr)
	return "http://" + net.JoinHostPort("localhost", port)
}
