package mailer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
)

// Dir returns a mailer that writes each mail to the file ID.Kind.eml in a directory and sends nothing. It creates the
// directory if it does not exist. Sending a mail again replaces its file. Files are written atomically, so
// another program never reads half a mail.
//
// Use it in development, or to pass mails to another program. Links and codes in mails are secrets, so only the user
// that the process runs as can read the files (0600) and the directory (0700).
func Dir(path string) config.Mailer {
	return dir{func(ctx context.Context, m config.Message) error {
		out, err := compose(m, time.Now())
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("mailer: %w", err)
		}
		if err := writeFile(path, fileSafe(m.ID)+"."+fileSafe(m.Kind)+".eml", out.content); err != nil {
			return fmt.Errorf("mailer: write a mail: %w", err)
		}
		return nil
	}}
}

type dir struct{ config.MailerFunc }

// Insecure returns the warning that auth.Check shows.
func (dir) Insecure() string { return "writes mails to files, and sends none" }

// writeFile writes to a temporary file, whose name does not end in .eml, and renames it.
func writeFile(dir, name string, content []byte) (err error) {
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
	if err := f.Sync(); err != nil { // so that a crash cannot leave an empty file for a mail that is recorded as sent
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, name))
}
