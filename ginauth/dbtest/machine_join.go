package dbtest

// How players sign up, and lose what they have; see noSequenceBreaksTheRules.

import (
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/models"
)

// join signs the player up and confirms the address: with a password and an invitation if there is one, with a passkey, or with an account
// of the provider.
func (p *player) join(s move) {
	p.password, p.out, p.phone, p.recovery, p.key, p.connected, p.trusts = authtest.Password, "", nil, nil, nil, false, nil
	p.mailCodes, p.lost, p.staff, p.deleteAt, p.account = false, nil, false, time.Time{}, 0
	p.proof = 1
	browser := p.browser()
	switch s.client % 3 {
	case 0:
		p.joinByPassword(browser)
	case 1:
		p.password, p.key, p.keyAt = "", p.NewPasskey(p.t), p.Clock.Now()
		p.key.SignUp(browser, obj{"username": p.name, "email": p.address()}).Want(201)
		p.proof = 2
	case 2:
		p.password, p.connected = "", true
		p.joinByProvider(browser)
	}
	p.account, p.joined = p.user(p.name).ID, p.Clock.Now()
	p.note(browser, p.browser(), nil)
	mail, _ := p.latestMail("verify")
	key := obj{"key": mail.Key(p.t)}
	if !p.strict { // there it is a login
		p.proof = 0
	}
	p.post(browser, "registration/verify-email/", key).Want(200)
	p.once("link", "it was used", false, func(c *authtest.Client) *authtest.Response {
		return c.Post("/auth/registration/verify-email/", key)
	})
	if u := p.byID(p.account); p.claimed && !u.HasPassword() { // the owner of an address with which several signed up sets a new one
		p.password = ""
	}
	p.browsers[0] = browser
}

func (p *player) joinByPassword(browser *authtest.Client) {
	body := obj{"username": p.name, "email": p.address(), "password1": p.password, "password2": p.password}
	if len(p.invites) > 0 {
		used := p.invites[0]
		p.invites = p.invites[1:]
		body["invitation"], used.dead = used.what, "it was used"
		if browser.Post("/auth/registration/", body).StatusCode == 201 {
			return
		}
		delete(body, "invitation") // it has expired
	}
	if !p.strict || len(p.secrets)%2 == 0 {
		browser.Post("/auth/registration/", body).Want(201)
		return
	}
	body["email"] = p.name + "@example.net" // by mistake
	browser.Post("/auth/registration/", body).Want(201)
	wrong, _ := p.latestMail("verify")
	browser.Post("/auth/registration/correct-email/", obj{"username": p.name, "password": p.password, "email": p.address()}).Want(200)
	p.once("link to a corrected address", "the address was corrected", false, func(c *authtest.Client) *authtest.Response {
		return c.Post("/auth/registration/verify-email/", obj{"key": wrong.Key(p.t)})
	})
}

// joinByProvider completes the sign-up that the first login begins. Its ticket makes one user.
func (p *player) joinByProvider(browser *authtest.Client) {
	var asks struct{ Ticket string }
	browser.Post("/auth/acme/", obj{"id_token": p.idp.IDToken(p.App, acme(), p.claims())}).Want(200).JSON(&asks)
	holder := browser.Clone()
	browser.Post("/auth/socialsignup/", obj{"ticket": asks.Ticket, "username": p.name, "email": p.address()}).Want(201)
	name := fmt.Sprint(p.name, "-again-", len(p.secrets))
	p.once("ticket of a sign-up", "it was used", false, func(*authtest.Client) *authtest.Response {
		return holder.Clone().Post("/auth/socialsignup/", obj{"ticket": asks.Ticket, "username": name, "email": name + "@example.com"})
	})
}

// gone ends everything of an account that does not exist any more.
func (p *player) gone(why string) {
	p.end(why, "", true, true)
	for _, s := range p.secrets {
		if s.account == p.account {
			s.dead = why
		}
	}
	p.inbox = nil
}

// deleteDue removes the accounts whose grace has ended, and lets their players sign up again.
func (m *machine) deleteDue() {
	for _, p := range m.players {
		if p.deleteAt.IsZero() || m.Clock.Now().Before(p.deleteAt) {
			continue
		}
		if r := p.browser().Post("/auth/login/", obj{"username": p.name, "password": p.password}); r.StatusCode < 300 {
			m.t.Fatalf("%s logs in after the grace: %s", p.name, r.Text)
		}
		_, err := m.Auth.Sweep(m.Context())
		m.must(err)
		if m.byID(p.account).ID != 0 {
			if p.deleteAt = (time.Time{}); !strings.Contains(p.out, "banned") { // a ban alone holds a deletion
				m.t.Fatalf("the account of %s is still there", p.name)
			}
			continue
		}
		p.gone("the grace ended")
		by, on := m.by, m.on
		m.by, m.on = p, p
		p.join(move{})
		m.by, m.on, m.proof = by, on, 0
		m.before[p.account] = m.accounts()[p.account]
	}
}

// loseYoung notes what a user loses who says "it was not me": passkeys and the app, if they are younger than Mail.NoticeLifetime, and connected
// accounts.
func (p *player) loseYoung() {
	since := p.Clock.Now().Add(-p.Auth.Config().Mail.NoticeLifetime)
	left := map[string]bool{}
	for table, young := range map[string]bool{"auth_totp": p.phone != nil && p.phoneAt.After(since), "auth_passkey": p.key != nil && p.keyAt.After(since)} {
		var n int64
		p.must(p.DB.Table(table).Where("user_id = ?", p.account).Count(&n).Error)
		if left[table] = n > 0; young && n > 0 {
			p.t.Fatalf("%s said that it was not me, and a young factor is left in %s", p.name, table)
		}
	}
	if !left["auth_totp"] {
		p.phone = nil
	}
	if !left["auth_passkey"] {
		p.key = nil
	}
	var codes, identities int64
	p.must(p.DB.Model(&mfa.RecoveryCode{}).Where("user_id = ? AND used_at IS NULL", p.account).Count(&codes).Error)
	p.must(p.DB.Model(&models.Identity{}).Where("user_id = ?", p.account).Count(&identities).Error)
	if p.connected = identities > 0; codes == 0 {
		p.recovery = nil
	}
}
