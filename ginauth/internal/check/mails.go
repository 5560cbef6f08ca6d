package check

// Mails: their sender, the pages that they link to, and the application's own texts.

import (
	"fmt"
	"net/mail"
	"strings"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/config/advice"
)

// insecure is a config.Mailer that returns why it must not be used in production, or "".
type insecure interface{ Insecure() string }

func (k *checker) mails() error {
	m, why := k.Config.Mail, ""
	if sender, ok := m.Sender.(insecure); ok {
		why = sender.Insecure()
	}
	from, err := mail.ParseAddress(m.From)
	if err != nil { // New rejects it
		from = &mail.Address{}
	}
	k.report(
		row{m.Sender == nil, Note, "Mail.Sender",
			"is missing: users cannot reset their password, confirm their address, or get security notices", advice.TakeMailer},
		row{why != "", Error, "Mail.Sender", why, "use mailer.SMTP, or another sender that delivers mail"},
		row{m.Sender != nil && local(from.Address[strings.LastIndexByte(from.Address, '@')+1:]), Warning, "Mail.From",
			fmt.Sprintf("mail servers reject mails from %q", from.Address), "set a sender on your own domain, " + advice.Sender},
		row{m.Sender != nil && k.Config.EmailVerification == config.VerifyNone, Note, "EmailVerification",
			"is set to none although there is a Mail.Sender: users are not asked to confirm their address at sign-up",
			"leave it unset for optional, or set it to mandatory"},
	)
	return nil
}

func (k *checker) links() error {
	urls := k.Config.Mail.URLs
	var names []string
	for _, page := range []struct{ name, url string }{
		{"Verify", urls.Verify}, {"Reset", urls.Reset}, {"Login", urls.Login}, {"Notice", urls.Notice},
	} {
		if local(pageURL(page.url).Hostname()) {
			names = append(names, page.name)
		}
	}
	k.report(row{len(names) > 0, Error, "Mail.URLs",
		"links in mails lead to localhost, which is the reader's own computer: " + strings.Join(names, ", "),
		"set pages " + advice.Page + "{key}"})
	return nil
}

// texts finds the application's mail texts that leave out what readers need to know.
func (k *checker) texts() error {
	if k.Config.Texts == nil || k.Mails == nil {
		return nil
	}
	why := map[string]string{
		"Opened": "when the account was created, so that the owner of the address can recognize a stranger's account",
		"When":   "when it happened", "IP": "from which IP address it was done", "Device": "on which device it was done",
	}
	gaps, err := k.Mails.Missing()
	for _, l := range gaps {
		k.report(row{true, Warning, "Texts", "these mails do not say " + why[l.Field] + ": " + strings.Join(l.Files, ", "),
			"show {{." + l.Field + "}} in them, or in the layout"})
	}
	return err
}
