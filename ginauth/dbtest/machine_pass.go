package dbtest

// Players of the model, and their credentials; see noSequenceBreaksTheRules.

import (
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// pass is a credential that a player got.
type pass struct {
	what     string // cookie, token, access, personal
	client   *authtest.Client
	holder   *player // who got it
	owner    *player // whose account it opens
	account  int64
	session  string // its ID
	refresh  string // the present refresh token of the session
	factors  int
	made     time.Time
	ended    string // why it must not work
	tried    bool   // after it had ended
	parent   *pass  // of an impersonation: the operator's credential
	personal string // the ID of a personal token
}

const (
	wasRefused  = "it was refused before" // perhaps an access token that has expired, whose session goes on
	wasReplaced = "its cookie was replaced"
)

// revoked reports whether the session of the credential has ended as well.
func (q *pass) revoked() bool {
	return q.ended != "" && q.ended != wasRefused && q.ended != wasReplaced
}

// player is a user, the stranger or the operator.
type player struct {
	*machine
	name, password, sub string
	account             int64
	out                 string // why the account is closed
	browsers            []*authtest.Client
	trusts              []trusted
	phone               *authtest.TOTP
	recovery            []string
	key                 *authtest.Passkey
	connected           bool
	mailCodes           bool // as a second factor
	joined              time.Time
	phoneAt, keyAt      time.Time // when the app and the passkey were added
	lost                *lostFactors
	staff               bool
	deleteAt            time.Time // of an account whose deletion waits
	claimed             bool      // the stranger signed up with the address, or added it
	inbox               []authtest.Mail
}

// trusted is a browser in which the password is enough.
type trusted struct {
	owner   *player
	browser *authtest.Client
	until   time.Time
}

func (p *player) address() string { return p.name + "@example.com" }

// send sends a request and takes note of the credentials in the response.
func (p *player) send(client *authtest.Client, method, path string, body any, header ...string) *authtest.Response {
	was := client.Clone()
	p.path = method + " " + path
	r := client.Do(method, "/auth/"+path, body, header...)
	p.note(client, was, r)
	return r
}

func (p *player) post(client *authtest.Client, path string, body any) *authtest.Response {
	return p.send(client, "POST", path, body)
}

// sessionCookie and accessCookie are the cookies that log a browser in.
const (
	sessionCookie = "__Host-session"
	accessCookie  = "access"
)

// armed reports whether the player has a second factor.
func (p *player) armed() bool { return p.phone != nil || p.mailCodes }

// credentialOf returns the cookie that logs a browser in, and its value.
func credentialOf(c *authtest.Client) (name, value string) {
	for _, name := range []string{sessionCookie, accessCookie} {
		if value := c.Cookies[name]; value != "" {
			return name, value
		}
	}
	return "", ""
}

// held returns the live pass that a client sends.
func (m *machine) held(client *authtest.Client) *pass {
	for _, q := range slices.Backward(m.passes) {
		_, value := credentialOf(client)
		_, theirs := credentialOf(q.client)
		same := value != "" && value == theirs
		if header := client.Header.Get("Authorization"); header != "" {
			same = q.client.Header.Get("Authorization") == header
		}
		if same && q.ended == "" {
			return q
		}
	}
	return nil
}

// note adds the credentials of a response to the model. A cookie that is replaced must not work any more.
func (p *player) note(client, was *authtest.Client, r *authtest.Response) {
	var out struct{ Key, Access, Refresh string }
	if r != nil && r.StatusCode < 300 && strings.HasPrefix(r.Text, "{") {
		r.JSON(&out)
	}
	before := p.held(was)
	name, now := credentialOf(client)
	if _, old := credentialOf(was); now != old {
		if now != "" {
			holder := client.Clone()
			holder.Header.Del("Authorization") // which would win over the cookie
			p.add(&pass{what: map[string]string{sessionCookie: "cookie", accessCookie: "access"}[name], client: holder, refresh: client.Cookies["refresh"]}, before)
		}
		if before != nil && before.what == "cookie" && !p.acting() { // the operator's session goes on
			before.ended = wasReplaced
		}
	}
	for what, text := range map[string]string{"token": out.Key, "access": out.Access} {
		if strings.Count(text, ".") == 2 || strings.HasPrefix(text, "gat_") {
			holder := p.browser()
			holder.Header.Set("Authorization", "Bearer "+text)
			p.add(&pass{what: what, client: holder, refresh: out.Refresh}, before)
		}
	}
}

// add checks that a new credential belongs to its holder, and has proven enough.
func (p *player) add(q *pass, before *pass) {
	var sessions []binding.Session
	q.holder, q.account, q.factors, q.made = p, who(q.client), p.proof, p.Clock.Now()
	if q.account == 0 {
		return // the session has ended, and the cookie only carries values
	}
	q.owner = p.ownerOf(q.account)
	if p.proof == 0 {
		if before == nil || before.account != q.account {
			p.t.Fatalf("%s got a %s of account %d without a login, with %+v, at or after %s", p.name, q.what, q.account, before, p.path)
		}
		q.factors, q.parent, q.personal = before.factors, before.parent, before.personal
	}
	if r := q.client.Get("/auth/sessions/"); r.StatusCode == 200 {
		r.JSON(&sessions)
	}
	for _, s := range sessions {
		if s.Current {
			q.session = s.ID
		}
	}
	impersonates := p == p.operator() && p.on == q.owner && q.parent != nil || p == p.operator() && p.acting()
	switch {
	case q.owner == nil || q.owner != p && !impersonates:
		p.t.Fatalf("%s got a %s of another account, %d", p.name, q.what, q.account)
	case q.owner.out != "":
		p.t.Fatalf("%s got a %s of an account that is %s", p.name, q.what, q.owner.out)
	case q.owner == p && p.mustArm() && !p.armed() && p.proof == 1: // a passkey proves two
		p.t.Fatalf("%s got a %s without the factor that is required", p.name, q.what)
	case q.owner == p && p.armed() && q.factors < 2 && !p.excused && (before == nil || before.factors > 1 || p.proof > 0):
		p.t.Fatalf("%s got a %s with one factor of two", p.name, q.what)
	}
	p.passes = append(p.passes, q)
	if q.owner == p && p.proof > 0 {
		p.deleteAt = time.Time{} // a login takes the deletion back
		if q.factors > 1 {
			p.lost = nil // and one with a factor ends a recovery
		}
	}
}

func (m *machine) ownerOf(account int64) *player {
	for _, p := range m.players {
		if p.account == account {
			return p
		}
	}
	return nil
}

// inPlaceOf reports whether a client of the operator acts as another user.
func (p *player) inPlaceOf(client *authtest.Client) bool {
	q := p.held(client)
	return q != nil && q.parent != nil
}

// acting reports whether the step is an impersonation.
func (m *machine) acting() bool { return m.proof == impersonation }

const impersonation = 3

// end ends the credentials of an account: sessions except one, and personal tokens if personal is true. With epoch, it ends
// its codes, links and challenges as well, and the trust in browsers.
func (p *player) end(why, keep string, personal, epoch bool) {
	for _, q := range p.passes {
		if q.account != p.account || q.revoked() {
			continue
		}
		if q.what == "personal" && personal || q.what != "personal" && (keep == "" || q.session != keep) {
			q.ended = why
		}
	}
	if !epoch {
		return
	}
	p.lost = nil
	p.distrust()
	for _, s := range p.secrets {
		if s.account == p.account && s.bound && s.dead == "" {
			s.dead = why
		}
	}
}

// endSession ends everything of one session.
func (m *machine) endSession(id, why string) {
	for _, q := range m.passes {
		if id != "" && q.session == id && !q.revoked() {
			q.ended = why
		}
	}
}

// probe sends all credentials that should work, and some or all of those that must not.
func (m *machine) probe(all bool) {
	for i, q := range m.passes {
		if !q.revoked() && q.parent != nil && q.parent.revoked() {
			q.ended = "the operator's session ended: " + q.parent.ended
		}
		if q.ended != "" && q.tried && !all && (i+len(m.passes))%8 != 0 {
			continue
		}
		if q.revoked() && !q.tried {
			q.tried = true
			m.refreshDead(q)
		}
		id := who(q.client.Clone())
		switch {
		case id != 0 && q.ended != "":
			m.t.Fatalf("a %s of %s works: %s", q.what, q.owner.name, q.ended)
		case id != 0 && id != q.account:
			m.t.Fatalf("a %s of account %d opens account %d", q.what, q.account, id)
		case id == 0 && q.ended == "":
			if !m.mayEnd(q) {
				m.t.Fatalf("a %s of %s does not work any more", q.what, q.owner.name)
			}
			q.ended = wasRefused
		}
	}
}

// mayEnd reports whether the step may have ended a credential.
func (m *machine) mayEnd(q *pass) bool {
	involved := m.by == q.owner || m.on == q.owner || m.by == q.holder || q.parent != nil && m.by == q.parent.owner
	expired := q.what == "access" && m.Clock.Now().Sub(q.made) >= m.Auth.Config().JWT.AccessLifetime || m.Clock.Now().Sub(q.made) > 20*time.Hour
	return m.time || involved || expired || q.parent != nil
}
