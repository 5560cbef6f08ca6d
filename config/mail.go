package config

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"
)

// Mailer sends mails; package ginauth/mailer has one for SMTP. Send is called by
// Auth.RunOutbox, never within a request, by several goroutines at once. It must give
// up when the context ends, which is after Mail.Timeout. A mail whose Send failed is
// tried again later, unless the error is [Permanent].
//
// A message may come twice with the same ID: if the mail server took it and its response was
// lost, or if the process died after Send and before it could record that.
type Mailer interface {
	Send(ctx context.Context, m Message) error
}

// MailerFunc makes a Mailer of a function.
type MailerFunc func(ctx context.Context, m Message) error

// Send calls f.
func (f MailerFunc) Send(ctx context.Context, m Message) error { return f(ctx, m) }

// Message is one mail to one address. No field but Text and HTML has control
// characters.
type Message struct {
	ID      string // unique, and the same each time the mail is tried: letters and digits, for Message-ID
	Kind    string // which mail it is: "verify", "reset", ...; the names are in the README
	Lang    string // the language it is in, as BCP 47 writes it
	From    string // Mail.From
	To      string // the bare address
	Subject string // one line, in UTF-8
	Text    string // text/plain, UTF-8, lines end in \n
	HTML    string // text/html, UTF-8
}

// Permanent marks an error of a Mailer as one that trying again cannot mend: the
// receiver refused the address. The mail is given up at once. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

// IsPermanent reports whether Permanent marked the error.
func IsPermanent(err error) bool {
	_, ok := errors.AsType[permanent](err)
	return ok
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Mail says how mails are made and sent. Without a Sender no mail goes out, and the
// routes that need one are not there.
//
// Mails are written into the table auth_outbox in the transaction of what they tell of,
// and sent by Auth.Run, which the application must start.
type Mail struct {
	// Sender sends the mails. One with a method Validate() error, as mailer.SMTP has it, is
	// asked at start. Default: none.
	Sender Mailer
	// From is who mails come from: "Acme <no-reply@acme.example>". Required with Sender.
	From string
	// Site is how the application calls itself in mails. Default: the name in From, or
	// its domain.
	Site string
	// URLs are the pages of the front end that links lead to.
	URLs MailURLs
	// VerifyLifetime is how long a link that confirms an address is good, from when the
	// mail went out. Default 24 hours.
	VerifyLifetime time.Duration
	// ResetLifetime is the same of links that set a new password. Default 30 minutes.
	ResetLifetime time.Duration
	// LoginLifetime is the same of links that log in. Default 10 minutes.
	LoginLifetime time.Duration
	// NoticeLifetime is the same of the link in security notices. So long they also stay in the
	// language that the user had before it was changed. Default 7 days.
	NoticeLifetime time.Duration
	// CodeLifetime is how long a code is good, which a mail has beside the link. Five
	// wrong tries spend it sooner. Default 10 minutes (ASVS 6.5.5).
	CodeLifetime time.Duration
	// MaxPerHour is how many mails an hour go to one address because somebody asked who
	// need not be its owner; the answers do not change. Default 5; -1 turns it off (T097).
	MaxPerHour int
	// MaxAddresses is how many addresses a user may have. Default 10.
	MaxAddresses int
	// Timeout ends one attempt to send. Default 30 seconds.
	Timeout time.Duration
	// ShutdownTimeout is how long Auth.Run and Auth.RunOutbox keep sending after their context
	// has ended. A mail that is not sent by then goes out after the next start. Default 10
	// seconds.
	ShutdownTimeout time.Duration
	// Poll is how often RunOutbox looks for mails that another instance wrote or that are
	// due again. Its own it sends at once. Default 5 seconds.
	Poll time.Duration
	// Parallel is how many mails RunOutbox sends at once. Default 4.
	Parallel int
	// AllowSilentChanges turns the security notices off: users are not told when their password
	// or address changes, or of a login from a new device. A second factor that a stranger set can then be
	// removed only by the application, once the address is confirmed. Default: false.
	AllowSilentChanges bool
}

// MailURLs are templates of the front end's pages, as "https://app.example.com/verify/{key}".
// They are never made from the request, whose Host anybody can choose. The pages show a
// button and POST what they find in their URL, so that programs that open every link in a
// mail spend nothing (T096).
type MailURLs struct {
	// Verify has {key}, for POST registration/verify-email/.
	Verify string
	// Reset has {uid} and {token}, for POST password/reset/confirm/.
	Reset string
	// Login has {key}, for POST login/code/confirm/. Only with LoginByCode.
	Login string
	// Notice has {key}, for POST security/revoke/: "it was not me". Not with
	// Mail.AllowSilentChanges.
	Notice string
}

// Verification says what an address that is not confirmed yet may do.
type Verification string

// The kinds of verification.
const (
	// VerifyNone sends no mail at sign-up. Users may still confirm their addresses.
	VerifyNone Verification = "none"
	// VerifyOptional sends a mail at sign-up, and logs in at once.
	VerifyOptional Verification = "optional"
	// VerifyMandatory lets nobody log in who has no confirmed address. Sign-up answers
	// alike for a new address and one that is taken.
	VerifyMandatory Verification = "mandatory"
)

func (m Mail) withDefaults() Mail {
	if from, err := mail.ParseAddress(m.From); err == nil {
		or(&m.Site, from.Name)
		or(&m.Site, from.Address[strings.LastIndexByte(from.Address, '@')+1:])
	}
	or(&m.VerifyLifetime, 24*time.Hour)
	or(&m.ResetLifetime, 30*time.Minute)
	or(&m.LoginLifetime, 10*time.Minute)
	or(&m.NoticeLifetime, 7*24*time.Hour)
	or(&m.CodeLifetime, 10*time.Minute)
	or(&m.MaxPerHour, 5)
	or(&m.MaxAddresses, 10)
	or(&m.Timeout, 30*time.Second)
	or(&m.ShutdownTimeout, 10*time.Second)
	or(&m.Poll, 5*time.Second)
	or(&m.Parallel, 4)
	return m
}
