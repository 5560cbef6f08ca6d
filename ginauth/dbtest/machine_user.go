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
		{"logs in by redirect", (*player).logInByRedirect}, {"connects by redirect", (*player).connectByRedirect}, {"proves the provider", (*player).proveProvider},
		{"proves the passkey", (*player).provePasskey}, {"renames the passkey", (*player).renamePasskey}, {"turns e-mail codes on", (*player).turnOnMail},
		{"turns e-mail codes off", (*player).turnOffMail}, {"starts a recovery", (*player).startRecovery}, {"completes a recovery", (*player).completeRecovery},
		{"cancels a recovery", (*player).cancelRecovery}, {"reads everything", (*player).readEverything}, {"renames itself", (*player).renameSelf},
		{"sets a first password", (*player).setPassword}, {"verifies a token", (*player).verifyToken}, {"accepts an invitation", (*player).acceptInvitation},
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
			return q.client.Clone()
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

// complete sends the second factor that a login asks for, in the way that pick says. It reports whether the user is in.
func (p *player) complete(client *authtest.Client, r *authtest.Response, s move) bool {
	var waits binding.Challenge
	if r.StatusCode >= 300 {
		return false
	}
	if r.JSON(&waits); !waits.MFARequired {
		return true
	}
	if waits.SetupRequired {
		return p.setUp(client, waits.EphemeralToken, s)
	}
	holder := client.Clone() // to which the challenge belongs
	dead := p.once("challenge", "", true, func(*authtest.Client) *authtest.Response {
		if p.phone == nil {
			return nil
		}
		return holder.Clone().Post("/auth/mfa/verify/", obj{"ephemeral_token": waits.EphemeralToken, "code": p.phone.Code()})
	})
	p.proof = 2
	trust := s.pick%2 == 1
	if s.pick%8 == 7 { // gives up
		return false
	}
	if s.pick%8 == 6 && p.key != nil {
		if trust = false; !p.verifyPasskey(client, waits.EphemeralToken) {
			return false
		}
	} else {
		code, kind := p.factorCode(client, waits.EphemeralToken, s.pick)
		if kind == "" || p.post(client, "mfa/verify/", obj{"ephemeral_token": waits.EphemeralToken, "code": code, "trust": trust}).StatusCode != 200 {
			return false
		}
		p.usedFactor(kind, code)
	}
	dead.dead = "it was used"
	if trust {
		p.trusts = append(p.trusts, trusted{p, client, p.Clock.Now().Add(14 * 24 * time.Hour)})
	}
	return true
}

// usedCode notes a code that was accepted. A replay logs in with the password first.
func (p *player) usedCode(what, code string) {
	phone, at := p.phone, p.Clock.Now()
	p.once(what, "it was used", false, func(c *authtest.Client) *authtest.Response {
		var waits binding.Challenge
		browser := p.browser() // to which the challenge belongs
		r := browser.Post("/auth/login/", obj{"username": p.name, "password": p.password})
		if r.StatusCode != 200 || p.phone != phone || !p.armed() {
			return nil
		}
		if r.JSON(&waits); waits.EphemeralToken == "" {
			p.t.Fatalf("%s is logged in without a code", p.name)
		}
		for _, shift := range []time.Duration{-30 * time.Second, 0, 30 * time.Second} {
			if now := p.Clock.Now().Add(shift); phone != nil && now.Sub(at) > time.Minute && phone.At(now) == code {
				return nil // one later code in a million is the same
			}
		}
		return browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": waits.EphemeralToken, "code": code})
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
	p.proof, p.excused, p.byMail = 1, p.trustedIn(browser), false
	r := p.post(browser, "login/", obj{"username": p.name, "password": p.password})
	p.excused = false
	return p.complete(browser, r, s)
}

// getToken logs in for a token or JSON Web Tokens.
func (p *player) getToken(s move) bool {
	client := p.browser()
	client.Header.Set("Auth-Credential", []string{"token", "jwt"}[s.client%2])
	p.proof, p.byMail = 1, false
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
	p.proof, p.byMail = 1, true
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
	p.proof, p.byMail = 2, false
	holder := client.Clone()
	r := p.post(client, "passkeys/login/complete/", body)
	if r.StatusCode == 200 {
		p.once("passkey challenge", "it was used", false, func(*authtest.Client) *authtest.Response {
			return holder.Clone().Post("/auth/passkeys/login/complete/", body)
		})
	}
	return p.complete(client, r, s)
}

func (p *player) logInByProvider(s move) bool {
	if !p.connected && !p.connectProvider(s) {
		return false
	}
	client := p.browsers[s.client%2]
	p.proof, p.byMail = 1, false
	token := obj{"id_token": p.idp.IDToken(p.App, acme(), p.claims())}
	r := p.post(client, "acme/", token)
	if r.StatusCode == 200 {
		p.once("ID token", "it was used", false, func(c *authtest.Client) *authtest.Response { return c.Post("/auth/acme/", token) })
	}
	return p.complete(client, r, s)
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
