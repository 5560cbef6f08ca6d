package config

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config/advice"
)

func (c Config) checkMail(bad report) {
	kinds := []Verification{VerifyNone, VerifyOptional, VerifyMandatory}
	if !slices.Contains(kinds, c.EmailVerification) {
		bad("EmailVerification", "%q is invalid; use one of %q", c.EmailVerification, kinds)
	}
	if c.DeleteGrace < 0 || c.DeleteGrace > 400*24*time.Hour {
		bad("DeleteGrace", "must be between 0 and 400 days")
	}
	if c.UnconfirmedLifetime < c.Mail.VerifyLifetime || c.UnconfirmedLifetime > 400*24*time.Hour {
		bad("UnconfirmedLifetime", "must be between Mail.VerifyLifetime (%s) and 400 days", c.Mail.VerifyLifetime)
	}
	m := c.Mail
	if m.BanNotice != BanNoticeNone && m.BanNotice != BanNoticeEnd && m.BanNotice != BanNoticeReason {
		bad("Mail.BanNotice", "%q is invalid; use one of %q", m.BanNotice, []BanNotice{BanNoticeNone, BanNoticeEnd, BanNoticeReason})
	} else if m.BanNotice != BanNoticeNone && (m.Sender == nil || m.AllowSilentChanges) {
		bad("Mail.BanNotice", "needs Mail.Sender, and no Mail.AllowSilentChanges")
	}
	if m.Sender == nil {
		c.checkNoMail(bad)
		return
	}
	if sender, ok := m.Sender.(interface{ Validate() error }); ok {
		if err := sender.Validate(); err != nil {
			bad("Mail.Sender", "%w", err)
		}
	}
	c.checkSender(bad)
	c.checkMailURLs(bad)
	if c.EmailVerification == VerifyMandatory && c.SignUpFields.Email != FieldRequired {
		bad("SignUpFields.Email", "must be required with EmailVerification mandatory, or new users could not log in")
	}
	c.checkMailTimes(bad)
}

func (c Config) checkSender(bad report) {
	m := c.Mail
	if m.From == "" {
		bad("Mail.From", "is missing; set a sender "+advice.Sender)
	} else if from, err := mail.ParseAddress(m.From); err != nil || strings.ContainsFunc(m.From, isControl) {
		bad("Mail.From", "%q is not a sender "+advice.Sender, m.From)
	} else if strings.ContainsFunc(from.Name+m.Site, isControl) || len(m.Site) > 100 {
		bad("Mail.Site", "must be one short line")
	}
}

func (c Config) checkMailURLs(bad report) {
	m := c.Mail
	checkMailURL(bad, "Mail.URLs.Verify", m.URLs.Verify, true, "key")
	checkMailURL(bad, "Mail.URLs.Reset", m.URLs.Reset, true, "uid", "token")
	checkMailURL(bad, "Mail.URLs.Login", m.URLs.Login, c.LoginByCode, "key")
	checkMailURL(bad, "Mail.URLs.Notice", m.URLs.Notice, !m.AllowSilentChanges, "key")
}

// checkNoMail reports settings that have no effect without a Sender.
func (c Config) checkNoMail(bad report) {
	m := c.Mail
	for name, set := range sorted(map[string]bool{
		"EmailVerification": c.EmailVerification != VerifyNone, "LoginByCode": c.LoginByCode, "LoginOnVerify": c.LoginOnVerify,
		"LoginOnReset": c.LoginOnReset, "Mail.From": m.From != "", "Mail.URLs": m.URLs != MailURLs{},
	}) {
		if set {
			bad(name, "needs Mail.Sender; "+advice.TakeMailer)
		}
	}
}

func (c Config) checkMailTimes(bad report) {
	m := c.Mail
	for name, life := range sorted(map[string]time.Duration{
		"VerifyLifetime": m.VerifyLifetime, "ResetLifetime": m.ResetLifetime, "LoginLifetime": m.LoginLifetime,
		"NoticeLifetime": m.NoticeLifetime, "CodeLifetime": m.CodeLifetime,
	}) {
		if life < time.Minute || life > 30*24*time.Hour {
			bad("Mail."+name, "must be between 1 minute and 30 days")
		}
	}
	bad.check([]rule{
		{m.CodeLifetime > time.Hour, "Mail.CodeLifetime", "must be at most 1 hour; codes can be guessed"},
		{m.MaxPerHour < 1 && m.MaxPerHour != -1, "Mail.MaxPerHour", "must be positive, or -1 for no limit"},
		{m.MaxAddresses < 2, "Mail.MaxAddresses", "must be at least 2, or users could not change their address"},
		{outside(m.Timeout, time.Second, 10*time.Minute), "Mail.Timeout", "must be between 1 second and 10 minutes"},
		{outside(m.ShutdownTimeout, time.Millisecond, 10*time.Minute), "Mail.ShutdownTimeout", "must be between 1 ms and 10 minutes"},
		{m.Poll < 10*time.Millisecond, "Mail.Poll", "must be at least 10 ms"},
		{m.Parallel < 1, "Mail.Parallel", "must be at least 1"},
	})
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// checkMailURL reports a template that [CheckMailURL] refuses, or that is missing and needed.
func checkMailURL(bad report, name, template string, needed bool, keys ...string) {
	if template == "" && !needed {
		return
	}
	if err := CheckMailURL(template, keys...); err != nil {
		bad(name, "%s", err)
	}
}

// CheckMailURL returns an error unless template is the absolute URL of a page, as in [MailURLs], with each of the placeholders keys
// once and no other. Plain http is for localhost only, because anyone on the network could read the key. Features call it for
// pages of their own.
func CheckMailURL(template string, keys ...string) error {
	var want []string
	for _, key := range keys {
		want = append(want, "{"+key+"}")
	}
	if template == "" {
		return fmt.Errorf("is missing; set a page "+advice.Page+"%s", strings.Join(want, "/"))
	}
	got := placeholder.FindAllString(template, -1)
	slices.Sort(got)
	sorted := slices.Sorted(slices.Values(want))
	if !slices.Equal(got, sorted) {
		return fmt.Errorf("%q must have %s, each once, and no other placeholder", template, strings.Join(sorted, " and "))
	}
	_, rest, _ := strings.Cut(template, "://")
	host, _, _ := strings.Cut(rest, "/")
	u, err := url.Parse(placeholder.ReplaceAllString(template, "x"))
	switch {
	case err != nil || u.Host == "" || strings.Contains(host, "{") || u.Scheme != "https" && u.Scheme != "http" || u.User != nil:
		return fmt.Errorf("%q is not the absolute URL of a page "+advice.Page+"%s", template, strings.Join(sorted, "/"))
	case u.Scheme == "http" && !slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname()):
		return fmt.Errorf("%q "+advice.MustBeHTTPS, template)
	}
	return nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' }
