package dbtest

// What users change in their accounts; see noSequenceBreaksTheRules.

import (
	"fmt"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// renewed returns another password.
func (p *player) renewed() string {
	return map[bool]string{true: "Mirror-Maze-89", false: "Mirror-Maze-88"}[p.password == "Mirror-Maze-88"]
}

func (p *player) resetPassword(s move) bool {
	p.post(p.browsers[0], "password/reset/", obj{"email": p.address()})
	mail, ok := p.latestMail("reset", "secured")
	if !ok {
		return false
	}
	next := p.renewed()
	body := obj{"uid": mail.UID(p.t), "token": mail.Key(p.t), "new_password1": next, "new_password2": next}
	if s.pick > 7 {
		body = obj{"email": p.address(), "code": mail.Code(p.t), "new_password1": next, "new_password2": next}
	}
	if s.pick%4 == 3 {
		return false // keeps it
	}
	client := p.browsers[s.client%2]
	p.proof, p.byMail = 1, true
	was := client.Clone()
	r := client.Post("/auth/password/reset/confirm/", body)
	if r.StatusCode >= 300 {
		return false
	}
	p.password = next
	p.usedMail(mail)
	p.end("the password was reset", "", true, true)
	p.note(client, was, r)
	p.complete(client, r, s)
	return true
}

func (p *player) changePassword(s move) bool {
	client, next := p.client(s), p.renewed()
	session := p.session(client)
	if session == "" || p.password == "" || p.out != "" {
		return false
	}
	was := client.Clone()
	r := client.Post("/auth/password/change/", obj{"old_password": p.password, "new_password1": next, "new_password2": next})
	if r.StatusCode >= 300 {
		return false
	}
	p.password = next
	p.end("the password was changed", session, true, true)
	p.note(client, was, r)
	return true
}

func (p *player) logOut(s move) bool {
	client := p.client(s)
	session := p.session(client)
	r := p.post(client, "logout/", obj{})
	if r.StatusCode >= 300 {
		return false
	}
	p.endSession(session, "it was logged out")
	return session != ""
}

func (p *player) endOthers(s move) bool {
	client := p.client(s)
	session := p.session(client)
	was := client.Clone()
	r := client.Delete("/auth/sessions/")
	if r.StatusCode >= 300 {
		return false
	}
	p.end("the other sessions were ended", session, false, false)
	p.distrust()
	p.expireBound("the other sessions were ended")
	p.note(client, was, r)
	return true
}

func (p *player) endOne(s move) bool {
	client := p.client(s)
	var all []binding.Session
	r := client.Get("/auth/sessions/")
	if r.StatusCode != 200 {
		return false
	}
	r.JSON(&all)
	session := pick(all, s.pick).ID
	if r := p.send(client, "DELETE", "sessions/"+session+"/", nil); r.StatusCode >= 300 {
		return false
	}
	p.endSession(session, "it was ended")
	return true
}

func (p *player) makeToken(s move) bool {
	client := p.client(s)
	var made binding.NewToken
	from := p.held(client)
	r := client.Post("/auth/tokens/", obj{"name": "program", "password": p.password})
	if r.StatusCode != 201 {
		return false
	}
	if from == nil || p.armed() && from.factors < 2 {
		p.t.Fatalf("%s made a personal token in a session with one factor of two", p.name)
	}
	r.JSON(&made)
	holder := p.browser()
	holder.Header.Set("Authorization", "Bearer "+made.Key)
	p.proof = 2
	p.add(&pass{what: "personal", client: holder, personal: made.ID}, nil)
	return true
}

func (p *player) revokeToken(s move) bool {
	for _, q := range slices.Backward(p.passes) {
		if q.what != "personal" || q.holder != p || q.ended != "" {
			continue
		}
		if r := p.send(p.client(s), "DELETE", "tokens/"+q.personal+"/", nil); r.StatusCode >= 300 {
			return false
		}
		q.ended = "it was revoked"
		return true
	}
	return false
}

// moveAddress adds an address, confirms it, makes it primary, and removes it again.
func (p *player) moveAddress(s move) bool {
	client, address := p.client(s), fmt.Sprint(p.name, "@example.org")
	if p.session(client) == "" {
		return false
	}
	var added binding.Email
	r := p.post(client, "emails/", obj{"email": address, "password": p.password})
	if r.StatusCode != 201 {
		return false
	}
	r.JSON(&added)
	p.post(client, fmt.Sprint("emails/", added.ID, "/resend/"), nil).Want(200)
	mail, ok := p.latestMail("verify")
	if !ok || mail.To != address {
		p.t.Fatalf("no mail to %s", address)
	}
	key := obj{"key": mail.Key(p.t)}
	p.post(client, "registration/verify-email/", key).Want(200)
	p.once("link", "it was used", false, func(c *authtest.Client) *authtest.Response { return c.Post("/auth/registration/verify-email/", key) })
	all := emails(client)
	for _, e := range all {
		if e.Email == p.address() {
			p.post(client, fmt.Sprint("emails/", added.ID, "/primary/"), obj{"password": p.password}).Want(200)
			p.post(client, fmt.Sprint("emails/", e.ID, "/primary/"), obj{"password": p.password}).Want(200)
		}
	}
	p.send(client, "DELETE", fmt.Sprint("emails/", added.ID, "/"), obj{"password": p.password}).Want(204)
	p.lost = nil
	return true
}

func (p *player) deleteAccount(s move) bool {
	client := p.client(s)
	if p == p.operator() || s.pick > 3 {
		return false
	}
	p.collect(s)
	if r := p.send(client, "POST", "user/delete/", obj{"password": p.password}); r.StatusCode >= 300 {
		return false
	}
	if p.strict {
		p.end("the account will be deleted", "", true, true)
		p.deleteAt = p.Clock.Now().Add(deleteGrace)
		return true
	}
	p.gone("the account was deleted")
	p.join(s)
	return true
}

// wasNotMe opens the link of a notice: everything ends, and factors, passkeys and connected accounts are lost.
func (p *player) wasNotMe(s move) bool {
	p.deliver()
	for i := range p.inbox {
		mail := p.inbox[len(p.inbox)-1-i]
		if mail.Kind != "password_changed" && mail.Kind != "email_removed" {
			continue
		}
		key := obj{"key": mail.Key(p.t)}
		r := p.browser().Post("/auth/security/revoke/", key)
		if r.StatusCode >= 300 {
			return false
		}
		p.end("it was not the user", "", true, true)
		p.password = ""
		p.loseYoung()
		p.once("notice", "it was used", false, func(c *authtest.Client) *authtest.Response { return c.Post("/auth/security/revoke/", key) })
		return true
	}
	return false
}
