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

// mailSettings are those of mails.
type mailSettings struct{ url, from, verification, frontend, byCode, locale, timeout string }

func (m *mailSettings) flags(text, hidden func(target *string, variable, fallback, usage string)) {
	hidden(&m.url, "MAIL_URL", "", "`URL`: log:, dir:PATH or smtp://USER:PASS@HOST:PORT?tls=starttls (default log:, and none behind https)")
	text(&m.from, "MAIL_FROM", "Example <no-reply@localhost>", "`sender` of mails")
	text(&m.verification, "EMAIL_VERIFICATION", "", "confirm addresses: `none|optional|mandatory` (default optional)")
	text(&m.frontend, "FRONTEND_URL", "", "`URL` of the pages that links in mails lead to (default this server)")
	text(&m.byCode, "LOGIN_BY_CODE", "false", "log in by a code in a mail: `true|false`")
	text(&m.timeout, "MAIL_TIMEOUT", "30s", "`duration` of the longest try to send a mail")
	text(&m.locale, "DEFAULT_LOCALE", "en", "`language` of mails and answers")
}

// apply puts them into the configuration. public is where browsers find this server; console
// is where mails are printed.
func (m *mailSettings) apply(cfg *config.Config, public string, console io.Writer) (err error) {
	cfg.DefaultLocale, cfg.EmailVerification = m.locale, config.Verification(m.verification)
	secure := strings.HasPrefix(public, "https://")
	if m.url == "" && !secure {
		m.url = "log:"
	}
	if m.url == "" && (m.verification != "" && m.verification != "none" || m.byCode == "true") {
		return errors.New("EMAIL_VERIFICATION and LOGIN_BY_CODE need MAIL_URL, as smtp://USER:PASS@HOST:PORT")
	}
	if m.url == "" {
		return nil
	}
	if secure && m.url == "log:" {
		return errors.New("MAIL_URL: log: would print links that open accounts; behind https use smtp://")
	}
	var errs []error
	if cfg.Mail.Sender, err = mailer.Open(m.url, console); err != nil {
		errs = append(errs, fmt.Errorf("MAIL_URL: %w", err))
	}
	if cfg.LoginByCode, err = strconv.ParseBool(m.byCode); err != nil {
		errs = append(errs, fmt.Errorf("LOGIN_BY_CODE: %q is neither true nor false", m.byCode))
	}
	if cfg.Mail.Timeout, err = time.ParseDuration(m.timeout); err != nil {
		errs = append(errs, fmt.Errorf("MAIL_TIMEOUT: %w", err))
	}
	cfg.Mail.From = m.from
	front := strings.TrimRight(cmp.Or(m.frontend, public), "/")
	cfg.Mail.URLs = config.MailURLs{
		Verify: front + "/account/verify-email/{key}", Reset: front + "/account/reset/{uid}/{token}",
		Login: front + "/account/login/{key}", Notice: front + "/account/not-me/{key}",
	}
	return errors.Join(append(errs, trust(cfg, "FRONTEND_URL", m.frontend))...)
}

// public is PUBLIC_URL, or this server as this machine finds it.
func (s *settings) public() string {
	if s.publicURL != "" {
		return s.publicURL
	}
	host, port, err := net.SplitHostPort(s.addr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
