package dbtest

// Codes in mails as a second factor, and lost factors; see noSequenceBreaksTheRules.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
)

// factorCode returns a code of one of the player's factors, and its kind, which is empty without one. token is that of a challenge, or
// empty in a session.
func (p *player) factorCode(client *authtest.Client, token string, i int) (code, kind string) {
	switch {
	case i%4 == 1 && len(p.recovery) > 0:
		return p.recovery[0], "recovery code"
	case p.mailCodes && (p.phone == nil || i%3 == 2):
		r := p.post(client, "mfa/email/send/", obj{"ephemeral_token": token})
		if r.StatusCode == 200 && p.byMail {
			p.t.Fatalf("%s gets a code in a mail after a login that began with a mail", p.name)
		}
		if mail, ok := p.latestMail("mfa_code"); ok && r.StatusCode == 200 {
			return mail.Code(p.t), "mailed code"
		}
	}
	switch {
	case p.phone != nil:
		return p.phone.Code(), "code"
	case len(p.recovery) > 0:
		return p.recovery[0], "recovery code"
	}
	return "", ""
}

// usedFactor notes a code that was accepted.
func (p *player) usedFactor(kind, code string) {
	if kind == "recovery code" {
		p.recovery = p.recovery[1:]
	}
	p.usedCode(kind, code)
}

func (p *player) turnOnMail(s move) bool {
	client := p.client(s)
	if p.mailCodes || p.post(client, "mfa/email/send/", nil).StatusCode != 200 {
		return false
	}
	mail, ok := p.latestMail("email_code")
	if !ok {
		return false
	}
	p.proof, p.mailCodes = 2, true
	r := p.changeFactors(client, "e-mail codes were turned on", func() *authtest.Response {
		return client.Post("/auth/mfa/email/activate/", obj{"code": mail.Code(p.t), "password": p.password})
	})
	if r.StatusCode != 200 {
		p.mailCodes = false
		return false
	}
	p.proven(client)
	p.gotCodes(r)
	p.usedCode("code", mail.Code(p.t))
	return true
}

func (p *player) turnOffMail(s move) bool {
	client := p.client(s)
	if !p.mailCodes || p.session(client) == "" {
		return false
	}
	code, kind := p.factorCode(client, "", s.pick)
	if kind == "" {
		return false
	}
	r := p.changeFactors(client, "e-mail codes were turned off", func() *authtest.Response {
		return client.Post("/auth/mfa/email/deactivate/", obj{"code": code, "password": p.password})
	})
	if r.StatusCode != 200 {
		return false
	}
	p.mailCodes = false
	p.usedFactor(kind, code)
	p.disarmed()
	return true
}

// lostFactors is a recovery that waits.
type lostFactors struct{ ready, expires time.Time }

// askRecovery logs in with the password and asks to recover. It reports whether a code was mailed.
func (p *player) askRecovery(client *authtest.Client) (token string, mailed bool) {
	var waits binding.Challenge
	var out mfa.RecoveryState
	p.proof, p.byMail = 1, false
	r := p.post(client, "login/", obj{"username": p.name, "password": p.password})
	if r.StatusCode != 200 {
		return "", false
	}
	if r.JSON(&waits); waits.EphemeralToken == "" || waits.SetupRequired {
		return "", false
	}
	if r = p.post(client, "mfa/recovery/", obj{"ephemeral_token": waits.EphemeralToken}); r.StatusCode != 200 {
		return "", false
	}
	if r.JSON(&out); out.EmailCode && p.Clock.Now().Sub(p.joined) < 30*24*time.Hour {
		p.t.Fatalf("the address of %s is too young to recover", p.name)
	}
	return waits.EphemeralToken, out.EmailCode
}

// confirmRecovery sends the mailed code.
func (p *player) confirmRecovery(client *authtest.Client, token string) (out mfa.RecoveryState, ok bool) {
	mail, ok := p.latestMail("mfa_recovery_code")
	if !ok {
		return out, false
	}
	holder := client.Clone()
	r := p.post(client, "mfa/recovery/confirm/", obj{"ephemeral_token": token, "code": mail.Code(p.t)})
	if r.StatusCode != 200 {
		return out, false
	}
	r.JSON(&out)
	p.once("challenge", "it was used", true, func(*authtest.Client) *authtest.Response {
		return holder.Clone().Post("/auth/mfa/recovery/confirm/", obj{"ephemeral_token": token, "code": mail.Code(p.t)})
	})
	return out, true
}

func (p *player) startRecovery(s move) bool {
	if p.password == "" || p.out != "" || p.lost != nil || !p.armed() && !p.turnOn(move{client: s.client % 2}) {
		return false
	}
	if s.pick%4 != 0 { // else the address may be too young
		p.passTime(31 * 24 * time.Hour)
	}
	client := p.browser()
	token, mailed := p.askRecovery(client)
	if !mailed {
		return false
	}
	out, ok := p.confirmRecovery(client, token)
	if !ok {
		return false
	}
	if out.Recovered {
		p.t.Fatalf("the factors of %s were removed at once", p.name)
	}
	p.lost = &lostFactors{p.Clock.Now().Add(recoveryWait), p.Clock.Now().Add(recoveryWait + 7*24*time.Hour)}
	return true
}

// passTime lets time pass within a step, in which accounts whose deletion waits may end.
func (p *player) passTime(by time.Duration) {
	p.Clock.Advance(by)
	p.deleteDue()
}

func (p *player) completeRecovery(s move) bool {
	if p.lost == nil && !p.startRecovery(move{client: s.client, pick: 1}) {
		return false
	}
	for _, step := range []time.Duration{71 * time.Hour, 59 * time.Minute, time.Minute, 24 * time.Hour, 12 * 24 * time.Hour} {
		p.passTime(step)
		now, lost := p.Clock.Now(), p.lost
		client := p.browser()
		token, mailed := p.askRecovery(client)
		if !mailed {
			continue
		}
		out, ok := p.confirmRecovery(client, token)
		if !ok || !out.Recovered {
			p.lost = nil
			return false
		}
		if lost == nil || now.Before(lost.ready) || !now.Before(lost.expires) {
			p.t.Fatalf("the factors of %s were removed at %v: %+v", p.name, now, lost)
		}
		p.end("the factors were removed", "", true, true)
		p.phone, p.recovery, p.key, p.mailCodes = nil, nil, nil, false
		return true
	}
	return false
}

// cancelRecovery opens the link of the mail, or does it in a session.
func (p *player) cancelRecovery(s move) bool {
	if p.lost == nil && !p.startRecovery(move{client: s.client, pick: 1}) {
		return false
	}
	client, body := p.browser(), obj{}
	if s.pick%2 == 0 {
		mail, _ := p.latestMail("mfa_recovery_started")
		body["key"] = mail.Key(p.t)
	} else {
		client = p.client(move{client: s.client % 2})
		if q := p.held(client); q == nil || q.factors < 2 {
			p.prove(move{client: s.client % 2, pick: 0})
		}
	}
	if p.send(client, "POST", "mfa/recovery/cancel/", body).StatusCode != 200 {
		return false
	}
	p.lost = nil
	if body["key"] != nil {
		p.once("link that cancels", "it was used", false, func(c *authtest.Client) *authtest.Response { return c.Post("/auth/mfa/recovery/cancel/", body) })
	}
	return true
}
