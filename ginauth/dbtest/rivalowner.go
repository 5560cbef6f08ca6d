package dbtest

import (
	"context"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// directory is a backend that knows the owner, by a name and a password of its own.
type directory struct {
	c    *Case
	name string
	id   int64 // of the account, once it is there
}

const directoryPassword = "Hall-Of-Mirrors-5"

// Authenticate implements config.Backend.
func (d *directory) Authenticate(_ context.Context, in config.Credentials) (models.Account, error) {
	if d.name == "" || in.Username != d.name || in.Password != directoryPassword {
		return nil, nil
	}
	user := &models.User{Username: d.name, Email: "owner@example.com"}
	if d.id == 0 {
		return user, nil
	}
	return user, d.c.DB.Where("id = ?", d.id).Limit(1).Find(user).Error
}

// arrive brings the owner's account, from where the origin says. Who opened a stranger's reset
// link has one by then.
func (w *world) arrive(origin string) {
	if w.account != 0 {
		return
	}
	name := "owner"
	if w.rowsNamed(name) > 0 {
		name = "heir"
	}
	w.owner.names = []string{name}
	w.t.Logf("the owner comes as %s, by %s, mode %s", name, origin, w.arena.mode)
	var problem any
	switch origin {
	case "sign-up":
		r := w.owner.signUp(step{})
		if r.StatusCode != 201 && w.arena.mode == config.VerifyMandatory {
			problem = r.Text
		}
	case "CreateUser":
		err := w.Auth.CreateUser(w.Context(), &models.User{Username: name, Email: "owner@example.com"}, w.owner.password)
		if err != nil && w.arena.mode != config.VerifyNone && len(w.shared) == 0 && !w.employee {
			problem = err
		}
	case "Django":
		err := w.addDjangoUser(name, "owner@example.com", djangoEncodings()[0])
		if err == nil {
			err = w.Auth.Migrate(w.Context())
		}
		if err != nil {
			problem = err
		}
	case "directory":
		w.arena.directory.name = name
		r := w.owner.browsers[0].Post("/auth/login/", obj{"username": name, "password": directoryPassword})
		if w.owner.password = ""; r.StatusCode != 200 && len(w.shared) == 0 && !w.employee {
			problem = r.Text
		}
	}
	if problem != nil {
		w.t.Fatalf("the owner cannot come: %v", problem)
	}
	w.deliver()
	if w.rowsNamed(name) == 0 {
		w.arena.directory.name = ""
		return
	}
	user := w.user(name)
	w.arena.directory.id = user.ID
	if w.made[user.ID] = true; !user.Pending {
		w.account = user.ID
	}
}

func (w *world) rowsNamed(name string) (n int64) {
	if err := w.DB.Model(&models.User{}).Where("username_key = ?", name).Count(&n).Error; err != nil {
		w.t.Fatal(err)
	}
	return n
}

// ownerTakes a step of the owner's, and judges what became of the account: its password and
// sessions end by a reset, by "it was not me", and by what confirms the address outside a session
// of the account, in mails about the account. Whatever a mail about another account does, they stay.
func (w *world) ownerTakes(s step) *authtest.Response {
	verb := ownerVerbs[s.verb%len(ownerVerbs)]
	var mail authtest.Mail
	var ticket models.Ticket
	if verb.name == "opens a mail" {
		if m, ok := w.owner.latest(s); ok && m.Kind != "account_deleted" {
			mail, ticket = m, w.ticketOf(m)
		}
	} else if w.owner.password == "" && strings.Contains(verb.name, "log") {
		return nil
	}
	about, inside := ticket.UserID, who(w.owner.in(s))
	renewed := w.owner.renewed()
	before, mine, other := w.picture(w.account), w.byID(w.account), w.byID(about)
	r := verb.do(w.owner, s)
	if r == nil {
		return nil
	}
	w.t.Logf("  about account %d, in account %d, the owner's is %d", about, inside, w.account)
	now := w.byID(w.account)
	if after := w.picture(w.account); isNotice(mail) && ticket.State == "" && about != w.account && after != before {
		w.t.Fatalf("%v: the owner's account was\n%v\nand is\n%v", s, before, after)
	}
	switch own := about == w.account && about != 0 && r.StatusCode == 200; {
	case w.account == 0 && r.StatusCode == 200 && mail.Kind != "":
		w.acquire(mail, other, renewed)
	case w.account == 0:
	case now.ID == 0 || now.Username != mine.Username || !now.IsActive || now.DeleteAt != nil:
		w.t.Fatalf("%v: the owner's account is %+v", s, now)
	case verb.name == "logs in" || verb.name == "logs in by address": // may renew the hash
		if now.SessionEpoch != mine.SessionEpoch {
			w.t.Fatalf("%v: the owner's sessions ended", s)
		}
	case now.Password == mine.Password && now.SessionEpoch == mine.SessionEpoch:
	case verb.name == "changes the password" && inside == w.account, own && isReset(mail):
		w.owner.password = renewed
	case own && (isNotice(mail) || inside != w.account):
		w.owner.password = ""
	default:
		w.t.Fatalf("%v: the owner lost password or sessions", s)
	}
	if about != w.account && mail.Kind == "verify" && r.StatusCode == 200 && !w.made[about] &&
		w.byID(about).Password == other.Password && mine.Email != ticket.Address {
		w.shared[about] = true
	}
	return r
}

// acquire makes the account of a mail the owner's, who had none.
func (w *world) acquire(m authtest.Mail, u models.User, renewed string) {
	now := w.byID(u.ID)
	switch {
	case isNotice(m), strings.Contains(w.addresses(u.ID), "mallory@example.com true"): // theirs both
		return
	case isReset(m):
		w.owner.password = renewed
	case now.Password != u.Password:
		w.owner.password = ""
	case !w.made[u.ID]:
		return
	}
	w.account, w.owner.names = u.ID, []string{u.Username}
	delete(w.shared, u.ID)
}

func (w *world) ticketOf(m authtest.Mail) (t models.Ticket) {
	selector := m.Key(w.t)
	if isReset(m) {
		selector = m.UID(w.t)
	}
	if err := w.DB.Where("selector = ?", selector[:26]).Limit(1).Find(&t).Error; err != nil {
		w.t.Fatal(err)
	}
	return t
}

// wantBack wants that the owner gets back in, in the end, and the stranger does not.
func (w *world) wantBack() {
	w.Clock.Advance(25 * time.Hour)
	w.t.Logf("a day later; the owner's account is %s, password %q", w.picture(w.account), w.owner.password)
	if w.account == 0 {
		w.comeAnew()
	} else if !w.byPassword() && !w.byDirectory() && !w.byReset() && !w.byCorrection() && !w.byRelease() {
		w.t.Fatalf("the owner does not get back into %s", w.picture(w.account))
	}
	w.wantStrangerOut(true)
}

// byPassword must work while the owner has one, unless an address has to be confirmed first.
func (w *world) byPassword() bool {
	if w.owner.password == "" {
		return false
	}
	browser := w.browser()
	r := browser.Post("/auth/login/", obj{"username": w.owner.names[0], "password": w.owner.password})
	if r.StatusCode != 200 && !(w.arena.mode == config.VerifyMandatory && strings.Contains(r.Text, string(binding.CodeEmailUnverified))) {
		w.t.Fatalf("the owner's password opens nothing: %s", r.Text)
	}
	return w.account != 0 && who(browser) == w.account
}

func (w *world) byDirectory() bool {
	browser, name := w.browser(), w.arena.directory.name
	browser.Post("/auth/login/", obj{"username": name, "password": directoryPassword})
	return name != "" && who(browser) == w.account
}

func (w *world) byReset() bool {
	for _, address := range w.owner.addresses {
		if w.followed("reset", address, func() *authtest.Response { return w.browser().Post("/auth/password/reset/", obj{"email": address}) }) && w.byPassword() {
			return true
		}
	}
	return false
}

// byRelease deletes the account that took the address from one without a password.
func (w *world) byRelease() bool {
	const address = "owner@example.com"
	renewed, browser := w.owner.renewed(), w.browser()
	w.followed("reset", address, func() *authtest.Response { return w.browser().Post("/auth/password/reset/", obj{"email": address}) })
	browser.Post("/auth/login/", obj{"email": address, "password": renewed})
	if other := who(browser); other == 0 || other == w.account {
		return false
	}
	browser.Post("/auth/user/delete/", nil).Want(200)
	return w.byReset()
}

func (w *world) byCorrection() bool {
	const fresh = "fresh@example.com"
	w.owner.addresses = append(w.owner.addresses, fresh)
	correct := func() *authtest.Response {
		return w.owner.correct(step{address: len(w.owner.addresses) - 1})
	}
	return w.owner.password != "" && w.followed("verify", fresh, correct) && w.byPassword()
}

// followed does what leads to a mail, and opens that.
func (w *world) followed(kind, address string, do func() *authtest.Response) bool {
	w.deliver()
	w.owner.inbox = nil
	r := do()
	w.t.Logf("%s for %s: %s", kind, address, gist(r))
	w.deliver()
	for _, m := range w.owner.inbox {
		if m.Kind == kind && m.To == address {
			about, renewed := w.ticketOf(m).UserID, w.owner.renewed()
			r := w.owner.follow(w.browser(), m, false)
			w.t.Logf("  opened, about account %d: %s", about, gist(r))
			if kind == "reset" && r.StatusCode == 200 && (about == w.account || w.account == 0) {
				w.owner.password = renewed
			}
			return r.StatusCode == 200
		}
	}
	return false
}

// comeAnew is for an owner without an account: a reset opens the one that names the address, and
// else a sign-up is free.
func (w *world) comeAnew() {
	const address = "owner@example.com"
	browser := w.browser()
	if !w.followed("reset", address, func() *authtest.Response { return w.browser().Post("/auth/password/reset/", obj{"email": address}) }) {
		in := authtest.SignUp("latecomer")
		in.Email = address
		w.followed("verify", address, func() *authtest.Response { return w.browser().Post("/auth/registration/", in) })
		w.owner.password = authtest.Password
	}
	r := browser.Post("/auth/login/", obj{"email": address, "password": w.owner.password})
	if w.account = who(browser); w.account == 0 {
		w.t.Fatalf("the owner gets no account: %s", r.Text)
	}
	w.evict(browser)
}

// evict removes from the account what the stranger had confirmed before the owner took it over.
func (w *world) evict(browser *authtest.Client) {
	delete(w.shared, w.account)
	all := emails(browser)
	for _, e := range all {
		if e.Email == "owner@example.com" && e.Verified {
			browser.Post(emailPath(e.ID, "primary"), nil)
		}
	}
	for _, e := range all {
		if !w.owner.has(e.Email) {
			browser.Delete(emailPath(e.ID, "")).Want(204)
		}
	}
}
