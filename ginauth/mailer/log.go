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

// InsecureLog writes receiver, subject and text of each mail to w, in one Write.
//
// It is insecure because links and codes in mails are secrets: who reads the log can
// confirm addresses, set passwords and log in. It is for development only.
func InsecureLog(w io.Writer) config.Mailer {
	var mu sync.Mutex
	return insecureLog{func(ctx context.Context, m config.Message) error {
		if _, err := check(m); err != nil {
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

// Insecure says for auth.Check why this is no sender to go live with.
func (insecureLog) Insecure() string {
	return "writes mails to a log: who reads it can confirm addresses, set passwords and log in"
}

// printable drops what a terminal would obey.
func printable(text string) string {
	return strings.TrimRight(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text), "\n")
}
