package config

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ginauth/gin-rest-auth/config/advice"
)

const maxSecretFile = 4096 // bytes; a larger file is not a secret, but perhaps a database

// SecretFile returns the secret in a file. If the file does not exist, SecretFile creates it with a
// new random secret of 256 bits, which only the current user can read (mode 0600). The secret stays
// the same over restarts, so users stay logged in:
//
//	secret, err := config.SecretFile("app.secret")
//
// Processes that start at the same time get the same secret: one creates the file, the others read
// it. White space around the secret is ignored. SecretFile returns an error if the secret has fewer
// than 32 bytes, if the file is larger than 4 KiB, if path is a directory, and if the file cannot be
// read or created. It does not create directories. To create the file it needs a file system with hard
// links.
//
// Keep the file out of version control and out of your container image, and keep a backup. Anyone
// who can read it can forge sessions. SecretFile does not check the mode of a file that exists,
// because Docker and Kubernetes mount secrets that every user in the container can read.
//
// SecretFile is for one machine. Several instances need the same secret: set it by an environment
// variable, or let all of them read the same mounted file.
func SecretFile(path string) (Secret, error) {
	secret, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	if err := createSecret(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("config: cannot create the secret file %[1]s: %[2]w; use a directory that exists and that "+
			"this program can write to, or write a secret to the file yourself: openssl rand -base64 48 > %[1]s", path, err)
	}
	return readSecret(path) // of the process that was first
}

func readSecret(path string) (Secret, error) {
	fail := func(format string, args ...any) (Secret, error) {
		return "", fmt.Errorf("config: the secret file %s %w", path, fmt.Errorf(format, args...))
	}
	f, err := os.Open(path) //nolint:gosec // the application names its own file
	if err != nil {
		return fail("cannot be read: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return fail("is a directory; name a file in it")
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return fail("cannot be read: %w", err)
	}
	if len(text) > maxSecretFile {
		return fail("has more than %d bytes, so it is not a secret; name another file", maxSecretFile)
	}
	text = bytes.TrimSpace(text)
	if len(text) < minSecret {
		return fail("must have at least %d bytes besides white space, has %d; delete it to get a new one, or "+advice.MakeSecret, minSecret, len(text))
	}
	return Secret(text), nil
}

// createSecret creates the file as a whole or not at all: a link to a complete file fails with
// fs.ErrExist if another process was faster.
func createSecret(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	_, err = f.WriteString(base64.RawURLEncoding.EncodeToString(random) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}
