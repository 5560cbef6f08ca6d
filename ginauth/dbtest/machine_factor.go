package dbtest

// What users do with second factors, passkeys and providers; see noSequenceBreaksTheRules.

import (
	"fmt"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// changeFactors sends a request that turns a factor on or off. Other sessions end with it.
func (p *player) changeFactors(client *authtest.Client, why string, send func() *authtest.Response) *authtest.Response {
	session, was := p.session(client), client.Clone()
	r := send()
	if r.StatusCode >= 300 {
		return r
	}
	if session == "" {
		p.t.Fatalf("%s changed the factors without a session", p.name)
	}
	p.distrust()
	p.lost = nil
	p.end(why, session, false, false)
	p.expireBound(why)
	p.note(client, was, r)
	return r
}

// expireBound ends challenges, which are bound to the factors.
func (p *player) expireBound(why string) {
	for _, s := range p.secrets {
		if s.account == p.account && s.what == "challenge" && s.dead == "" {
			s.dead = why
		}
	}
}

func (p *player) turnOn(s move) bool {
	client := p.client(s)
	var offer struct {
		Secret string `json:"secret"`
		Token  string `json:"activation_token"`
	}
	r := client.Get("/auth/mfa/totp/activate/")
	if r.StatusCode != 200 || p.phone != nil {
		return false
	}
	r.JSON(&offer)
	phone := p.TOTPWith(p.t, offer.Secret)
	body := obj{"activation_token": offer.Token, "code": phone.Code(), "password": p.password}
	p.proof = 2
	p.phone = phone
	r = p.changeFactors(client, "a factor was turned on", func() *authtest.Response { return client.Post("/auth/mfa/totp/activate/", body) })
	if r.StatusCode != 200 {
		p.phone = nil
		return false
	}
	p.proven(client)
	p.phoneAt = p.Clock.Now()
	p.gotCodes(r)
	p.once("activation", "it was used", false, func(*authtest.Client) *authtest.Response {
		return client.Clone().Post("/auth/mfa/totp/activate/", body)
	})
	p.usedCode("code", body["code"].(string))
	return true
}

func (p *player) turnOff(s move) bool {
	if p.phone == nil {
		return false
	}
	client, code := p.client(s), p.phone.Code()
	r := p.changeFactors(client, "a factor was turned off", func() *authtest.Response {
		return client.Post("/auth/mfa/totp/deactivate/", obj{"code": code, "password": p.password})
	})
	if r.StatusCode != 200 {
		return false
	}
	p.phone = nil
	p.disarmed()
	return true
}

// disarmed notes that the player may have no factor any more.
func (p *player) disarmed() {
	if p.armed() {
		return
	}
	p.recovery = nil
	for _, q := range p.passes {
		if q.account == p.account {
			q.factors = 1
		}
	}
}

// proven notes that a session has proven two factors, with all its credentials: the refresh token of one can outlive its access token.
func (p *player) proven(client *authtest.Client) {
	if q := p.held(client); q != nil {
		p.provenIn(q)
	}
}

func (m *machine) provenIn(q *pass) {
	q.factors = 2
	for _, other := range m.passes {
		if q.session != "" && other.session == q.session {
			other.factors = 2
		}
	}
}

// gotCodes notes the recovery codes in a response, which has none if the player has some already.
func (p *player) gotCodes(r *authtest.Response) {
	var out struct {
		Codes []string `json:"recovery_codes"`
	}
	if r.JSON(&out); len(out.Codes) > 0 {
		p.recovery = out.Codes
	}
}

func (p *player) regenerate(s move) bool {
	client := p.client(s)
	if p.armed() && s.pick%2 == 0 { // in a session that has proven one factor, this is refused
		p.prove(s)
		p.proof = 0
	}
	r := p.post(client, "mfa/recovery-codes/regenerate/", obj{"password": p.password})
	if r.StatusCode != 200 {
		return false
	}
	if q := p.held(client); q == nil || q.factors < 2 {
		p.t.Fatalf("%s made recovery codes without the factor", p.name)
	}
	for _, code := range p.recovery[:min(2, len(p.recovery))] {
		p.usedCode("replaced recovery code", code)
	}
	var out struct{ Codes []string }
	r.JSON(&out)
	p.recovery = out.Codes
	return true
}

// prove shows a code at reauthenticate/.
func (p *player) prove(s move) bool {
	client, body := p.client(s), obj{"password": p.password}
	code, kind := "", ""
	if p.armed() {
		if code, kind = p.factorCode(client, "", s.pick); kind == "" {
			return false
		}
		p.proof = 2
		body = obj{"code": code}
	}
	before := p.held(client)
	r := p.post(client, "reauthenticate/", body)
	if r.StatusCode != 200 {
		return false
	}
	if before == nil {
		p.t.Fatalf("%s proved something without a session", p.name)
	}
	if kind != "" {
		p.usedFactor(kind, code)
		p.proven(client)
		if before.ended == "" {
			p.provenIn(before)
		}
	}
	return true
}

func (p *player) addPasskey(s move) bool {
	client := p.client(s)
	if p.key != nil {
		return false
	}
	key := p.NewPasskey(p.t)
	begun := p.post(client, "passkeys/register/begin/", obj{"name": "key", "password": p.password})
	if begun.StatusCode != 200 {
		return false
	}
	if q := p.held(client); q == nil || p.armed() && q.factors < 2 {
		p.t.Fatalf("%s may add a passkey in a session with one factor of two", p.name)
	}
	body := obj{"credential": key.Create(begun)}
	if r := p.post(client, "passkeys/register/complete/", body); r.StatusCode != 201 {
		return false
	}
	p.key, p.keyAt = key, p.Clock.Now()
	p.once("registration of a passkey", "it was used", false, func(*authtest.Client) *authtest.Response {
		return client.Clone().Post("/auth/passkeys/register/complete/", body)
	})
	return true
}

func (p *player) removePasskey(s move) bool {
	client := p.client(s)
	var all []struct{ ID int64 }
	r := client.Get("/auth/passkeys/")
	if r.StatusCode != 200 || p.key == nil || p.inPlaceOf(client) {
		return false
	}
	if r.JSON(&all); len(all) != 1 {
		p.t.Fatalf("%s has %d passkeys", p.name, len(all))
	}
	if r := p.changeFactors(client, "a passkey was removed", func() *authtest.Response {
		return client.Do("DELETE", fmt.Sprint("/auth/passkeys/", all[0].ID, "/"), obj{"password": p.password})
	}); r.StatusCode >= 300 {
		return false
	}
	key := p.key
	p.key = nil
	p.once("removed passkey", "it was removed", false, func(c *authtest.Client) *authtest.Response { return key.LogIn(c) })
	return true
}

func (p *player) connectProvider(s move) bool {
	body := obj{"id_token": p.idp.IDToken(p.App, acme(), p.claims()), "password": p.password}
	if p.connected || p.post(p.client(s), "acme/connect/", body).StatusCode != 200 {
		return false
	}
	p.connected = true
	return true
}

func (p *player) disconnect(s move) bool {
	client := p.client(s)
	var all []struct{ ID int64 }
	r := client.Get("/auth/socialaccounts/")
	if r.StatusCode != 200 || !p.connected || p.inPlaceOf(client) {
		return false
	}
	if r.JSON(&all); len(all) != 1 {
		p.t.Fatalf("%s has %d accounts of the provider", p.name, len(all))
	}
	session, was := p.session(client), client.Clone()
	body := obj{"password": p.password}
	if s.pick%2 == 0 {
		r = client.Post(fmt.Sprint("/auth/socialaccounts/", all[0].ID, "/disconnect/"), body)
	} else {
		r = client.Do("DELETE", fmt.Sprint("/auth/socialaccounts/", all[0].ID, "/"), body)
	}
	if r.StatusCode >= 300 {
		return false
	}
	p.connected = false
	p.end("the provider was disconnected", session, false, false)
	p.note(client, was, r)
	p.once("disconnected account", "it was disconnected", false, func(c *authtest.Client) *authtest.Response {
		if p.connected {
			return nil
		}
		before := who(c)
		r := c.Post("/auth/acme/", obj{"id_token": p.idp.IDToken(p.App, acme(), p.claims())})
		if strings.Contains(r.Text, `"signup_required":true`) && who(c) == before {
			r.StatusCode = 400 // it offers a new account
		}
		return r
	})
	return true
}

// endTrust ends the trust in one browser or in all.
func (p *player) endTrust(s move) bool {
	client := p.client(s)
	var all []struct{ ID string }
	if p.session(client) == "" {
		return false
	}
	if len(p.trusts) == 0 && p.armed() {
		p.logIn(move{client: s.client, pick: 1})
	}
	if r := client.Get("/auth/mfa/trusted-browsers/"); r.StatusCode == 200 {
		r.JSON(&all)
	}
	if len(all) == 1 && s.pick%2 == 0 {
		if p.send(client, "DELETE", fmt.Sprint("mfa/trusted-browsers/", all[0].ID, "/"), nil).StatusCode >= 300 {
			return false
		}
	} else if p.send(client, "DELETE", "mfa/trusted-browsers/", nil).StatusCode >= 300 {
		return false
	}
	p.distrust()
	return true
}
