package mailer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
)

// Dir writes each mail as the file ID.Kind.eml of a directory, which it makes if it is
// missing. A mail that is sent again replaces its file; nobody sees half a file.
//
// It is for development and for programs that collect mails. Links and codes in mails are
// secrets, so only the user that the process runs as may read them (0600, 0700).
func Dir(path string) config.Mailer {
	return dir{func(ctx context.Context, m config.Message) error {
		l, err := compose(m, time.Now())
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("mailer: %w", err)
		}
		if err := write(path, plain(m.ID)+"."+plain(m.Kind)+".eml", l.content); err != nil {
			return fmt.Errorf("mailer: write a mail: %w", err)
		}
		return nil
	}}
}

type dir struct{ config.MailerFunc }

// Insecure says for auth.Check why this is no sender to go live with.
func (dir) Insecure() string { return "writes mails to files, and sends none" }

// write makes the file under another name first, which does not end in .eml.
func write(dir, name string, content []byte) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".*.tmp") // with 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := f.Sync(); err != nil { // or a crash could leave an empty file for a mail that counts as sent
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, name))
}
