package dbtest

import (
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// Steps of the state machine that exchange refresh tokens.

// refreshable returns a pass of the player with a refresh token.
func (p *player) refreshable(s move) *pass {
	for i := range p.passes {
		if q := p.passes[(i+s.pick)%len(p.passes)]; q.holder == p && q.refresh != "" {
			return q
		}
	}
	return nil
}

// refresher returns the client that sends the refresh token of a pass, and the body, which is nil if the token is in a cookie.
func (p *player) refresher(q *pass) (sender *authtest.Client, body any) {
	if q.client.Cookies["refresh"] == "" {
		return p.browser(), obj{"refresh": q.refresh}
	}
	for _, b := range p.browsers {
		if b.Cookies["refresh"] == q.refresh {
			return b, nil
		}
	}
	sender = q.client.Clone()
	sender.Cookies["refresh"] = q.refresh
	return sender, nil
}

func (p *player) refreshes(s move) bool {
	if p.refreshable(s) == nil {
		p.getToken(move{client: 1, pick: s.pick})
	}
	q := p.refreshable(s)
	if q == nil {
		return false
	}
	dead := q.revoked()
	var out binding.Tokens
	p.proof = max(q.factors, 1)
	if q.parent != nil {
		p.on = q.owner
	}
	sender, body := p.refresher(q)
	inCookie := body == nil
	r := sender.Post("/auth/token/refresh/", body)
	if r.StatusCode != 200 {
		return false
	}
	if dead {
		p.t.Fatalf("a refresh token of %s works: %s", q.owner.name, q.ended)
	}
	r.JSON(&out)
	old := q.refresh
	for _, other := range p.passes {
		if other.session == q.session {
			other.refresh = ""
		}
	}
	client := sender.Clone()
	if !inCookie {
		client.Header.Set("Authorization", "Bearer "+out.Access)
	} else if out.Refresh = sender.Cookies["refresh"]; out.Access != "" {
		p.t.Fatalf("the response has a token that belongs into a cookie: %s", r.Text)
	}
	p.add(&pass{what: "access", client: client, refresh: out.Refresh, parent: q.parent}, nil)
	if out.Refresh != old { // a token that is younger than ten seconds stays the current one
		p.olds = append(p.olds, oldRefresh{old, q.session, p, inCookie})
	}
	return true
}

// oldRefresh is a refresh token that was exchanged.
type oldRefresh struct {
	token, session string
	holder         *player
	inCookie       bool
}

// refreshesOld sends an exchanged refresh token after its ten seconds: it ends the session.
func (p *player) refreshesOld(s move) bool {
	if len(p.olds) == 0 && !p.refreshes(s) {
		return false
	}
	old := pick(p.olds, s.pick)
	p.Clock.Advance(11 * time.Second)
	if r := p.browser().Post("/auth/token/refresh/", obj{"refresh": old.token}); r.StatusCode < 300 {
		p.t.Fatalf("an old refresh token of %s works: %s", old.holder.name, r.Text)
	}
	p.on = old.holder
	if old.inCookie {
		return false // in the body it is no refresh token at all
	}
	p.endSession(old.session, "an old refresh token was used")
	return true
}
