package dbtest

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

const checkedSecret config.Secret = "q0Zr8mJ5yVt3WcX7uBn1KpLs9DfGh2Ea4RiTo6Yw8Qe1Zx3Cv5Bn7Mk9Lj2Hg4F="

// production is a configuration without findings.
func production(cfg *config.Config) {
	cfg.Secret, cfg.Hash, cfg.Limits, cfg.Now = checkedSecret, config.Hash{}, config.Limits{}, time.Now
	cfg.TrustedProxies, cfg.Audit.Keep = []string{"10.0.0.0/8"}, 24*time.Hour
}

// check makes another Auth on the database of the case and returns the findings of Check.
func (c *Case) check(change ...func(*config.Config)) []ginauth.Finding {
	c.Helper()
	box := &authtest.Mailbox{}
	return c.found(authtest.Unmigrated(c.T, c.DB, append([]func(*config.Config){production, box.Configure}, change...)...).Auth)
}

// found returns the findings of Check. They must contain no secret, and each is one line.
func (c *Case) found(auth *ginauth.Auth) []ginauth.Finding {
	c.Helper()
	findings := auth.Check(context.Background())
	for _, f := range findings {
		c.printable(f, auth.Config().Secret)
		if f.Setting == "" || f.Problem == "" || f.Fix == "" {
			c.Errorf("incomplete: %#v", f)
		}
	}
	return findings
}

func (c *Case) printable(f ginauth.Finding, secret config.Secret) {
	c.Helper()
	if line := f.String(); strings.Contains(line, string(secret)) || strings.ContainsAny(line, "\n\r\t") || strings.Contains(line, "canary") {
		c.Errorf("prints %q", line)
	}
}

// want fails the test unless these are the findings, each as "severity setting", in order.
func (c *Case) want(findings []ginauth.Finding, want ...string) {
	c.Helper()
	var got []string
	for _, f := range findings {
		got = append(got, string(f.Severity)+" "+f.Setting)
	}
	if !slices.Equal(got, want) {
		c.Fatalf("found %q, want %q:\n%v", got, want, findings)
	}
}

// says fails the test unless one finding contains all of these words.
func (c *Case) says(findings []ginauth.Finding, words ...string) {
	c.Helper()
	for _, f := range findings {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(f.String(), w) }) {
			return
		}
	}
	c.Errorf("none says %q: %v", words, findings)
}

// loggingMailer is a mailer that reports itself as insecure. The method of panickingMailer panics.
type (
	loggingMailer   struct{ config.MailerFunc }
	panickingMailer struct{ config.MailerFunc }
)

func (loggingMailer) Insecure() string { return "writes mails to a log" }

func (panickingMailer) Insecure() string { panic("canary") }
