package check

// Mails: their sender, the pages that they link to, and the application's own texts.

import (
	"fmt"
	"net/mail"
	"strings"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/config/advice"
)

// insecure is a config.Mailer that says why not to go live with it; "" for no reason.
type insecure interface{ Insecure() string }

func (k *checker) mails() error {
	m, why := k.Config.Mail, ""
	if sender, ok := m.Sender.(insecure); ok {
		why = sender.Insecure()
	}
	from, err := mail.ParseAddress(m.From)
	if err != nil { // New refuses it
		from = &mail.Address{}
	}
	k.report(
		row{m.Sender == nil, Note, "Mail.Sender",
			"is missing: users cannot reset their password, confirm their address, or hear of changes to their account", advice.TakeMailer},
		row{why != "", Error, "Mail.Sender", why, "take mailer.SMTP, or another that sends"},
		row{m.Sender != nil && local(from.Address[strings.LastIndexByte(from.Address, '@')+1:]), Warning, "Mail.From",
			fmt.Sprintf("mail servers refuse mails from %q", from.Address), "set a sender of your own domain, " + advice.Sender},
		row{m.Sender != nil && k.Config.EmailVerification == config.VerifyNone, Note, "EmailVerification",
			"is none although there is a Mail.Sender: users are not asked to confirm their address when they sign up",
			"leave it out for optional, or set mandatory"},
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
		"links in mails lead to localhost, which is the reader's own machine: " + strings.Join(names, ", "),
		"set pages " + advice.Page + "{key}"})
	return nil
}

// texts finds own mails that leave out what their readers need to know.
func (k *checker) texts() error {
	if k.Config.Texts == nil || k.Mails == nil {
		return nil
	}
	why := map[string]string{
		"Opened": "when the account was opened, by which the owner of the address tells a stranger's account from their own",
		"When":   "when it happened", "IP": "from which IP address it was done", "Device": "on which device it was done",
	}
	gaps, err := k.Mails.Missing()
	for _, l := range gaps {
		k.report(row{true, Warning, "Texts", "these mails do not say " + why[l.Field] + ": " + strings.Join(l.Files, ", "),
			"show {{." + l.Field + "}} in them, or in the layout"})
	}
	return err
}
