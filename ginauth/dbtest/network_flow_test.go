package dbtest_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

type object = map[string]string

// brokenFlow is a flow during which the network to the database breaks, and what must be true when it works again.
type brokenFlow struct {
	*testing.T
	*authtest.App
	box   *authtest.Mailbox
	what  string
	short bool // the flow has few statements
	users int
	lost  int // changes that were made although the response was 503
}

// during sends a request while the network is broken.
type during func(send func() *authtest.Response) *authtest.Response

// session is a user with what one browser and one token client have.
type session struct {
	name    string
	browser *authtest.Client
	pair    binding.Tokens
	reset   authtest.Mail
}

const secondPassword, thirdPassword = "Mirror-Maze-88", "Copper-Kettle-21"

// user signs up a user who has asked for a reset.
func (f *brokenFlow) user() session {
	f.Helper()
	f.users++
	f.Clock.Advance(time.Hour) // so that no limit is reached
	s := session{name: fmt.Sprintf("user%04d", f.users), browser: f.Client(f.T)}
	s.browser.Post("/auth/registration/", authtest.SignUp(s.name)).Want(201)
	f.Client(f.T).Post("/auth/password/reset/", object{"email": s.name + "@example.com"}).Want(200)
	s.reset = authtest.Find(f.T, f.Mails(f.T, f.box), "reset")
	client := f.Client(f.T)
	client.Header.Set(config.CredentialHeader, "jwt")
	client.Post("/auth/login/", authtest.Login(s.name)).Want(200).JSON(&s.pair)
	return s
}

func (f *brokenFlow) refresh(token string) *authtest.Response {
	return f.Client(f.T).Post("/auth/token/refresh/", object{"refresh": token})
}

func (f *brokenFlow) confirm(s session, password string) *authtest.Response {
	return f.Client(f.T).Post("/auth/password/reset/confirm/",
		object{"uid": s.reset.UID(f.T), "token": s.reset.Key(f.T), "new_password1": password, "new_password2": password})
}

// login returns the status of a login.
func (f *brokenFlow) login(s session, password string) int {
	return f.Client(f.T).Post("/auth/login/", object{"username": s.name, "password": password}).StatusCode
}

// TestDatabaseNetworkInTheMiddle: in whichever response the network to the database breaks, the end of a flow gets 503 or the usual response,
// and nothing is half done when the network is back. The reset has many statements, so it meets a black hole at each of them only with
// GINAUTH_TEST_LONG.
func TestDatabaseNetworkInTheMiddle(t *testing.T) {
	t.Parallel()
	for name, open := range proxiedDatabases {
		for flow, play := range map[string]func(*brokenFlow, during){
			"logout": (*brokenFlow).logout, "logout of tokens": (*brokenFlow).tokenLogout, "refresh": (*brokenFlow).refreshing, "reset": (*brokenFlow).resetting,
		} {
			t.Run(name+"/"+flow, func(t *testing.T) {
				t.Parallel()
				_, db, p := open(t)
				pool, err := db.DB()
				if err != nil {
					t.Fatal(err)
				}
				pool.SetMaxOpenConns(1) // so that each run has the same responses
				f := &brokenFlow{T: t, box: &authtest.Mailbox{}, short: flow != "reset"}
				f.App = authtest.New(t, db, f.box.Configure, func(cfg *config.Config) {
					cfg.Timeout, cfg.Mail.MaxPerHour = 2*time.Second, -1
					cfg.Login = []config.Credential{config.SessionCookie, config.JSONWebToken}
				})
				f.playAll(p, func(in during) { play(f, in) })
				if flow == "reset" && f.lost == 0 {
					t.Error("the response to no COMMIT was lost")
				}
			})
		}
	}
}

// playAll plays a flow during each trouble of the network, and with each response of the database lost.
func (f *brokenFlow) playAll(p *proxy, play func(during)) {
	f.Helper()
	var met bool
	with := func(what string, begin func()) {
		f.what = what
		play(func(send func() *authtest.Response) *authtest.Response {
			begin()
			r := soon(f.T, what, send)
			met = p.withheld()
			p.set(healthy, 0)
			f.awake()
			if r.StatusCode == 503 && len(r.Cookies()) > 0 {
				f.Errorf("%s: cookies %v", what, r.Cookies())
			}
			return r
		})
	}
	for _, trouble := range troubles {
		with(trouble.name, func() { p.set(trouble.state, trouble.bytes) })
	}
	states := map[string]trouble{"cut": cut}
	if f.short || os.Getenv("GINAUTH_TEST_LONG") != "" {
		states["black hole"] = blackHole
	}
	for name, state := range states {
		n := 0
		for met = true; met; n++ {
			with(fmt.Sprintf("%s before response %d", name, n), func() { p.setAfter(state, n) })
		}
		f.Logf("%s before each of %d responses of the database", name, n-1)
	}
}

// awake waits until the pool has no dead connection.
func (f *brokenFlow) awake() {
	f.Helper()
	for range 17 {
		if f.Client(f.T).Post("/auth/login/", object{"username": "nobody", "password": "x"}).StatusCode == 400 {
			return
		}
	}
	f.Errorf("%s: the database is not back", f.what)
}

// logout: a session whose end was confirmed has ended. Otherwise the logout can be said again.
func (f *brokenFlow) logout(in during) {
	s := f.user()
	thief := s.browser.Clone()
	r := in(func() *authtest.Response { return s.browser.Post("/auth/logout/", nil) })
	if r.StatusCode == 503 {
		s.browser.Post("/auth/logout/", nil).Want(200)
	} else if r.StatusCode != 200 {
		f.Errorf("%s: %d %s", f.what, r.StatusCode, r.Text)
	}
	thief.Get("/auth/user/").Want(401)
	f.refresh(s.pair.Refresh).Want(200) // another session
}

// tokenLogout is logout for the client with tokens.
func (f *brokenFlow) tokenLogout(in during) {
	s := f.user()
	end := func() *authtest.Response {
		return f.Client(f.T).Post("/auth/logout/", object{"refresh": s.pair.Refresh})
	}
	r := in(end)
	if r.StatusCode == 503 {
		end().Want(200)
	} else if r.StatusCode != 200 {
		f.Errorf("%s: %d %s", f.what, r.StatusCode, r.Text)
	}
	f.refresh(s.pair.Refresh).Want(401)
	s.browser.Get("/auth/user/").Want(200) // another session
}

// refreshing: a refresh token that was refused with 503 works again, and what it returned as well.
func (f *brokenFlow) refreshing(in during) {
	s := f.user()
	first := in(func() *authtest.Response { return f.refresh(s.pair.Refresh) })
	if first.StatusCode != 200 && first.StatusCode != 503 {
		f.Errorf("%s: %d %s", f.what, first.StatusCode, first.Text)
	}
	var next, again binding.Tokens
	f.refresh(s.pair.Refresh).Want(200).JSON(&again) // within the grace
	if first.StatusCode == 200 {
		if first.JSON(&next); next.Refresh != again.Refresh {
			f.Errorf("%s: one refresh token has two successors", f.what)
		}
	}
	f.Clock.Advance(11 * time.Second)
	f.refresh(again.Refresh).Want(200).JSON(&next)
	f.refresh(next.Refresh).Want(200)
	f.Clock.Advance(11 * time.Second)
	f.refresh(s.pair.Refresh).Want(401)
}

// resetting: the key works once, password and key agree, and so do the sessions.
func (f *brokenFlow) resetting(in during) {
	s := f.user()
	first := in(func() *authtest.Response { return f.confirm(s, secondPassword) })
	done := f.login(s, secondPassword) == 200
	if old := f.login(s, authtest.Password); (old == 200) == done {
		f.Errorf("%s: a login by the old password is %d; by the new one: %t", f.what, old, done)
	}
	if seen := s.browser.Get("/auth/user/").StatusCode; (seen == 200) == done {
		f.Errorf("%s: the session of before is %d; the new password: %t", f.what, seen, done)
	}
	if first.StatusCode != 503 && (first.StatusCode != 200 || !done) {
		f.Errorf("%s: %d %s; the new password: %t", f.what, first.StatusCode, first.Text, done)
	}
	if first.StatusCode == 503 && done {
		f.lost++
	}
	if again := f.confirm(s, thirdPassword); (again.StatusCode == 200) == done {
		f.Errorf("%s: the key is answered %d %s; the new password: %t", f.what, again.StatusCode, again.Text, done)
	}
	f.confirm(s, authtest.Password).Want(400)
	if last := f.login(s, thirdPassword); (last == 200) == done {
		f.Errorf("%s: a login by the last password is %d; the new password: %t", f.what, last, done)
	}
}
