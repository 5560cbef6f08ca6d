// Package mailer sends the library's mails: over SMTP, and in development into a
// directory or to the console. What it returns is for config.Mail.Sender.
//
//	sender, err := mailer.Open(os.Getenv("MAIL_URL"), os.Stderr)
//	if err != nil {
//		log.Fatal(err) // says what to change, and never the password
//	}
//	settings := config.Mail{Sender: sender, From: "Acme <no-reply@acme.example>"}
//
// # URLs
//
//	smtp://USER:PASS@mail.example.com          port 587, STARTTLS
//	smtps://USER:PASS@mail.example.com         port 465, TLS from the first byte
//	smtp://127.0.0.1:25?tls=insecure-none      a relay on the same host
//	dir:/var/tmp/mails                         a file for each mail, see [Dir]
//	log:                                       to the console, see [InsecureLog]
//
// USER and PASS are percent-encoded, as in any URL: %40 for @. These may follow a "?":
//
//	tls      starttls, implicit or insecure-none. Default: implicit on port 465 and with
//	         smtps://, else starttls. No mail is sent in plain text because a server, or
//	         somebody between, says that it has no TLS.
//	timeout  how long connecting and each step may take, as 10s, which is the default
//	helo     the name for EHLO. Default: the name of the host
//
// If your settings have another form, or you use a private certificate authority, fill in an
// [SMTP] yourself.
//
// # Errors
//
// A message is given up (config.IsPermanent) when the server answers with 5xx to its
// receiver or to its content, except 530, which asks for a login; and when it is not fit
// to be sent, with control characters in a header (T092) or without proper addresses.
// Everything else is tried again: no connection, a bad certificate, a wrong password,
// 4xx, no answer in time.
//
// Error texts may be logged and stored. They have no password, no mail address and
// nothing of the mail. A server's words are left out where they may repeat a password or
// the content; its code is always there, and its own log has the rest.
//
// # What a receiver sees
//
// A mail tried twice has the same Message-ID, so that a twin can be told: it comes when
// the connection breaks between the content and the answer to it. All mails say that a
// program made them (RFC 3834), so that no vacation notice comes back.
//
// The package starts no goroutine that outlives a Send, logs nothing and keeps no global.
package mailer
