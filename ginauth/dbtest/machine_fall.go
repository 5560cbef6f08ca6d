package dbtest

// What revoking events find to revoke, and operators who lose what lets them act in the place of users; see noSequenceBreaksTheRules.

import (
	"fmt"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// collect gets a credential of each kind, so that the event that follows has something to revoke.
func (p *player) collect(s move) {
	if p.out != "" || p.password == "" || s.pick%2 == 1 {
		return
	}
	p.getToken(move{client: s.client, pick: s.pick})
	p.makeToken(move{client: s.client % 2})
	p.proof = 0
}

// refreshDead sends the refresh token of a credential that was revoked.
func (m *machine) refreshDead(q *pass) {
	if !q.revoked() || q.refresh == "" {
		return
	}
	sender, body := q.holder.refresher(q)
	if r := sender.Clone().Post("/auth/token/refresh/", body); r.StatusCode < 300 {
		m.t.Fatalf("a refresh token of %s works: %s", q.owner.name, q.ended)
	}
}

// addChief creates the superuser who manages the operator, and is no player.
func (m *machine) addChief() {
	chief := &models.User{Username: "chief", Email: "chief@example.com", IsSuperuser: true}
	m.must(m.Auth.CreateUser(m.Context(), chief, authtest.Password))
	m.must(m.Auth.ConfirmEmail(m.Context(), chief.ID, chief.Email))
}

// fall is a way to lose what an impersonation needs, and what brings the operator back.
type fall struct {
	method, path string
	body         obj
	then         func(*player)
	back         func(p *player, chief *authtest.Client)
}

var falls = []fall{
	{"PATCH", "", obj{"is_superuser": false}, func(*player) {}, chiefs("PATCH", "", obj{"is_superuser": true}, func(*player) {})},
	{"POST", "ban/", obj{"reason": "x"}, (*player).isBanned, chiefs("POST", "unban/", nil, (*player).isBack)},
	{"PATCH", "", obj{"is_active": false}, (*player).isInactive, chiefs("PATCH", "", obj{"is_active": true}, (*player).isActive)},
	{"DELETE", "sessions/", nil, func(p *player) { p.end("the operator was logged out everywhere", "", true, true) }, func(*player, *authtest.Client) {}},
	{"DELETE", "", nil, func(p *player) { p.gone("the operator was deleted") }, func(p *player, _ *authtest.Client) {
		p.join(move{})
		p.set(p.name, map[string]any{"is_superuser": true})
	}},
}

// chiefs returns a request of the chief about the operator, and what holds after it.
func chiefs(method, path string, body obj, then func(*player)) func(*player, *authtest.Client) {
	return func(p *player, chief *authtest.Client) {
		chief.Do(method, fmt.Sprint("/auth/admin/users/", p.account, "/", path), body).Want(200)
		then(p)
	}
}

// fallsFrom loses the rank, the account or all sessions while acting in the place of a user, which ends, and gets them back.
func (p *player) fallsFrom(s move) bool {
	if !p.inPlaceOf(p.browsers[0]) && !p.impersonates(s) {
		return false
	}
	p.proof = 0
	chief, how := p.browser(), pick(falls, s.pick)
	chief.Post("/auth/login/", obj{"username": "chief", "password": authtest.Password}).Want(200)
	if r := chief.Do(how.method, fmt.Sprint("/auth/admin/users/", p.account, "/", how.path), how.body); r.StatusCode >= 300 {
		p.t.Fatalf("the chief cannot %s %s: %s", how.method, how.path, r.Text)
	}
	p.t.Logf("the chief sends %s %s", how.method, how.path)
	fallen := p.account
	how.then(p)
	for _, q := range p.passes {
		if q.parent == nil || q.parent.account != fallen {
			continue
		}
		if id := who(q.client.Clone()); id != 0 {
			p.t.Fatalf("a %s of %s outlives its operator: %s %s", q.what, q.owner.name, how.method, how.path)
		}
		if q.refresh == "" {
			continue
		}
		sender, body := p.refresher(q)
		if r := sender.Clone().Post("/auth/token/refresh/", body); r.StatusCode < 300 {
			p.t.Fatalf("a refresh token of %s outlives its operator: %s %s", q.owner.name, how.method, how.path)
		}
	}
	how.back(p, chief)
	return true
}
