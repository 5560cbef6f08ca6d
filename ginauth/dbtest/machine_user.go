package dbtest

// What users do in their own accounts; see noSequenceBreaksTheRules.

import (
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
)

var userVerbs []playerVerb

func init() {
	userVerbs = []playerVerb{
		{"logs in", (*player).logIn}, {"logs in", (*player).logIn}, {"gets a token", (*player).getToken}, {"gets a token", (*player).getToken},
		{"logs in by code", (*player).logInByCode}, {"logs in with the passkey", (*player).logInByPasskey}, {"logs in at the provider", (*player).logInByProvider},
		{"resets the password", (*player).resetPassword}, {"changes the password", (*player).changePassword}, {"logs out", (*player).logOut},
		{"ends the other sessions", (*player).endOthers}, {"ends a session", (*player).endOne}, {"refreshes", (*player).refreshes},
		{"refreshes with an old token", (*player).refreshesOld}, {"makes a personal token", (*player).makeToken}, {"revokes a personal token", (*player).revokeToken},
		{"turns the app on", (*player).turnOn}, {"turns the app on", (*player).turnOn}, {"turns the app off", (*player).turnOff}, {"makes recovery codes", (*player).regenerate},
		{"proves the app", (*player).prove}, {"adds a passkey", (*player).addPasskey}, {"removes the passkey", (*player).removePasskey},
		{"connects the provider", (*player).connectProvider}, {"disconnects the provider", (*player).disconnect}, {"moves to another address", (*player).moveAddress},
		{"deletes the account", (*player).deleteAccount}, {"was not it", (*player).wasNotMe}, {"ends the trust", (*player).endTrust},
		{"replays a secret", func(p *player, s move) bool { return p.replay(p, s.pick*7+s.client, p.client(s)) }},
		{"repeats a secret", func(p *player, s move) bool { return p.replay(p, len(p.secrets)-1, p.browser()) }},
	}
}

// client returns a browser of the player, which is logged in if that is possible, or a client with one of the player's tokens.
func (p *player) client(s move) *authtest.Client {
	if browser := p.browsers[s.client%2]; s.client < 6 {
		if p.held(browser) == nil && p.out == "" && p.password != "" {
			p.logIn(move{client: s.client})
			p.proof = 0
		}
		return browser
	}
	for i := range p.passes {
		if q := p.passes[(i+s.pick)%len(p.passes)]; q.holder == p && q.ended == "" && q.what != "cookie" && q.what != "personal" {
			return q.client
		}
	}
	return p.browsers[0]
}

// session returns the ID of a client's session.
func (p *player) session(client *authtest.Client) string {
	if q := p.held(client); q != nil {
		return q.session
	}
	return ""
}

// join signs the player up and confirms the address, with an invitation if there is one.
func (p *player) join() {
	p.password, p.out, p.phone, p.recovery, p.key, p.connected, p.trusts = authtest.Password, "", nil, nil, nil, false, nil
	p.proof = 1
	body := obj{"username": p.name, "email": p.address(), "password1": p.password, "password2": p.password}
	p.account = 0
	browser := p.browser()
	if len(p.invites) > 0 {
		used := p.invites[0]
		p.invites = p.invites[1:]
		body["invitation"], used.dead = used.what, "it was used"
		if browser.Post("/auth/registration/", body).StatusCode != 201 {
			delete(body, "invitation") // it has expired
		}
	}
	if body["invitation"] == nil {
		browser.Post("/auth/registration/", body).Want(201)
	}
	p.account = p.user(p.name).ID
	p.note(browser, p.browser(), nil)
	mail, _ := p.latestMail("verify")
	p.proof = 0
	p.post(browser, "registration/verify-email/", obj{"key": mail.Key(p.t)}).Want(200)
	p.once("link", "it was used", false, func(c *authtest.Client) *authtest.Response {
		return c.Post("/auth/registration/verify-email/", obj{"key": mail.Key(p.t)})
	})
	p.browsers[0] = browser
}

// complete sends the second factor that a login asks for, in the way that pick says. It reports whether the user is in.
func (p *player) complete(client *authtest.Client, r *authtest.Response, s move) bool {
	var waits binding.Challenge
	if r.StatusCode >= 300 {
		return false
	}
	if r.JSON(&waits); !waits.MFARequired {
		return true
	}
	token := obj{"ephemeral_token": waits.EphemeralToken}
	send := func(body obj) *authtest.Response {
		body["ephemeral_token"] = waits.EphemeralToken
		return p.post(client, "mfa/verify/", body)
	}
	dead := p.once("challenge", "", true, func(c *authtest.Client) *authtest.Response {
		if p.phone == nil {
			return nil
		}
		return c.Post("/auth/mfa/verify/", obj{"ephemeral_token": waits.EphemeralToken, "code": p.phone.Code()})
	})
	p.proof = 2
	trust := s.pick%2 == 1
	switch {
	case s.pick%8 == 7: // gives up
		return false
	case s.pick%8 == 6 && p.key != nil:
		begun := p.post(client, "passkeys/verify/begin/", token)
		if begun.StatusCode != 200 {
			return false
		}
		token["credential"] = p.key.Sign(begun)
		r = p.post(client, "passkeys/verify/complete/", token)
	case s.pick%4 == 1 && len(p.recovery) > 0:
		code := p.recovery[0]
		if r = send(obj{"code": code, "trust": trust}); r.StatusCode == 200 {
			p.recovery = p.recovery[1:]
			p.usedCode("recovery code", code)
		}
	default:
		code := p.phone.Code()
		if r = send(obj{"code": code, "trust": trust}); r.StatusCode == 200 {
			p.usedCode("code", code)
		}
	}
	if r.StatusCode != 200 {
		return false
	}
	dead.dead = "it was used"
	if trust && s.pick%8 != 6 {
		p.trusts = append(p.trusts, trusted{p, client, p.Clock.Now().Add(14 * 24 * time.Hour)})
	}
	return true
}

// usedCode notes a code that was accepted. A replay logs in with the password first.
func (p *player) usedCode(what, code string) {
	phone := p.phone
	p.once(what, "it was used", false, func(c *authtest.Client) *authtest.Response {
		var waits binding.Challenge
		r := p.browser().Post("/auth/login/", obj{"username": p.name, "password": p.password})
		if r.StatusCode != 200 || p.phone != phone {
			return nil
		}
		if r.JSON(&waits); waits.EphemeralToken == "" {
			p.t.Fatalf("%s is logged in without a code", p.name)
		}
		return p.browser().Post("/auth/mfa/verify/", obj{"ephemeral_token": waits.EphemeralToken, "code": code})
	})
}

func (p *player) trustedIn(browser *authtest.Client) bool {
	for _, t := range p.trusts {
		if t.browser == browser && p.Clock.Now().Before(t.until) {
			return true
		}
	}
	return false
}

func (p *player) logIn(s move) bool {
	browser := p.browsers[s.client%2]
	p.proof, p.excused = 1, p.trustedIn(browser)
	r := p.post(browser, "login/", obj{"username": p.name, "password": p.password})
	p.excused = false
	return p.complete(browser, r, s)
}

// getToken logs in for a token or JSON Web Tokens.
func (p *player) getToken(s move) bool {
	client := p.browser()
	client.Header.Set("Auth-Credential", []string{"token", "jwt"}[s.client%2])
	p.proof = 1
	return p.complete(client, p.post(client, "login/", obj{"email": p.address(), "password": p.password}), s)
}

func (p *player) logInByCode(s move) bool {
	client := p.browsers[s.client%2]
	p.post(client, "login/code/", obj{"email": p.address()})
	mail, ok := p.latestMail("login_code")
	if !ok {
		return false
	}
	body := obj{"key": mail.Key(p.t)}
	if s.pick > 7 {
		body = obj{"email": p.address(), "code": mail.Code(p.t)}
	}
	if s.pick%4 == 3 {
		return false // keeps it
	}
	p.proof = 1
	r := p.post(client, "login/code/confirm/", body)
	if r.StatusCode == 200 {
		p.usedMail(mail)
	}
	return p.complete(client, r, s)
}

func (p *player) logInByPasskey(s move) bool {
	if p.key == nil && !p.addPasskey(s) {
		return false
	}
	client, begun := p.browsers[s.client%2], p.post(p.browsers[s.client%2], "passkeys/login/begin/", nil)
	var options struct {
		SessionID string `json:"session_id"`
	}
	begun.Want(200).JSON(&options)
	body := obj{"credential": p.key.Sign(begun), "session_id": options.SessionID}
	p.proof = 2
	r := p.post(client, "passkeys/login/complete/", body)
	if r.StatusCode == 200 {
		p.once("passkey challenge", "it was used", false, func(c *authtest.Client) *authtest.Response { return c.Post("/auth/passkeys/login/complete/", body) })
	}
	return p.complete(client, r, s)
}

func (p *player) logInByProvider(s move) bool {
	if !p.connected && !p.connectProvider(s) {
		return false
	}
	client := p.browsers[s.client%2]
	p.proof = 1
	return p.complete(client, p.post(client, "acme/", obj{"id_token": p.idp.IDToken(p.App, acme(), p.claims())}), s)
}

func (p *player) claims() socialtest.Claims { return socialtest.Claims{"sub": p.sub} }

// wantIn wants that the player still gets in: no one else has destroyed the account.
func (p *player) wantIn() {
	if p.password == "" && !p.resetPassword(move{}) {
		p.t.Fatalf("%s cannot set a password", p.name)
	}
	p.Clock.Advance(20 * time.Minute) // the tries of codes
	p.proof = 0
	if !p.logIn(move{}) || who(p.browsers[0]) != p.account {
		p.t.Fatalf("%s is locked out: %s", p.name, fmt.Sprint(p.recovery, p.phone))
	}
}
