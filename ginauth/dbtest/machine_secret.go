package dbtest

// One-time secrets of the model, and mails; see noSequenceBreaksTheRules.

import (
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// onceOnly is a secret that works once. dead says why it must not work any more.
type onceOnly struct {
	what, dead string
	owner      *player
	account    int64
	bound      bool   // to the user's epoch
	id         int64  // of an invitation
	key        string // of a mail
	tried      bool   // after it was dead
	send       func(*authtest.Client) *authtest.Response
}

// deliver sends the waiting mails to the players, and takes note of their secrets.
func (m *machine) deliver() {
	for _, mail := range m.App.Mails(m.t, m.Box) {
		for _, p := range m.players {
			if strings.HasPrefix(mail.To, p.name+"@") {
				p.inbox = append(p.inbox, mail)
				p.mailed(mail)
			}
		}
	}
}

// mailed takes note of the secret in a mail that sets a password or logs in.
func (p *player) mailed(mail authtest.Mail) {
	switch mail.Kind {
	case "login_code":
		p.once("login code", "", true, func(c *authtest.Client) *authtest.Response {
			return c.Post("/auth/login/code/confirm/", obj{"key": mail.Key(p.t)})
		}).key = mail.Key(p.t)
	case "reset", "secured":
		p.once("reset", "", true, func(c *authtest.Client) *authtest.Response {
			return c.Post("/auth/password/reset/confirm/", resetForm(mail.UID(p.t), mail.Key(p.t), thiefPassword))
		}).key = mail.Key(p.t)
	}
}

// usedMail notes that the secret of a mail was accepted.
func (p *player) usedMail(mail authtest.Mail) {
	for _, s := range p.secrets {
		if s.key == mail.Key(p.t) {
			s.dead = "it was used"
		}
	}
}

// latestMail returns the newest mail of a kind in the player's inbox.
func (p *player) latestMail(kinds ...string) (mail authtest.Mail, ok bool) {
	p.deliver()
	for _, mail := range slices.Backward(p.inbox) {
		if slices.Contains(kinds, mail.Kind) {
			return mail, true
		}
	}
	return mail, false
}

// once adds a one-time secret to the model. dead says why it must not work from now on; empty if it was not used.
func (p *player) once(what, dead string, bound bool, send func(*authtest.Client) *authtest.Response) *onceOnly {
	s := &onceOnly{what: what, dead: dead, owner: p, account: p.account, bound: bound, send: send}
	p.secrets = append(p.secrets, s)
	return s
}

// tryDead sends each secret at once when it must not work any more, and logs in by password alone where trust has ended.
func (m *machine) tryDead() {
	for i, s := range m.secrets {
		if s.dead != "" && !s.tried {
			s.tried = true
			m.replay(s.owner, i, m.browser())
		}
	}
	for _, t := range m.distrusted {
		if !t.owner.armed() || t.owner.password == "" || t.owner.trustedIn(t.browser) {
			continue
		}
		r := t.browser.Clone().Post("/auth/login/", obj{"username": t.owner.name, "password": t.owner.password})
		if r.StatusCode == 200 && !strings.Contains(r.Text, "mfa_required") {
			m.t.Fatalf("%s is logged in without a code, in a browser whose trust has ended: %s", t.owner.name, r.Text)
		}
	}
	m.distrusted = nil
}

// distrust ends the trust in all browsers.
func (p *player) distrust() {
	p.distrusted = append(p.distrusted, p.trusts...)
	p.trusts = nil
}

// replay sends a secret that must not work.
func (m *machine) replay(by *player, i int, client *authtest.Client) bool {
	if len(m.secrets) == 0 {
		return false
	}
	s := pick(m.secrets, i)
	if s.dead == "" {
		return false
	}
	if r := s.send(client); r != nil && r.StatusCode < 300 {
		m.t.Fatalf("%s of %s works again for %s (%s): %s", s.what, s.owner.name, by.name, s.dead, r.Text)
	}
	return true
}
