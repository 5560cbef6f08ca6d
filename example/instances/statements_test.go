//go:build unix

package instances

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestStatements logs how many statements requests cost on PostgreSQL, with BEGIN and COMMIT, by the database's own log. The figures
// are in example/deploy/SCALING.md.
func TestStatements(t *testing.T) {
	if !long() {
		t.Skip("needs GINAUTH_TEST_LONG=1")
	}
	limits := newRedis(t)
	for where, env := range map[string]string{"the database": "", "Redis": "LIMITS_URL=redis://" + limits.addr()} {
		s := newPostgres(t)
		e := onPostgres(t, s.postgres())
		e.env = append(e.env, env)
		if err := e.db.Exec("ALTER SYSTEM SET log_statement = 'all'").Error; err != nil {
			t.Fatal(err)
		}
		if err := e.db.Exec("SELECT pg_reload_conf()").Error; err != nil {
			t.Fatal(err)
		}
		c := start(t, e, 1)
		until(t, time.Minute, "the log has no statements", func() bool { return s.statements(t) > 0 })
		ann := name("ann", 0)
		c.signUp(0, ann)
		browser := c.logIn(0, ann, "cookie")
		var apps []*client // a refresh token changes at most once in ten seconds
		for range tries {
			apps = append(apps, c.logIn(0, ann, "jwt"))
		}
		for what, request := range map[string]func(int) response{
			"GET user/": func(int) response { return browser.send(c.all[0], http.MethodGet, "/auth/user/", nil) },
			"refresh":   func(i int) response { return apps[i].renew(c.all[0]) },
			"login": func(int) response {
				return browser.send(c.all[0], http.MethodPost, "/auth/login/", fields{"username": ann, "password": password})
			},
			"registration": func(int) response {
				return newClient().send(c.all[0], http.MethodPost, "/auth/registration/", signUp(name("new", 0)))
			},
		} {
			least := 1000
			for i := range tries { // background work adds to some of them
				before := s.statements(t)
				if r := request(i); r.status/100 != 2 {
					t.Fatal(r)
				}
				least = min(least, s.statements(t)-before)
			}
			t.Logf("limits in %s: %s costs %d statements", where, what, least)
			if most := map[string]int{"GET user/": 1, "refresh": 4, "login": 14, "registration": 33}[what]; least > most {
				t.Errorf("%s costs %d statements, want %d at most", what, least, most)
			}
		}
	}
}

const tries = 8

// statements returns how many statements a PostgreSQL has logged.
func (s *server) statements(t *testing.T) (n int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "LOG:  statement: ") || strings.Contains(line, "LOG:  execute ") {
			n++
		}
	}
	return n
}
