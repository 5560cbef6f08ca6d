package mailer_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/mailer"
)

// A sender chosen by a URL. In development, "log:" prints each mail.
func Example() {
	sender, err := mailer.Open("log:", os.Stdout) // in production: os.Getenv("MAIL_URL")
	if err != nil {
		fmt.Println(err)
		return
	}
	settings := config.Mail{Sender: sender, From: "Acme <no-reply@acme.example>"}

	// The library does this from Auth.RunOutbox.
	err = settings.Sender.Send(context.Background(), config.Message{
		ID: "n6gq2tz4", Kind: "verify", Lang: "en", From: settings.From, To: "max@example.com",
		Subject: "Confirm your address", Text: "https://app.example.com/verify/k3y\n", HTML: "<p>...</p>",
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// ---- mail (verify)
	// To: max@example.com
	// Subject: Confirm your address
	//
	// https://app.example.com/verify/k3y
	// ----
}

// Trust a private certificate authority.
func ExampleSMTP() {
	authority, err := os.ReadFile("/etc/acme/ca.pem")
	if err != nil {
		return
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	settings := config.Mail{
		From: "Acme <no-reply@acme.example>",
		Sender: mailer.SMTP{
			Host: "mail.acme.example", Username: "app", Password: config.Secret(os.Getenv("MAIL_PASSWORD")),
			TLSConfig: &tls.Config{RootCAs: roots},
		},
	}
	fmt.Println(settings.From)
}

// Dir writes each mail to a file, for mail programs and tests.
func ExampleDir() {
	path, err := os.MkdirTemp("", "mails")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(path) }()

	sender := mailer.Dir(path)
	err = sender.Send(context.Background(), config.Message{
		ID: "n6gq2tz4", Kind: "verify", Lang: "en", From: "Acme <no-reply@acme.example>", To: "max@example.com",
		Subject: "Confirm your address", Text: "https://app.example.com/verify/k3y\n",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := filepath.Glob(filepath.Join(path, "*.eml"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range files {
		content, err := os.Open(file)
		if err != nil {
			fmt.Println(err)
			return
		}
		mail, err := netmail.ReadMessage(content)
		_ = content.Close()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(filepath.Base(file))
		fmt.Println(mail.Header.Get("To"), mail.Header.Get("Subject"))
	}
	// Output:
	// n6gq2tz4.verify.eml
	// <max@example.com> Confirm your address
}

// A mistake in the URL is an error that says what to change.
func ExampleOpen() {
	_, err := mailer.Open("smtp://app:s3cr3t@mail.example.com?tls=insecure-none", os.Stderr)
	fmt.Println(err)
	// Output:
	// mailer: with tls=insecure-none anyone on the network could read the password; use tls=starttls or tls=implicit, or remove user and password
}
