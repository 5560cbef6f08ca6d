package dbtest

import (
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// ownerAction is a step of the owner, with the state before it.
type ownerAction struct {
	verb        string
	mail        authtest.Mail // the mail that they opened, with its ticket
	ticket      models.Ticket
	inside      int64 // the account that the browser was logged in to
	renewed     string
	picture     string // the snapshot of the owner's account
	mine, other models.User
}

// ownerTakes takes a step of the owner.
func (w *world) ownerTakes(s step) *authtest.Response {
	verb := ownerVerbs[s.verb%len(ownerVerbs)]
	d := ownerAction{verb: verb.name, inside: who(w.owner.in(s)), renewed: w.owner.renewed(), picture: w.snapshot(w.account), mine: w.byID(w.account)}
	if d.verb == "opens a mail" {
		if m, ok := w.owner.latest(s); ok && m.Kind != "account_deleted" {
			d.mail, d.ticket = m, w.ticketOf(m)
		}
	} else if w.owner.password == "" && strings.HasPrefix(d.verb, "logs in") {
		return nil
	}
	d.other = w.byID(d.ticket.UserID)
	r := verb.do(w.owner, s)
	if r == nil {
		return nil
	}
	w.t.Logf("  about account %d, in account %d, the owner's is %d", d.other.ID, d.inside, w.account)
	ok := r.StatusCode == 200
	if w.account != 0 {
		w.checkOwner(d, ok)
	} else if ok && d.mail.Kind != "" {
		w.takeAccount(d.mail, d.other, d.renewed)
	}
	if ok && d.other.ID != w.account && d.mail.Kind == "verify" && !w.made[d.other.ID] &&
		w.byID(d.other.ID).Password == d.other.Password && d.mine.Email != d.ticket.Address {
		w.shared[d.other.ID] = true
	}
	return r
}

// checkOwner checks the owner's account after a step. Its password and sessions end by a reset, by "it was not me", and
// by a link that confirms the address outside a session of the account, if the mail is about this account. Mails about
// other accounts do not end them, and a notice about another account changes nothing.
func (w *world) checkOwner(d ownerAction, ok bool) {
	now, own := w.byID(w.account), ok && d.other.ID == w.account
	switch after := w.snapshot(w.account); {
	case isNotice(d.mail) && d.other.ID != w.account && after != d.picture:
		w.t.Fatalf("a notice about another account changed\n%s\n%s", d.picture, after)
	case now.ID == 0 || now.Username != d.mine.Username || !now.IsActive || now.DeleteAt != nil:
		w.t.Fatalf("the owner's account is %+v", now)
	case strings.HasPrefix(d.verb, "logs in"): // may rehash the password
		if now.SessionEpoch != d.mine.SessionEpoch {
			w.t.Fatal("a login ended the owner's sessions")
		}
	case now.Password == d.mine.Password && now.SessionEpoch == d.mine.SessionEpoch:
	case d.verb == "changes the password" && d.inside == w.account, own && isReset(d.mail):
		w.owner.password = d.renewed
	case own && (isNotice(d.mail) || d.inside != w.account):
		w.owner.password = ""
	default:
		w.t.Fatal("the owner lost password or sessions")
	}
}

// takeAccount makes the account of a mail the owner's, if the owner had none.
func (w *world) takeAccount(m authtest.Mail, u models.User, renewed string) {
	now := w.byID(u.ID)
	switch {
	case isNotice(m), strings.Contains(w.addresses(u.ID), "mallory@example.com true"): // both have access
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

// wantOwnerRecovers wants that the owner finally gets back in, and the stranger does not.
func (w *world) wantOwnerRecovers() {
	w.Clock.Advance(25 * time.Hour)
	w.t.Logf("a day later; the owner's account is %s, password %q", w.snapshot(w.account), w.owner.password)
	if w.account == 0 {
		w.startOver()
	} else if !w.byPassword() && !w.byDirectory() && !w.byReset() && !w.byCorrection() && !w.byRelease() {
		w.t.Fatalf("the owner cannot log in to %s", w.snapshot(w.account))
	}
	w.wantStrangerOut(true)
}

// byPassword logs in with the owner's password. That must work if the owner has one, unless an address has to be
// confirmed first.
func (w *world) byPassword() bool {
	if w.owner.password == "" {
		return false
	}
	browser := w.browser()
	r := browser.Post("/auth/login/", obj{"username": w.owner.names[0], "password": w.owner.password})
	if r.StatusCode != 200 && !(w.arena.mode == config.VerifyMandatory && strings.Contains(r.Text, string(binding.CodeEmailUnverified))) {
		w.t.Fatalf("the owner's password does not work: %s", r.Text)
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

// byRelease deletes the account that took the address from an account without a password.
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

// followed runs do, which must cause a mail, and opens that mail.
func (w *world) followed(kind, address string, do func() *authtest.Response) bool {
	w.deliver()
	w.owner.inbox = nil
	r := do()
	w.t.Logf("%s for %s: %s", kind, address, summary(r))
	w.deliver()
	for _, m := range w.owner.inbox {
		if m.Kind == kind && m.To == address {
			about, renewed := w.ticketOf(m).UserID, w.owner.renewed()
			r := w.owner.follow(w.browser(), m, false)
			w.t.Logf("  opened, about account %d: %s", about, summary(r))
			if kind == "reset" && r.StatusCode == 200 && (about == w.account || w.account == 0) {
				w.owner.password = renewed
			}
			return r.StatusCode == 200
		}
	}
	return false
}

// startOver is for an owner without an account: a reset opens the account that names the address, or the sign-up is
// free.
func (w *world) startOver() {
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
		w.t.Fatalf("the owner has no account: %s", r.Text)
	}
	w.removeStrangersAddresses(browser)
}

// removeStrangersAddresses removes addresses that the stranger confirmed before the owner took the account over.
func (w *world) removeStrangersAddresses(browser *authtest.Client) {
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
