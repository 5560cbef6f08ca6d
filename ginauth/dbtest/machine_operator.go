package dbtest

// What an operator does to users; see noSequenceBreaksTheRules.

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
)

var (
	operatorVerbs     []playerVerb
	impersonatorVerbs = []playerVerb{{"acts as the user", (*player).actsAs}, {"ends the impersonation", (*player).stopsActing}}
)

func init() {
	operatorVerbs = []playerVerb{
		{"bans", revoke("POST", "ban/", obj{"reason": "x"}, (*player).isBanned)}, {"unbans", manage("POST", "unban/", nil, (*player).isBack)},
		{"deactivates", revoke("PATCH", "", obj{"is_active": false}, (*player).isInactive)}, {"activates", manage("PATCH", "", obj{"is_active": true}, (*player).isActive)},
		{"activates", manage("PATCH", "", obj{"is_active": true}, (*player).isActive)}, {"unbans", manage("POST", "unban/", nil, (*player).isBack)},
		{"deletes", revoke("DELETE", "", nil, func(p *player) { p.gone("an operator deleted it"); p.join(move{}) })},
		{"sets a password", revoke("POST", "password/", obj{"password": "Mirror-Maze-90"}, func(p *player) { p.end("an operator set a password", "", true, true); p.password = "Mirror-Maze-90" })},
		{"requires a password", revoke("DELETE", "password/", nil, func(p *player) { p.end("an operator required a password", "", true, true); p.password = "" })},
		{"resets the factors", manage("DELETE", "factors/", nil, (*player).hasNoFactors)},
		{"ends all sessions", revoke("DELETE", "sessions/", nil, func(p *player) { p.end("an operator ended the sessions", "", true, true) })},
		{"loses the rank or the account", (*player).fallsFrom}, {"loses the rank or the account", (*player).fallsFrom},
		{"impersonates", (*player).impersonates}, {"impersonates", (*player).impersonates}, {"acts as the user", (*player).actsAs}, {"ends the impersonation", (*player).stopsActing},
		{"ends one session", (*player).endsOneOf}, {"revokes one token", (*player).revokesOneOf}, {"manages a group", (*player).managesGroup},
		{"creates a user", (*player).createsGuest}, {"reads about users", (*player).readsAll}, {"gives a rank", (*player).givesRank},
		{"confirms the address", func(p *player, s move) bool {
			return manage("POST", "emails/", obj{"email": p.on.address()}, func(*player) {})(p, s)
		}},
		{"mails a link", manage("POST", "password/link/", nil, func(*player) {})},
		{"invites", (*player).invitesGuest}, {"revokes an invitation", (*player).uninvites},
	}
}

// ready logs the operator in and proves what is needed. It returns the browser.
func (p *player) ready() *authtest.Client {
	browser := p.browsers[0]
	if q := p.held(browser); q == nil || q.parent != nil {
		p.post(browser, "logout/", obj{})
		if q != nil {
			p.endSession(q.session, "it was logged out")
			p.endSession(q.parent.session, "it was logged out")
		}
		if p.password == "" && !p.resetPassword(move{}) {
			p.t.Fatalf("the operator cannot set a password")
		}
		p.logIn(move{})
	}
	for _, s := range []move{{}} {
		p.proof = 0
		p.prove(s)
	}
	p.proof = 0
	return browser
}

// manage returns a request of the operator about a user, and what holds after it.
func manage(method, path string, body obj, then func(*player)) func(*player, move) bool {
	return func(p *player, _ move) bool {
		browser, u := p.ready(), p.on
		was := browser.Clone()
		r := browser.Do(method, fmt.Sprint("/auth/admin/users/", u.account, "/", path), body)
		if r.StatusCode >= 300 {
			return false
		}
		p.note(browser, was, r)
		then(u)
		return true
	}
}

// revoke is manage for what ends credentials, of which the user gets some first.
func revoke(method, path string, body obj, then func(*player)) func(*player, move) bool {
	do := manage(method, path, body, then)
	return func(p *player, s move) bool {
		p.on.collect(s)
		return do(p, s)
	}
}

func (p *player) isBanned() { p.closed("banned") }

func (p *player) isInactive() { p.closed("inactive") }

func (p *player) closed(why string) {
	p.out = strings.TrimPrefix(p.out+" and "+why, " and ")
	p.end("the account is "+why, "", true, true)
}

func (p *player) isBack() { p.opened("banned") }

func (p *player) isActive() { p.opened("inactive") }

func (p *player) opened(was string) {
	left := slices.DeleteFunc(strings.Split(p.out, " and "), func(why string) bool { return why == was })
	p.out = strings.Join(left, " and ")
}

func (p *player) hasNoFactors() {
	if !p.armed() {
		return // the route does nothing
	}
	p.end("an operator removed the factors", "", true, true)
	p.phone, p.recovery, p.key, p.mailCodes = nil, nil, nil, false
}

func (p *player) impersonates(s move) bool {
	browser := p.ready()
	client := browser
	parent := p.held(browser)
	p.proof = impersonation
	was := client.Clone()
	r := client.Post(fmt.Sprint("/auth/admin/users/", p.on.account, "/impersonate/"), obj{"reason": "ticket"})
	if r.StatusCode != 200 {
		return false
	}
	p.note(client, was, r)
	if q := p.held(client); q != nil && q.account == p.on.account {
		q.parent = parent
		return true
	}
	p.t.Fatalf("the impersonation of %s gave nothing: %s", p.on.name, r.Text)
	return false
}

// actsAs tries to change the account in the place of the user.
func (p *player) actsAs(s move) bool {
	browser := p.browsers[0]
	q := p.held(browser)
	if q == nil || q.parent == nil || who(browser.Clone()) == 0 {
		return p.impersonates(s)
	}
	u := q.owner
	before := p.accounts()[u.account]
	for _, try := range []struct {
		method, path string
		body         obj
	}{
		{"POST", "password/change/", obj{"old_password": u.password, "new_password1": thiefPassword, "new_password2": thiefPassword}},
		{"POST", "tokens/", obj{"name": "x", "password": u.password}}, {"POST", "emails/", obj{"email": "x" + u.address(), "password": u.password}},
		{"POST", "user/delete/", obj{"password": u.password}}, {"PATCH", "user/", obj{"first_name": "x"}}, {"DELETE", "sessions/", nil},
		{"GET", "mfa/totp/activate/", nil}, {"POST", "mfa/recovery-codes/regenerate/", obj{"password": u.password}},
		{"POST", "passkeys/register/begin/", obj{"password": u.password}}, {"POST", "reauthenticate/", obj{"password": u.password}},
		{"POST", "acme/connect/", obj{"id_token": p.idp.IDToken(p.App, acme(), p.claims())}}, {"DELETE", "mfa/trusted-browsers/", nil},
		{"GET", "admin/users/", nil},
	} {
		if r := browser.Do(try.method, "/auth/"+try.path, try.body); r.StatusCode < 400 {
			p.t.Fatalf("the operator may do %s %s in the place of %s: %s", try.method, try.path, u.name, r.Text)
		}
	}
	if after := p.accounts()[u.account]; after != before {
		p.t.Fatalf("the operator changed %s\nto\n%s", before, after)
	}
	return true
}

func (p *player) stopsActing(s move) bool {
	browser := p.browsers[0]
	q := p.held(browser)
	if q == nil || q.parent == nil {
		return false
	}
	p.proof = max(q.parent.factors, 1)
	was := browser.Clone()
	r := browser.Post("/auth/impersonate/end/", nil)
	if r.StatusCode != 200 {
		return false
	}
	p.endSession(q.session, "the impersonation was ended")
	if q.parent.what == "cookie" {
		q.parent.ended = wasReplaced
	}
	p.note(browser, was, r)
	return true
}

func (p *player) invitesGuest(s move) bool {
	var out invite.NewView
	browser := p.ready()
	r := p.post(browser, "admin/invitations/", obj{"max_uses": 1, "expires_in": int((24 * time.Hour).Seconds())})
	if r.StatusCode != 201 {
		return false
	}
	r.JSON(&out)
	name := fmt.Sprint("guest", p.n, "-", len(p.secrets))
	p.invites = append(p.invites, p.once(out.Key, "", false, func(c *authtest.Client) *authtest.Response {
		return p.browser().Post("/auth/registration/", obj{"username": name, "email": name + "@example.com", "password1": thiefPassword, "password2": thiefPassword, "invitation": out.Key})
	}))
	p.invites[len(p.invites)-1].id = out.ID
	return true
}

func (p *player) uninvites(s move) bool {
	browser := p.ready()
	if len(p.invites) == 0 {
		return false
	}
	last := p.invites[len(p.invites)-1]
	if p.send(browser, "DELETE", fmt.Sprint("admin/invitations/", last.id, "/"), nil).StatusCode >= 300 {
		return false
	}
	p.invites = p.invites[:len(p.invites)-1]
	last.dead = "it was revoked"
	return true
}
