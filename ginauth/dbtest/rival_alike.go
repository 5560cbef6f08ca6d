package dbtest

import (
	"regexp"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// strangersLearnNothing covers T005 to T010: the same program of a stranger has the same traces whether or not an owner
// has the address. Names are public. Outside the mandatory mode a sign-up also reveals a taken address. The program
// avoids both (decision 36).
func strangersLearnNothing(c *Case) {
	fewPrograms()
	m := &meter{}
	arenas := c.arenas(m)
	rapid.Check(c.T, func(t *rapid.T) {
		a := arenas[below(len(arenas)).Draw(t, "arena")]
		origin := origins[below(len(origins)).Draw(t, "origin")]
		confirmed := rapid.Bool().Draw(t, "confirmed")
		employee := rapid.Bool().Draw(t, "employee")
		program := rapid.SliceOfN(steps("stranger", "stranger", "stranger", "time"), 10, 60).Draw(t, "program")
		known := c.newWorld(t, a)
		known.createOwnersAccount(origin)
		if confirmed {
			if err := known.Auth.ConfirmEmail(known.Context(), known.user("owner").ID, "owner@example.com"); err != nil {
				known.t.Fatal(err)
			}
		}
		with := known.traces(m, program, employee)
		without := c.newWorld(t, a).traces(m, program, employee)
		for i := range program {
			if with[i] != without[i] {
				known.t.Fatalf("%v: origin %s, confirmed %v: with the owner's account\n%+v\nand without\n%+v", program[i], origin, confirmed, with[i], without[i])
			}
		}
	})
}

// traces returns what each step of a program did and returned. It runs a day after everything else, because mails are
// counted for an address, no matter who requested them (decision 37).
func (w *world) traces(m *meter, program []step, employee bool) (all []trace) {
	if employee {
		w.createStrangersAccount("mallory")
	}
	w.stranger.names = []string{"mallory", "trudy"}
	w.Clock.Advance(25 * time.Hour)
	w.deliver()
	for _, s := range program {
		var t trace
		if s.by == "time" || strangerVerbs[s.verb%len(strangerVerbs)].name == "settles" {
			w.take(s) // other mails are sent with it
		} else if !w.isOpen(s) {
			t = w.measure(m, func() *authtest.Response {
				if r := w.take(s); r != nil {
					return r
				}
				return w.browser().Get("/auth/user/")
			})
		}
		t.text, t.cookies = varyingInWorld.ReplaceAllString(t.text, "*"), varyingInWorld.ReplaceAllString(t.cookies, "*")
		all = append(all, t)
		w.t.Logf("%v: %d %s", s, t.status, codes.FindAllString(t.text, -1))
		w.deliver()
	}
	return all
}

// varyingInWorld matches times and random values.
var varyingInWorld = regexp.MustCompile(`gat_[A-Za-z0-9_-]+|Expires=[^;]*|"(id|prefix)":"[^"]*"|\d{4}-\d\d-\d\d[T ][0-9:.]+`)

// isOpen reports whether a step is a sign-up that reveals a taken address.
func (w *world) isOpen(s step) bool {
	return w.arena.mode != config.VerifyMandatory && strangerVerbs[s.verb%len(strangerVerbs)].name == "signs up" &&
		slices.Contains(w.owner.addresses, w.stranger.its(s))
}
