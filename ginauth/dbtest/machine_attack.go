package dbtest

// What a stranger tries against other users; see noSequenceBreaksTheRules.

import (
	"fmt"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var strangersVerbs = []playerVerb{
	{"asks for mails", (*player).askForMails}, {"signs up as the user", (*player).squatOn}, {"guesses a password", (*player).guessPassword},
	{"guesses a code", (*player).guessCode}, {"comes from the provider with the address", (*player).claimAddress}, {"adds the address", (*player).addForeign},
	{"uses rows of the user", (*player).useForeignRows}, {"uses routes of operators", (*player).playOperator}, {"replays a secret", (*player).replayAny},
	{"replays a secret", (*player).replayAny}, {"uses the user's challenge", (*player).stealChallenge}, {"signs for the user", (*player).forgePasskey},
	{"puts the user's old cookies into the browser", (*player).replayCookie}, {"uses the user's invitation", (*player).replayAny},
}

func (p *player) askForMails(s move) bool {
	path := pick([]string{"password/reset/", "login/code/", "registration/resend-email/"}, s.pick)
	return p.post(p.client(s), path, obj{"email": p.on.address()}).StatusCode == 200
}

func (p *player) squatOn(s move) bool {
	name := fmt.Sprint(p.name, "-", s.pick)
	p.on.claimed = true
	if s.pick > 7 {
		name = p.on.name
	}
	body := obj{"username": name, "email": p.on.address(), "password1": thiefPassword, "password2": thiefPassword}
	browser := p.browser()
	if r := browser.Post("/auth/registration/", body); r.StatusCode < 300 && !p.strict || who(browser) != 0 {
		p.t.Fatalf("%s signed up with the confirmed address of %s: %s", p.name, p.on.name, r.Text)
	}
	return true
}

func (p *player) guessPassword(s move) bool {
	p.on.wantRefused(p.post(p.client(s), "login/", obj{"username": p.on.name, "password": pick([]string{thiefPassword, p.password + "x", ""}, s.pick)}))
	return true
}

// wantRefused wants that a request of the stranger failed.
func (p *player) wantRefused(r *authtest.Response) {
	if r.StatusCode < 400 {
		p.t.Fatalf("the stranger may do this to %s: %d %s", p.name, r.StatusCode, r.Text)
	}
}

func (p *player) guessCode(s move) bool {
	path := pick([]string{"registration/verify-email/", "password/reset/confirm/", "login/code/confirm/"}, s.pick)
	p.on.wantRefused(p.post(p.client(s), path, obj{"email": p.on.address(), "code": "BBBB-BBBB", "new_password1": thiefPassword, "new_password2": thiefPassword}))
	return true
}

func (p *player) claimAddress(s move) bool {
	claims := socialtest.Claims{"sub": fmt.Sprint(p.sub, s.pick, "x"), "email": p.on.address(), "email_verified": true}
	browser, asks := p.browser(), struct{ Ticket string }{}
	p.on.claimed = true
	r := browser.Post("/auth/acme/", obj{"id_token": p.idp.IDToken(p.App, acme(), claims)})
	if r.StatusCode == 200 {
		r.JSON(&asks)
		r = browser.Post("/auth/socialsignup/", obj{"ticket": asks.Ticket, "username": fmt.Sprint(p.name, "-", s.pick), "email": p.on.address()})
	}
	if who(browser) != 0 {
		p.t.Fatalf("%s is logged in with the address of %s: %s", p.name, p.on.name, r.Text)
	}
	if !p.strict { // which does not tell that an address is taken
		p.on.wantRefused(r)
	}
	return true
}

func (p *player) addForeign(s move) bool {
	p.on.claimed = true
	return p.post(p.client(s), "emails/", obj{"email": p.on.address(), "password": p.password}).StatusCode < 300
}

// useForeignRows sends IDs of rows of the user.
func (p *player) useForeignRows(s move) bool {
	client, u := p.client(s), p.on
	var email models.Email
	var key passkey.Credential
	var identity models.Identity
	p.must(p.DB.Where("user_id = ?", u.account).Limit(1).Find(&email).Error)
	p.must(p.DB.Where("user_id = ?", u.account).Limit(1).Find(&key).Error)
	p.must(p.DB.Where("user_id = ?", u.account).Limit(1).Find(&identity).Error)
	body := obj{"password": p.password}
	for _, q := range u.passes {
		if q.owner == u && q.ended == "" {
			u.wantRefused(p.send(client, "DELETE", "sessions/"+q.session+"x/", nil))
			if q.session != "" && q.parent == nil {
				u.wantRefused(p.send(client, "DELETE", "sessions/"+q.session+"/", nil))
			}
			if q.personal != "" {
				u.wantRefused(p.send(client, "DELETE", "tokens/"+q.personal+"/", nil))
			}
		}
	}
	u.wantRefused(p.send(client, "DELETE", fmt.Sprint("emails/", email.ID, "/"), body))
	u.wantRefused(p.post(client, fmt.Sprint("emails/", email.ID, "/primary/"), body))
	u.wantRefused(p.send(client, "DELETE", fmt.Sprint("passkeys/", key.ID, "/"), body))
	u.wantRefused(p.send(client, "PATCH", fmt.Sprint("passkeys/", key.ID, "/"), obj{"name": "x"}))
	u.wantRefused(p.post(client, fmt.Sprint("socialaccounts/", identity.ID, "/disconnect/"), body))
	return true
}

// playOperator tries all routes with a permission.
func (p *player) playOperator(s move) bool {
	client := p.client(s)
	for _, r := range p.Auth.Routes() {
		if r.Permission == "" {
			continue
		}
		path := strings.NewReplacer(":id", fmt.Sprint(p.on.account), ":session", "x", ":token", "x").Replace(r.Path)
		p.on.wantRefused(p.send(client, r.Method, path, obj{"password": thiefPassword, "reason": "x"}))
	}
	return true
}

func (p *player) replayAny(s move) bool { return p.replay(p, s.pick*8+s.client, p.client(s)) }

// stealChallenge sends the stranger's second factor with a challenge of the user, whose password the stranger does not know.
func (p *player) stealChallenge(s move) bool {
	var waits binding.Challenge
	u := p.on
	if u.out == "" && u.phone == nil && s.pick%2 == 0 {
		u.turnOn(move{client: s.client % 2})
	}
	if s.pick%4 == 0 {
		u.addPasskey(move{client: s.client % 2})
		p.addPasskey(move{client: s.client % 2})
	}
	p.proof, p.excused = 0, false
	if u.phone == nil || u.password == "" || u.out != "" {
		return false
	}
	browser := p.browser() // to which the challenge belongs
	browser.Post("/auth/login/", obj{"username": u.name, "password": u.password}).Want(200).JSON(&waits)
	if begun := browser.Post("/auth/passkeys/verify/begin/", obj{"ephemeral_token": waits.EphemeralToken}); begun.StatusCode == 200 && p.key != nil {
		forged := *p.key
		if s.pick > 7 {
			forged.Handle = u.key.Handle
		}
		u.wantRefused(browser.Post("/auth/passkeys/verify/complete/", obj{"ephemeral_token": waits.EphemeralToken, "credential": forged.Sign(begun)}))
	}
	codes := append([]string{"000000", "0000-0000-0000-0000"}, p.recovery...)
	if p.phone != nil {
		codes = append(codes, p.phone.Code())
	}
	u.wantRefused(browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": waits.EphemeralToken, "code": pick(codes, s.pick)}))
	return true
}

// forgePasskey sends the stranger's passkey with the handle and the ID of the user's.
func (p *player) forgePasskey(s move) bool {
	p.on.addPasskey(move{client: s.client % 2})
	p.addPasskey(move{client: s.client % 2})
	p.proof = 0
	if p.key == nil || p.on.key == nil {
		return false
	}
	forged := *p.key
	forged.Handle = p.on.key.Handle
	if s.pick > 7 {
		forged.ID = p.on.key.ID
	}
	r := forged.LogIn(p.browser())
	p.on.wantRefused(r)
	return true
}

// replayCookie puts an old cookie of the user into a browser, and logs in with the stranger's account.
func (p *player) replayCookie(s move) bool {
	for i := range p.passes {
		if q := p.passes[(i+s.pick)%len(p.passes)]; q.owner == p.on && q.what == "cookie" && q.ended != "" {
			browser := q.client.Clone()
			if id := who(browser); id != 0 {
				p.t.Fatalf("an old cookie of %s opens account %d", p.on.name, id)
			}
			p.proof, p.excused = 1, false
			before := browser.Clone()
			r := browser.Post("/auth/login/", obj{"username": p.name, "password": p.password})
			p.excused = p.trustsAny()
			p.note(browser, before, r)
			p.excused = false
			return true
		}
	}
	return false
}

// trustsAny reports whether the player trusts a browser, whose cookies may be in others.
func (p *player) trustsAny() bool { return len(p.trusts) > 0 }
