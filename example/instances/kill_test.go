//go:build unix

package instances

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// The tests in this file kill something in the middle of sign-ups, refreshes and mails. With GINAUTH_TEST_LONG=1 they do it eight times
// on each engine.

// kills is what the runs of an engine kill, in turn.
type kills struct {
	processes int
	victims   []string
	engine    func(*testing.T) engine
	database  *server
	redis     *server
}

func TestKillOnSQLite(t *testing.T) {
	kills{processes: 1, victims: []string{"process"}, engine: onSQLite}.run(t)
}

func TestKillOnPostgres(t *testing.T) {
	s := newPostgres(t)
	k := kills{processes: 3, victims: []string{"database", "process", "Redis"}, database: s, redis: newRedis(t)}
	k.engine = func(t *testing.T) engine { return onPostgres(t, s.postgres()) }
	k.run(t)
}

func TestKillOnMariaDB(t *testing.T) {
	if !long() {
		t.Skip("needs GINAUTH_TEST_LONG=1")
	}
	s := newMariaDB(t)
	k := kills{processes: 3, victims: []string{"database", "process", "Redis"}, database: s, redis: newRedis(t)}
	k.engine = func(t *testing.T) engine { return onMariaDB(t, s.mariadb()) }
	k.run(t)
}

func (k kills) run(t *testing.T) {
	runs := 1
	if long() {
		runs = 8
	}
	for n := range runs {
		victim := k.victims[n%len(k.victims)]
		t.Run(fmt.Sprintf("%d-%s", n+1, victim), func(t *testing.T) {
			e := k.engine(t)
			if k.redis != nil {
				e.env = append(e.env, "LIMITS_URL=redis://"+k.redis.addr())
			}
			l := newLoad(start(t, e, k.processes))
			k.once(l, n, victim)
			l.check(victim)
		})
	}
}

// once kills a victim under load, and waits until all is well again.
func (k kills) once(l *load, n int, victim string) {
	t := l.t
	t.Helper()
	until(t, time.Minute, "the load does not start", func() bool {
		return l.signUps.Load() > int64(5+n) && l.renewals.Load() > 10 && l.writes.Load() > 10
	})
	began := time.Now()
	switch victim {
	case "database":
		k.database.kill()
		k.database.begin()
	case "Redis":
		k.redis.kill()
		k.redis.begin()
	case "process":
		l.all[n%len(l.all)].kill()
		l.restart(n % len(l.all))
	}
	again := time.Since(began)
	for _, p := range l.all {
		until(t, time.Minute, "a process is not ready", p.ready)
	}
	ready := time.Since(began)
	signUps, renewals, writes := l.signUps.Load(), l.renewals.Load(), l.writes.Load()
	until(t, time.Minute, "the load does not continue", func() bool {
		return l.signUps.Load() > signUps+5 && l.renewals.Load() > renewals+10 && (l.writes.Load() > writes+10 || writes > 700)
	})
	l.end()
	t.Logf("%s was killed; it ran again after %v, and all processes were ready after %v", victim, again.Round(time.Millisecond), ready.Round(time.Millisecond))
	if after := ready - again; after > 30*time.Second {
		t.Errorf("the processes were ready only %v after the victim", after)
	}
}

// check: what was acknowledged is there, and what was not is there as a whole or not at all.
func (l *load) check(victim string) {
	l.t.Helper()
	until(l.t, time.Minute, "the test's connections to the database fail", func() bool { return l.db.Exec("SELECT 1").Error == nil })
	began := time.Now()
	l.drained()
	drained := time.Since(began)
	if len(l.odd) > 0 {
		l.t.Errorf("%d responses like %s", len(l.odd), l.odd[0])
	}
	whole := map[string]int{}
	twice := 0
	for kind, names := range map[string][]string{"201": l.acked, "503": l.refused, "no response": l.cut} {
		for _, who := range names {
			stored, copies := l.stored(who)
			if kind == "201" && !stored {
				l.t.Errorf("%s got 201 and is lost", who)
			}
			if stored {
				whole[kind]++
			}
			if copies > 1 {
				twice++
			}
		}
	}
	for _, orphans := range []string{
		"SELECT count(*) FROM auth_email WHERE user_id NOT IN (SELECT id FROM auth_user)",
		"SELECT count(*) FROM auth_session WHERE user_id NOT IN (SELECT id FROM auth_user)",
		"SELECT count(*) FROM auth_outbox WHERE user_id <> 0 AND user_id NOT IN (SELECT id FROM auth_user)",
		"SELECT count(*) FROM auth_ticket WHERE user_id <> 0 AND user_id NOT IN (SELECT id FROM auth_user)",
	} {
		if n := l.count(orphans); n > 0 {
			l.t.Errorf("%d rows: %s", n, orphans)
		}
	}
	l.membersAreIn()
	l.t.Logf("sign-ups: %d with 201; %d with 503, of them %d stored; %d without response, of them %d stored. "+
		"%d refreshes, %d of them with a new refresh token, %d items; failed requests of logged-in users: %v. Mails sent twice: %d; the last was sent %v after the load",
		len(l.acked), len(l.refused), whole["503"], len(l.cut), whole["no response"],
		l.renewals.Load(), l.rotations.Load(), l.writes.Load(), l.failed, twice, drained.Round(time.Millisecond))
	if victim == "Redis" && len(l.failed) > 0 {
		l.t.Errorf("requests failed without Redis: %v", l.failed)
	}
}

// stored reports whether a sign-up is stored, and how often its mail was sent. It fails the test if only a part is there.
func (l *load) stored(who string) (stored bool, copies int) {
	l.t.Helper()
	users := l.count("SELECT count(*) FROM auth_user WHERE username = ?", who)
	emails := l.count("SELECT count(*) FROM auth_email e JOIN auth_user u ON u.id = e.user_id WHERE u.username = ? AND e.address = ?", who, address(who))
	rows := l.count("SELECT count(*) FROM auth_outbox WHERE recipient = ? AND state = 'sent'", address(who))
	mails, copies := l.box.of(address(who))
	if users > 1 || emails != users || rows != users || int64(mails) != users {
		l.t.Errorf("%s: %d users, %d addresses, %d mails in the table, %d mails received", who, users, emails, rows, mails)
	}
	return users == 1, copies
}

// membersAreIn: no logged-in user was logged out, and no item is lost.
func (l *load) membersAreIn() {
	l.t.Helper()
	for i, user := range l.users {
		if i < 3 {
			if r := user.renew(l.all[0]); r.status != http.StatusOK {
				l.t.Errorf("the last refresh token: %v", r)
			}
		}
		l.works("a member", user.client, http.StatusOK)
		var items []struct{ Text string }
		r := user.send(l.all[0], http.MethodGet, "/api/items", nil)
		if err := json.Unmarshal(r.body, &items); err != nil {
			l.t.Fatal(r, err)
		}
		there := map[string]bool{}
		for _, item := range items {
			there[item.Text] = true
		}
		for _, text := range user.items {
			if !there[text] {
				l.t.Errorf("the item %s got 201 and is lost", text)
			}
		}
	}
}
