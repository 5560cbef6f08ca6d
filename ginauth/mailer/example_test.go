package mailer_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/mailer"
)

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

// A server whose certificate is made by an authority of one's own.
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
