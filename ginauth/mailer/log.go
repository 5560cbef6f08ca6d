package mailer

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"

	"github.com/ginauth/gin-rest-auth/config"
)

// InsecureLog returns a mailer that writes recipient, subject and text of each mail to w, in one Write, and sends
// nothing. It is safe for concurrent use even if w is not.
//
// Use it in development only. Links and codes in mails are secrets: anyone who reads the log can confirm addresses, set
// passwords and log in.
func InsecureLog(w io.Writer) config.Mailer {
	var mu sync.Mutex
	return insecureLog{func(ctx context.Context, m config.Message) error {
		if _, err := validate(m); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("mailer: %w", err)
		}
		text := fmt.Sprintf("---- mail (%s)\nTo: %s\nSubject: %s\n\n%s\n----\n", m.Kind, m.To, m.Subject, printable(m.Text))
		mu.Lock()
		defer mu.Unlock()
		if _, err := io.WriteString(w, text); err != nil {
			return fmt.Errorf("mailer: write a mail to the log: %w", err)
		}
		return nil
	}}
}

type insecureLog struct{ config.MailerFunc }

// Insecure returns the error that auth.Check reports.
func (insecureLog) Insecure() string {
	return "writes mails to a log: anyone who reads it can confirm addresses, set passwords and log in"
}

// printable removes control characters, which a terminal would interpret.
func printable(text string) string {
	return strings.TrimRight(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text), "\n")
}
