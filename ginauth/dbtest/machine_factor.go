package dbtest

// What users do with second factors, passkeys and providers; see noSequenceBreaksTheRules.

import (
	"fmt"

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
	if q := p.held(client); q != nil {
		q.factors = 2
	}
	var out struct {
		Codes []string `json:"recovery_codes"`
	}
	r.JSON(&out)
	p.recovery = out.Codes
	p.once("activation", "it was used", false, func(c *authtest.Client) *authtest.Response { return c.Post("/auth/mfa/totp/activate/", body) })
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
	p.phone, p.recovery = nil, nil
	for _, q := range p.passes {
		if q.account == p.account {
			q.factors = 1
		}
	}
	return true
}

func (p *player) regenerate(s move) bool {
	client := p.client(s)
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
	if p.phone != nil {
		p.proof = 2
		body = obj{"code": p.phone.Code()}
	}
	before := p.held(client)
	r := p.post(client, "reauthenticate/", body)
	if r.StatusCode != 200 {
		return false
	}
	if before == nil {
		p.t.Fatalf("%s proved something without a session", p.name)
	}
	if p.phone != nil {
		p.usedCode("code", body["code"].(string))
		if q := p.held(client); q != nil {
			q.factors = 2
		}
		if before.ended == "" {
			before.factors = 2
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
	if q := p.held(client); q == nil || p.phone != nil && q.factors < 2 {
		p.t.Fatalf("%s may add a passkey in a session with one factor of two", p.name)
	}
	body := obj{"credential": key.Create(begun)}
	if r := p.post(client, "passkeys/register/complete/", body); r.StatusCode != 201 {
		return false
	}
	p.key = key
	p.once("registration of a passkey", "it was used", false, func(c *authtest.Client) *authtest.Response {
		return c.Post("/auth/passkeys/register/complete/", body)
	})
	return true
}

func (p *player) removePasskey(s move) bool {
	client := p.client(s)
	var all []struct{ ID int64 }
	r := client.Get("/auth/passkeys/")
	if r.StatusCode != 200 || p.key == nil {
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
	if r.StatusCode != 200 || !p.connected {
		return false
	}
	if r.JSON(&all); len(all) != 1 {
		p.t.Fatalf("%s has %d accounts of the provider", p.name, len(all))
	}
	session, was := p.session(client), client.Clone()
	r = client.Post(fmt.Sprint("/auth/socialaccounts/", all[0].ID, "/disconnect/"), obj{"password": p.password})
	if r.StatusCode != 200 {
		return false
	}
	p.connected = false
	p.end("the provider was disconnected", session, false, false)
	p.note(client, was, r)
	token := p.idp.IDToken(p.App, acme(), p.claims())
	p.once("disconnected account", "it was disconnected", false, func(c *authtest.Client) *authtest.Response {
		if p.connected {
			return nil
		}
		return c.Post("/auth/acme/connect/", obj{"id_token": token + "x"})
	})
	return true
}

func (p *player) endTrust(s move) bool {
	if p.send(p.client(s), "DELETE", "mfa/trusted-browsers/", nil).StatusCode >= 300 || p.session(p.client(s)) == "" {
		return false
	}
	p.distrust()
	return true
}
