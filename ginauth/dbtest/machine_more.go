package dbtest

// What users and operators read, and what changes nothing that the model knows; see noSequenceBreaksTheRules.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// readEverything sends all requests that only read. No response names another player, except in addresses, which everyone can add.
func (p *player) readEverything(s move) bool {
	client, ok := p.client(s), false
	acting := p.inPlaceOf(client)
	for _, r := range p.Auth.Routes() {
		if r.Method != "GET" || r.Permission != "" || r.Redirects || strings.Contains(r.Path, ":") || r.Path == "mfa/totp/activate/" {
			continue
		}
		text := p.send(client, "GET", r.Path, nil).Text
		ok = ok || r.Path == "user/" && strings.Contains(text, p.name)
		for _, other := range p.players {
			if other != p && !acting && strings.Contains(text, `"`+other.name+`"`) {
				p.t.Fatalf("%s reads about %s at %s: %s", p.name, other.name, r.Path, text)
			}
		}
	}
	p.post(client, "mfa/recovery-codes/", nil)
	return ok
}

func (p *player) renameSelf(s move) bool {
	client := p.client(s)
	if s.pick%2 == 0 {
		return p.send(client, "PATCH", "user/", obj{"first_name": "Ann"}).StatusCode == 200
	}
	return p.send(client, "PUT", "user/", obj{"username": p.name, "first_name": "Ann", "last_name": "Lee"}).StatusCode == 200
}

// setPassword sets the first password of a player without one.
func (p *player) setPassword(s move) bool {
	if p.password != "" && s.pick%4 == 1 && !p.strict { // begins again without a password
		p.deleteAccount(move{client: 1})
	}
	client, next, had := p.browsers[0], p.renewed(), p.password
	switch { // the login must be recent
	case had == "" && p.key != nil:
		p.logInByPasskey(move{})
	case had == "" && p.connected:
		p.logInByProvider(move{})
	}
	session := p.session(client)
	p.proof = 0
	was := client.Clone()
	r := client.Post("/auth/password/set/", obj{"new_password1": next, "new_password2": next})
	if r.StatusCode >= 300 {
		return false
	}
	if had != "" || session == "" {
		p.t.Fatalf("%s set a first password over %q in the session %q", p.name, had, session)
	}
	p.password = next
	p.end("the password was set", session, true, true)
	p.note(client, was, r)
	return true
}

// verifyToken asks about the player's latest access token.
func (p *player) verifyToken(s move) bool {
	if p.out == "" && p.password != "" {
		p.getToken(move{client: 1})
	}
	for _, q := range slices.Backward(p.passes) {
		token := q.client.Cookies[accessCookie]
		if header := q.client.Header.Get("Authorization"); header != "" {
			token = strings.TrimPrefix(header, "Bearer ")
		}
		if q.what != "access" || q.holder != p || s.pick%2 == 0 && q.ended != "" {
			continue
		}
		r := p.browser().Post("/auth/token/verify/", obj{"token": token})
		if r.StatusCode < 300 && q.ended != "" && q.ended != wasRefused {
			p.t.Fatalf("an access token of %s is valid: %s", q.owner.name, q.ended)
		}
		return r.StatusCode < 300
	}
	return false
}

// acceptInvitation uses an invitation up with the account.
func (p *player) acceptInvitation(s move) bool {
	if len(p.invites) == 0 && (p != p.stranger() && s.pick%2 == 0) {
		p.on = p.operator()
		p.on.invitesGuest(move{})
		p.proof = 0
	}
	if len(p.invites) == 0 {
		return false
	}
	first := p.invites[0]
	if p.post(p.client(s), "invitations/accept/", obj{"invitation": first.what}).StatusCode != 200 {
		return false
	}
	p.invites, first.dead = p.invites[1:], "it was accepted"
	return true
}

// passkeyID returns the ID of the player's passkey, or 0.
func (p *player) passkeyID(client *authtest.Client) int64 {
	var all []struct{ ID int64 }
	if r := client.Get("/auth/passkeys/"); r.StatusCode == 200 {
		r.JSON(&all)
	}
	if len(all) == 0 {
		return 0
	}
	return all[0].ID
}

func (p *player) renamePasskey(s move) bool {
	client := p.client(s)
	path := fmt.Sprint("passkeys/", p.passkeyID(client), "/")
	method := []string{"GET", "PATCH", "PUT"}[s.pick%3]
	return p.send(client, method, path, obj{"name": "renamed"}).StatusCode == 200
}

// verifyPasskey completes a login with the passkey.
func (p *player) verifyPasskey(client *authtest.Client, ephemeral string) bool {
	body := obj{"ephemeral_token": ephemeral}
	begun := p.post(client, "passkeys/verify/begin/", body)
	if begun.StatusCode != 200 {
		return false
	}
	body["credential"] = p.key.Sign(begun)
	return p.post(client, "passkeys/verify/complete/", body).StatusCode == 200
}

// provePasskey makes the session recent, and proves two factors.
func (p *player) provePasskey(s move) bool {
	client := p.client(s)
	begun := p.post(client, "passkeys/reauthenticate/begin/", nil)
	if begun.StatusCode != 200 || p.key == nil {
		return false
	}
	body := obj{"credential": p.key.Sign(begun)}
	p.proof = 2
	if p.post(client, "passkeys/reauthenticate/complete/", body).StatusCode != 200 {
		return false
	}
	p.proven(client)
	holder := client.Clone()
	p.once("passkey challenge", "it was used", false, func(*authtest.Client) *authtest.Response {
		return holder.Clone().Post("/auth/passkeys/reauthenticate/complete/", body)
	})
	return true
}

// endsOneOf ends the latest session of the user.
func (p *player) endsOneOf(move) bool { return p.endsOf(false) }

// revokesOneOf revokes the latest personal token of the user.
func (p *player) revokesOneOf(move) bool { return p.endsOf(true) }

func (p *player) endsOf(personal bool) bool {
	browser, u := p.ready(), p.on
	if personal {
		u.makeToken(move{client: 0})
	} else if u.password != "" && u.out == "" {
		u.getToken(move{})
	}
	p.proof = 0
	for _, q := range p.passes {
		id, path := q.session, "/sessions/"
		if personal {
			id, path = q.personal, "/tokens/"
		}
		if q.owner != u || q.ended != "" || q.parent != nil || id == "" || personal != (q.what == "personal") {
			continue
		}
		if p.send(browser, "DELETE", fmt.Sprint("admin/users/", u.account, path, id, "/"), nil).StatusCode >= 300 {
			return false
		}
		if personal {
			q.ended = "an operator revoked it"
		} else {
			p.endSession(id, "an operator ended it")
		}
		return true
	}
	return false
}

// managesGroup makes a group, puts the user into it and takes the user out.
func (p *player) managesGroup(move) bool {
	browser, u := p.ready(), p.on
	name := fmt.Sprint("Support", p.n)
	ok := p.send(browser, "PUT", "admin/groups/", obj{"name": name, "permissions": []string{"orders.view_order"}}).StatusCode == 200
	for _, groups := range [][]string{{name}, {}} {
		ok = ok && p.send(browser, "PUT", fmt.Sprint("admin/users/", u.account, "/groups/"), obj{"groups": groups}).StatusCode == 200
		ok = ok && p.send(browser, "PUT", fmt.Sprint("admin/users/", u.account, "/permissions/"), obj{"permissions": []string{}}).StatusCode == 200
	}
	return ok && p.post(browser, "admin/groups/delete/", obj{"name": name}).StatusCode < 300
}

func (p *player) createsGuest(move) bool {
	name := fmt.Sprint("created", p.n, "-", len(p.secrets), "-", p.Clock.Now().UnixMilli())
	browser := p.ready()
	r := p.post(browser, "admin/users/", obj{"username": name, "email": name + "@example.com", "password": authtest.Password})
	if r.StatusCode != 201 {
		return false
	}
	var out binding.Challenge
	login := p.browser().Post("/auth/login/", obj{"username": name, "password": "wrong" + authtest.Password})
	if login.JSON(&out); login.StatusCode < 300 {
		p.t.Fatalf("%s is logged in with a wrong password", name)
	}
	return true
}

// readsAll reads what operators read.
func (p *player) readsAll(move) bool {
	browser, ok := p.ready(), true
	for _, r := range p.Auth.Routes() {
		if r.Method != "GET" || r.Permission == "" {
			continue
		}
		path := strings.ReplaceAll(r.Path, ":id", fmt.Sprint(p.on.account))
		ok = p.send(browser, "GET", path, nil).StatusCode == 200 && ok
	}
	return ok
}
