package dbtest

// The routes of the machine and those of the application: each is played, or has a reason.

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
)

// unplayed are the routes that the machine does not play, and why.
var unplayed = map[string]string{
	"POST admin/outbox/:id/retry/": "needs a mail that was given up, which an honest mailbox never causes; group admin has it",
}

// machinePlaysEachRoute: each route of the table succeeds in one of the machine's steps, and each step can succeed. So a new route fails this
// test until the machine plays it. On servers only the long form does it: it is about the machine, and their random programs run anyway.
func machinePlaysEachRoute(c *Case) {
	all, steps, played := map[string]bool{}, map[string]int{}, map[string]int{}
	missing := func() (out []string) {
		for name := range all {
			if played[name] == 0 && unplayed[name] == "" {
				out = append(out, "the route "+name)
			}
		}
		for _, v := range slices.Concat(userVerbs, operatorVerbs) {
			if steps[v.name] == 0 {
				out = append(out, "the step: "+v.name)
			}
		}
		return out
	}
	for _, start := range []func() *machine{func() *machine { return c.startMachine() }, c.startStrictMachine} {
		m := start()
		if c.DB.Name() != "sqlite" && !longForm() {
			c.Skip("needs GINAUTH_TEST_LONG=1")
		}
		m.routes, m.done = played, steps
		for _, r := range m.Auth.Routes() {
			all[r.Method+" "+r.Path] = true
		}
		for round := 0; round < map[bool]int{false: 2, true: 4}[m.strict] && len(missing()) > 0; round++ {
			m.tour(round)
		}
	}
	for _, what := range missing() {
		c.Errorf("never succeeds: %s", what)
	}
	for name, reason := range unplayed {
		if !all[name] {
			c.Errorf("the exception %s is no route", name)
		} else if played[name] > 0 {
			c.Errorf("%s is played, so remove its exception: %s", name, reason)
		}
	}
}

// tour plays each step, until it has succeeded twice, in a program of its own. Each round has other clients and choices.
func (m *machine) tour(round int) {
	m.Helper()
	m.begin(m.T)
	for _, verbs := range [][]playerVerb{userVerbs, strangersVerbs, operatorVerbs} {
		for i, v := range verbs {
			for try, before := 0, m.done[v.name]; try < 9 && m.done[v.name] < before+2; try++ {
				m.play(verbs, move{verb: i, by: (try + round) % 3, on: try % 3, client: (try + round) % 8, pick: (try*3 + i + 5*round) % 16})
			}
		}
		if m.strict && round%2 == 0 {
			m.wait(6) // the grace of required factors ends
		}
	}
	m.finish()
}

// recordRoutes notes the routes of requests that succeed.
func (m *machine) recordRoutes(handler http.Handler) http.Handler {
	m.routes = map[string]int{}
	all := m.Auth.Routes()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		if recorder.Code < 400 {
			for _, route := range all {
				if route.Method == r.Method && samePath("/auth/"+route.Path, r.URL.Path) {
					m.routes[route.Method+" "+route.Path]++
				}
			}
		}
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
	})
}

// samePath reports whether a path has the form of a route.
func samePath(route, path string) bool {
	want, got := strings.Split(route, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], ":") {
			return false
		}
	}
	return true
}
