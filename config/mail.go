package config

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"
)

// Mailer sends mails. Package ginauth/mailer has one for SMTP and others for development.
//
// Auth.Run calls Send in the background, never within a request, and from several goroutines at the same
// time. Send must return when its context ends, which is after Mail.Timeout. If Send returns an error, the
// mail is tried again later, unless the error is [Permanent].
//
// Send can get a message twice, with the same ID: if the mail server accepted it and its response was
// lost, or if the process died after Send and before it could record that.
type Mailer interface {
	Send(ctx context.Context, m Message) error
}

// MailerFunc is a function that implements [Mailer].
type MailerFunc func(ctx context.Context, m Message) error

// Send calls f.
func (f MailerFunc) Send(ctx context.Context, m Message) error { return f(ctx, m) }

// Message is a mail to one address. Only Text and HTML can contain control characters.
type Message struct {
	ID      string // unique, and the same at each try: letters and digits, for the header Message-ID
	Kind    string // "verify", "reset", ...; the README of ginauth/mailer has all kinds
	Lang    string // its language, as a BCP 47 tag
	From    string // Mail.From
	To      string // the address, without a name
	Subject string // one line, in UTF-8
	Text    string // text/plain, UTF-8, lines end in \n
	HTML    string // text/html, UTF-8
}

// Permanent marks the error of a [Mailer] as one that a retry cannot fix, for example an address that
// the receiver rejects. The mail is given up at once. Permanent(nil) is nil.
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

// Mail sets how mails are made and sent. Without a Sender the library sends no mails, and the routes that
// need one do not exist.
//
// A mail is written to the table auth_outbox in the same transaction as the change that it reports.
// Auth.Run sends it; start Auth.Run in your program.
type Mail struct {
	// Sender sends the mails. If it has a method Validate() error, as mailer.SMTP does, New calls it. If it
	// has a method Insecure() string, Check reports what that returns. Default: none.
	Sender Mailer
	// From is the sender that mails name: "Acme <no-reply@acme.example>". It is required with Sender.
	From string
	// Site is the name of your application in mails: one line of at most 100 bytes. Default: the name in
	// From, or its domain.
	Site string
	// URLs are the pages of your front end that links in mails lead to.
	URLs MailURLs
	// VerifyLifetime is how long a link that confirms an address is valid, from when the
	// mail went out. From 1 minute to 30 days. Default: 24 hours.
	VerifyLifetime time.Duration
	// ResetLifetime is how long a link that sets a new password is valid. From 1 minute to 30 days.
	// Default: 30 minutes.
	ResetLifetime time.Duration
	// LoginLifetime is how long a link that logs in is valid. From 1 minute to 30 days. Default: 10 minutes.
	LoginLifetime time.Duration
	// NoticeLifetime is how long the link "it was not me" in a security notice is valid. For the same time,
	// notices stay in the language that the user had before it was changed. From 1 minute to 30 days.
	// Default: 7 days.
	NoticeLifetime time.Duration
	// CodeLifetime is how long the code in a mail is valid. Users can type it instead of following the link.
	// Five wrong tries end it earlier. From 1 minute to 1 hour. Default: 10 minutes (ASVS 6.5.5).
	CodeLifetime time.Duration
	// MaxPerHour is how many mails of one kind per hour an address gets on request, if anyone can make the
	// request. It is up to twice that if all earlier links have expired or been used. Browsers in which the user has logged in
	// have a number of their own. Notices about new devices count as well. Beyond it no mail goes out, and responses stay the
	// same. -1 turns the limit off. Default: 5.
	MaxPerHour int
	// MaxPerDay is how many mails of all kinds a day an address gets on request that was given at a sign-up and is not
	// confirmed: for its pending sign-up, or within a day of the sign-up. Beyond it no mail goes out, and responses stay the
	// same. Confirmed addresses have no such limit, because it could keep their owners from logging in. -1 turns the limit
	// off. Default: 20.
	MaxPerDay int
	// MaxAddresses is how many addresses a user can have, at least 2. Default: 10.
	MaxAddresses int
	// Timeout ends one attempt to send. From 1 second to 10 minutes. Default: 30 seconds.
	Timeout time.Duration
	// ShutdownTimeout is how long Auth.Run and Auth.RunOutbox continue to send after their context
	// has ended. A mail that is not sent by then goes out after the next start. From 1 millisecond to 10
	// minutes. Default: 10 seconds.
	ShutdownTimeout time.Duration
	// Poll is how often Auth.Run looks for mails of other instances and for mails to try again. Mails of its
	// own instance go out at once. At least 10 milliseconds. Default: 5 seconds.
	Poll time.Duration
	// Parallel is how many mails an instance sends at the same time, at least 1. Default: 4.
	Parallel int
	// AllowSilentChanges turns security notices off: users do not learn that their password or address
	// was changed, or that someone logged in from a new device. If an attacker sets a second factor and the address
	// is confirmed, only your application can remove the factor then. Default: false.
	AllowSilentChanges bool
	// BanNotice says whether Auth.Ban mails the user. Only addresses that the user has confirmed get the mail, so strangers
	// learn nothing. It needs security notices. Default: BanNoticeNone. A login with the right password tells the user anyway,
	// and attackers should not learn when they were noticed.
	BanNotice BanNotice
}

// BanNotice is what a user is told by mail about a ban.
type BanNotice string

// Values of Mail.BanNotice.
const (
	// BanNoticeNone sends no mail.
	BanNoticeNone BanNotice = ""
	// BanNoticeEnd mails that the account is suspended, and until when.
	BanNoticeEnd BanNotice = "end"
	// BanNoticeReason also quotes the reason that your code passes to Auth.Ban. It is not translated, so write it for the user.
	// In some countries, platforms have to give reasons for a suspension (article 17 of the EU's Digital Services Act).
	BanNoticeReason BanNotice = "reason"
)

// MailURLs are the pages of your front end that links in mails lead to, with placeholders:
// "https://app.example.com/verify/{key}". A page shows a button that POSTs what is in its URL. Links are
// used up only by POST, so mail scanners that open links do not break them.
//
// Each URL must be absolute and have each of its placeholders once. It must be https, unless its host is
// localhost. The library never makes links from the request, because a client can send any Host.
type MailURLs struct {
	// Verify has {key}, for POST registration/verify-email/. Required with a Sender.
	Verify string
	// Reset has {uid} and {token}, for POST password/reset/confirm/. Required with a Sender.
	Reset string
	// Login has {key}, for POST login/code/confirm/. Required with LoginByCode.
	Login string
	// Notice has {key}, for POST security/revoke/, "it was not me". Required with a Sender, unless
	// AllowSilentChanges is set.
	Notice string
}

// Verification says what users can do before they confirm their address.
type Verification string

// The kinds of verification.
const (
	// VerifyNone sends no mail at sign-up. Users can still confirm their addresses.
	VerifyNone Verification = "none"
	// VerifyOptional sends a mail at sign-up. Users can log in before they confirm the address.
	VerifyOptional Verification = "optional"
	// VerifyMandatory rejects logins of users without a confirmed address. Sign-up returns the same response for
	// a new address and for one that is taken.
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
	or(&m.MaxPerDay, 20)
	or(&m.MaxAddresses, 10)
	or(&m.Timeout, 30*time.Second)
	or(&m.ShutdownTimeout, 10*time.Second)
	or(&m.Poll, 5*time.Second)
	or(&m.Parallel, 4)
	return m
}
