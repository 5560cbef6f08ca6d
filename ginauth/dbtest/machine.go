package dbtest

// Random sequences of requests to the routes of all features, by users, an operator and a stranger, against a model: made by rapid.

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/models"
)

var machineCases = Group{Name: "machine", Cases: []func(*Case){noSequenceBreaksTheRules, noSequenceBreaksTheStrictRules, machinePlaysEachRoute}}

// noSequenceBreaksTheRules: whatever two users, an operator and a stranger do, in any order:
//
//   - Nothing that was issued before a revoking event works after it, and nothing that has ended works again.
//   - A one-time secret works once.
//   - A banned, inactive or deleted user is out everywhere.
//   - A user with a second factor gets no credential without it.
//   - A request changes only the account of the user who sends it, or the one that the operator acts on.
//   - Lost factors are removed only after the wait, and an account whose deletion was asked for only after the grace.
func noSequenceBreaksTheRules(c *Case) { c.startMachine().runPrograms() }

// noSequenceBreaksTheStrictRules is noSequenceBreaksTheRules in an application with other settings; see strictRules.
func noSequenceBreaksTheStrictRules(c *Case) { c.startStrictMachine().runPrograms() }

// runPrograms plays random programs.
func (m *machine) runPrograms() {
	fewPrograms()
	c := m.Case
	rapid.Check(c.T, func(t *rapid.T) {
		if m.enough() {
			return
		}
		m.begin(rapidTB{c.T, t})
		next := rapid.Custom(func(t *rapid.T) move {
			return move{verb: below(64).Draw(t, "verb"), by: below(4).Draw(t, "by"), on: below(4).Draw(t, "on"), client: below(8).Draw(t, "client"), pick: below(16).Draw(t, "pick")}
		})
		user := func(t *rapid.T) { m.play(userVerbs, next.Draw(t, "move")) }
		t.Repeat(map[string]func(*rapid.T){
			"user": user, "user again": user, "user once more": user, "user at last": user,
			"stranger": func(t *rapid.T) { m.play(strangersVerbs, next.Draw(t, "move")) },
			"operator": func(t *rapid.T) { m.play(operatorVerbs, next.Draw(t, "move")) },
			"time":     func(t *rapid.T) { m.wait(next.Draw(t, "move").pick) },
		})
		m.finish()
		m.passed++
	})
	c.Logf("%d programs; what succeeded: %v", m.n, m.done)
	for _, verbs := range [][]playerVerb{userVerbs, operatorVerbs} {
		for _, v := range verbs {
			if m.n > 1000 && m.done[v.name] == 0 {
				c.Errorf("%q never succeeded", v.name)
			}
		}
	}
}

// enough reports whether the quick form has run, which has fewer programs on databases that are slower than SQLite. All these programs
// have passed.
func (m *machine) enough() bool {
	return m.DB.Name() != "sqlite" && flag.Lookup("rapid.checks").Value.String() == "20" && m.passed >= 6
}

// move is a step: who does what, on whom, with which client.
type move struct{ verb, by, on, client, pick int }

// playerVerb is what a player can do. It reports whether the library did it.
type playerVerb struct {
	name string
	do   func(p *player, s move) bool
}

// machine has the application and the model of one program.
type machine struct {
	*Case
	t          testing.TB
	handler    http.Handler
	idp        *redirectIDP
	strict     bool           // see startStrictMachine
	routes     map[string]int // how often each succeeded
	n          int            // of the program
	passed     int            // programs
	done       map[string]int // how often each verb succeeded
	players    []*player      // the last one is the operator, the one before is the stranger
	passes     []*pass
	secrets    []*onceOnly
	invites    []*onceOnly // that are not used
	olds       []oldRefresh
	distrusted []trusted // in this step
	before     map[int64]string

	// of the current step
	byMail  bool   // the login began with a mail
	path    string // of the latest request
	by, on  *player
	proof   int  // the factors that the request proves; 0: it is no login
	excused bool // the password is enough in this browser
	time    bool
}

// begin makes the users of a program.
func (m *machine) begin(t testing.TB) {
	m.n++
	m.t, m.players, m.passes, m.secrets, m.invites, m.olds, m.distrusted = t, nil, nil, nil, nil, nil, nil
	m.idp.forget()
	m.Mails()
	for _, name := range []string{"ann", "bob", "mallory", "root"} {
		p := &player{machine: m, name: fmt.Sprint(name, m.n), password: authtest.Password, sub: fmt.Sprint(name, "-sub-", m.n)}
		m.players = append(m.players, p)
		m.by, m.on, m.proof = p, p, 1
		p.browsers = []*authtest.Client{m.browser(), m.browser()}
		p.join(move{})
	}
	m.set(m.operator().name, map[string]any{"is_superuser": true})
	if m.strict {
		m.players[1].staff = true
		m.set(m.players[1].name, map[string]any{"is_staff": true})
	}
	m.before = m.accounts()
}

func (m *machine) browser() *authtest.Client { return authtest.NewClient(m.t, m.handler) }

// operator returns the last player, or nil while the players sign up.
func (m *machine) operator() *player {
	if len(m.players) < 4 {
		return nil
	}
	return m.players[3]
}

func (m *machine) stranger() *player { return m.players[2] }

// play takes a step and checks the rules.
func (m *machine) play(verbs []playerVerb, s move) {
	v := pick(verbs, s.verb)
	m.by, m.on, m.proof, m.excused, m.time, m.byMail = m.players[s.by], m.players[s.on], 0, false, false, false
	switch &verbs[0] {
	case &operatorVerbs[0]:
		m.by, m.on = m.operator(), m.players[s.on%3]
		if q := m.held(m.by.browsers[0]); q != nil && q.parent != nil && s.pick > 4 && v.name != "acts as the user" && v.name != "loses the rank or the account" {
			v = pick(impersonatorVerbs, s.pick) // goes on with the impersonation
		}
	case &strangersVerbs[0]:
		m.by, m.on = m.stranger(), pick([]*player{m.players[0], m.players[1], m.operator()}, s.on)
	default:
		for i := 0; m.by.out != "" && i < 3; i++ { // users who are out can do little
			m.by = m.players[(s.by+i+1)%4]
		}
		m.on = m.by
	}
	ok := v.do(m.by, s)
	m.t.Logf("%s: %s (%s): %v", m.by.name, v.name, m.on.name, ok)
	if ok {
		m.done[v.name]++
	}
	m.check()
}

// wait lets time pass.
func (m *machine) wait(i int) {
	m.time, m.by, m.on = true, nil, nil
	by := []time.Duration{time.Second, 11 * time.Second, 61 * time.Second, 6 * time.Minute, 16 * time.Minute, 2 * time.Hour, 25 * time.Hour}[i%7]
	m.t.Logf("%s pass", by)
	m.Clock.Advance(by)
	if i > 8 {
		_, err := m.Auth.Sweep(m.Context())
		m.must(err)
	}
	m.deleteDue()
	m.check()
}

// check checks what holds after each step.
func (m *machine) check() {
	m.deliver()
	m.tryDead()
	m.probe(false)
	now := m.accounts()
	for _, p := range m.players {
		if due := p.deleteAt; !due.IsZero() && m.byID(p.account).DeleteAt == nil {
			if p.deleteAt = (time.Time{}); !m.Clock.Now().Before(due) {
				m.t.Fatalf("the account of %s is back after the grace", p.name)
			}
		}
		if p != m.by && p != m.on && p.account != 0 && now[p.account] != m.before[p.account] {
			m.t.Fatalf("the account of %s was\n%s\nand is\n%s", p.name, m.before[p.account], now[p.account])
		}
		if factors := strings.Fields(m.byID(p.account).Factors); p.account != 0 && (slices.Contains(factors, mfa.FactorTOTP) != (p.phone != nil) || slices.Contains(factors, mfa.FactorEmail) != p.mailCodes) {
			m.t.Fatalf("%s has the factors %q, and an app: %v, e-mail codes: %v", p.name, factors, p.phone != nil, p.mailCodes)
		}
	}
	m.before = now
	m.wantProven()
}

// wantProven wants that sessions of users with a factor have proven it, except those by password in trusted browsers.
func (m *machine) wantProven() {
	var n int64
	err := m.DB.Model(&models.Session{}).Joins("JOIN auth_user u ON u.id = auth_session.user_id AND u.session_epoch = auth_session.epoch AND u.factors <> ''").
		Where("auth_session.factors < 2 AND auth_session.method <> ? AND personal = ? AND actor_id = 0", "password", false).Count(&n).Error
	if err != nil || n > 0 {
		m.t.Fatalf("%d sessions have proven one factor of two, %v", n, err)
	}
}

// accounts returns of each account what only its user and operators can change.
func (m *machine) accounts() map[int64]string {
	var ids []int64
	for _, p := range m.players {
		ids = append(ids, p.account)
	}
	all := map[int64]string{}
	var users []models.User
	m.must(m.DB.Where("id IN ?", ids).Find(&users).Error)
	for _, u := range users {
		all[u.ID] = fmt.Sprint(u.Username, u.Email, u.Password, " epoch ", u.SessionEpoch, u.IsActive, u.IsSuperuser, u.Factors, u.BannedAt != nil, u.DeleteAt)
	}
	var addresses []models.Email
	m.must(m.DB.Where("user_id IN ? AND verified_key IS NOT NULL", ids).Order("id").Find(&addresses).Error)
	for _, e := range addresses {
		all[e.UserID] += " " + e.Address
	}
	for _, table := range []string{"auth_passkey", "auth_identity", "auth_recovery_code"} {
		var rows []struct{ UserID, N int64 }
		m.must(m.DB.Table(table).Select("user_id, COUNT(*) AS n").Where("user_id IN ?", ids).Group("user_id").Scan(&rows).Error)
		for _, r := range rows {
			all[r.UserID] += fmt.Sprint(" ", table, r.N)
		}
	}
	return all
}

func (m *machine) byID(id int64) (u models.User) {
	m.must(m.DB.Where("id = ?", id).Limit(1).Find(&u).Error)
	return u
}

// finish checks everything at the end of a program: what has ended, and that each user still gets in.
func (m *machine) finish() {
	m.by, m.on, m.time = nil, nil, true
	m.deleteDue()
	m.probe(true)
	for i := range m.secrets {
		m.replay(m.stranger(), i, m.browser())
	}
	for _, p := range m.players {
		m.by, m.on, m.proof = p, p, 0
		if p.out == "" && p.account != 0 {
			p.wantIn()
		}
	}
	m.probe(true)
}
