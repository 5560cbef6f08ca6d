package dbtest

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var rivalCases = Group{Name: "rival", Cases: []func(*Case){
	ownersWinOverStrangers, strangersLearnNothing,
}}

// ownersWinOverStrangers: whatever a stranger does before and after the owner of an address comes, and whichever link
// the owner opens, the owner keeps the account and the stranger never gets into it.
func ownersWinOverStrangers(c *Case) {
	fewPrograms()
	arenas := c.arenas(nil)
	rapid.Check(c.T, func(t *rapid.T) {
		w := c.newWorld(t, arenas[below(len(arenas)).Draw(t, "arena")])
		origin := origins[below(len(origins)).Draw(t, "origin")]
		if w.employee = rapid.Bool().Draw(t, "employee"); w.employee {
			w.createStrangersAccount("mallory")
		}
		arrival, next := rapid.IntRange(0, 12).Draw(t, "arrival"), steps("stranger", "owner", "stranger", "owner", "time")
		t.Repeat(map[string]func(*rapid.T){"step": func(t *rapid.T) {
			if arrival--; arrival == -1 {
				w.createOwnersAccount(origin)
			}
			w.play(next.Draw(t, "step"))
		}})
		if arrival >= 0 {
			w.createOwnersAccount(origin)
		}
		w.wantOwnerRecovers()
	})
}

// fewPrograms keeps the suite short and repeatable. RAPID_CHECKS or -rapid.checks sets another number of programs, which
// are then random.
var fewPrograms = sync.OnceFunc(func() {
	if all := flag.Lookup("rapid.checks"); all.Value.String() == "100" {
		_ = all.Value.Set("20")
		if seed := flag.Lookup("rapid.seed"); seed.Value.String() == "0" {
			_ = seed.Value.Set("20261128")
		}
	}
})

var origins = []string{"sign-up", "CreateUser", "Django", "directory"}

// arena is an application in one mode. All arenas of a case share a database.
type arena struct {
	app       *authtest.App
	box       *authtest.Mailbox
	mode      config.Verification
	directory *directory
}

func (a *arena) String() string { return fmt.Sprint(a.mode) }

func (c *Case) arenas(m *meter) (all []*arena) {
	c.Helper()
	c.DB = c.open(c.T)
	for _, mode := range []config.Verification{config.VerifyMandatory, config.VerifyOptional, config.VerifyNone} {
		a := &arena{mode: mode, box: &authtest.Mailbox{}, directory: &directory{c: c}}
		a.app = authtest.New(c.T, c.DB, a.box.Configure, byCode, withTokens, func(cfg *config.Config) {
			cfg.EmailVerification = mode
			cfg.Backends = []config.Backend{a.directory, config.PasswordBackend{}}
			if m != nil {
				m.count(cfg)
			}
		})
		all = append(all, a)
	}
	if m != nil {
		m.install(c)
	}
	return all
}

// world is an empty database in which an owner and a stranger act.
type world struct {
	*Case
	t     rapidTB
	arena *arena

	owner, stranger *party
	employee        bool           // the stranger has an account that did not come by sign-up
	account         int64          // the owner's account, or 0
	made            map[int64]bool // sign-ups of the owner, which may be pending
	shared          map[int64]bool // sign-ups of the stranger that the owner confirmed while no account of the owner named the address
}

func (c *Case) newWorld(t *rapid.T, a *arena) *world {
	w := &world{Case: c, t: rapidTB{c.T, t}, arena: a, made: map[int64]bool{}, shared: map[int64]bool{}}
	for _, table := range append(models.All(), &models.User{}) {
		if err := c.DB.Where("1 = 1").Delete(table).Error; err != nil {
			w.t.Fatal(err)
		}
	}
	a.box.Empty()
	*a.directory = directory{c: c}
	w.App = a.app
	w.owner = w.newParty("owner", authtest.Password, []string{"owner"}, "owner@example.com", "second@example.com")
	w.stranger = w.newParty("stranger", thiefPassword, []string{"mallory", "owner"}, "owner@example.com", "mallory@example.com", "second@example.com")
	return w
}

// createStrangersAccount makes an account for the stranger with CreateUser.
func (w *world) createStrangersAccount(name string) {
	if err := w.Auth.CreateUser(w.Context(), &models.User{Username: name, Email: name + "@example.com"}, thiefPassword); err != nil {
		w.t.Fatal(err)
	}
}

// play takes a step and checks its effect.
func (w *world) play(s step) {
	account := w.account
	before := w.snapshot(account)
	r := w.take(s)
	if r == nil {
		return
	}
	w.t.Logf("%v: %s", s, summary(r))
	w.deliver()
	if after := w.snapshot(account); s.by != "owner" && after != before {
		w.t.Fatalf("%v: the owner's account was\n%v\nand is\n%v", s, before, after)
	}
	w.wantStrangerOut(s.by == "owner")
}

func (w *world) take(s step) *authtest.Response {
	switch s.by {
	case "owner":
		return w.ownerTakes(s)
	case "stranger":
		return strangerVerbs[s.verb%len(strangerVerbs)].do(w.stranger, s)
	}
	w.Clock.Advance([]time.Duration{time.Second, 61 * time.Second, 20 * time.Minute, 2 * time.Hour, 25 * time.Hour, 8 * 24 * time.Hour}[s.verb%6])
	if s.code {
		if _, err := w.Auth.Sweep(w.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
	return w.browser().Get("/auth/user/")
}

// snapshot returns the data of an account that no other user may change.
func (w *world) snapshot(id int64) string {
	u := w.byID(id)
	return fmt.Sprintf("%d %s %s %s epoch %d, active %v, pending %v, deleted %v; addresses %s", u.ID, u.Username, u.Email, u.Password, u.SessionEpoch,
		u.IsActive, u.Pending, u.DeleteAt, w.addresses(id))
}

func (w *world) byID(id int64) (u models.User) {
	if err := w.DB.Where("id = ?", id).Limit(1).Find(&u).Error; err != nil {
		w.t.Fatal(err)
	}
	return u
}

func (w *world) addresses(id int64) (text string) {
	var all []models.Email
	if err := w.DB.Where("user_id = ?", id).Order("id").Find(&all).Error; err != nil {
		w.t.Fatal(err)
	}
	for _, e := range all {
		text += fmt.Sprintf("%s %v ", e.Address, e.Verified())
	}
	return text
}

// guarded returns the accounts that the stranger must not get into: the owner's account, and every account with an
// address that the owner confirmed.
func (w *world) guarded() map[int64]bool {
	var ids []int64
	err := w.DB.Model(&models.Email{}).Where("verified_key IN ?", w.owner.addresses).Pluck("user_id", &ids).Error
	if err != nil {
		w.t.Fatal(err)
	}
	guarded := map[int64]bool{}
	for _, id := range append(ids, w.account) {
		guarded[id] = id != 0 && !w.shared[id]
	}
	return guarded
}

// wantStrangerOut wants that no credential of the stranger opens a guarded account.
func (w *world) wantStrangerOut(passwords bool) {
	guarded := w.guarded()
	for _, browser := range append(w.stranger.tokens, w.stranger.browsers...) {
		if id := who(browser); guarded[id] {
			w.t.Fatalf("the stranger is in account %s", w.snapshot(id))
		}
	}
	if !passwords {
		return
	}
	for id := range guarded {
		r := w.browser().Post("/auth/login/", obj{"username": w.byID(id).Username, "password": thiefPassword})
		if guarded[id] && r.StatusCode == 200 {
			w.t.Fatalf("the stranger's password opens account %s", w.snapshot(id))
		}
	}
}

// deliver sends the waiting mails to the parties.
func (w *world) deliver() {
	mails := w.App.Mails(w.t, w.arena.box) // mails of the same time have no order
	slices.SortStableFunc(mails, func(a, b authtest.Mail) int { return strings.Compare(a.Kind+a.To, b.Kind+b.To) })
	for _, m := range mails {
		for _, p := range []*party{w.owner, w.stranger} {
			if p.has(m.To) {
				p.inbox = append(p.inbox, m)
				w.t.Logf("  %s gets %s at %s", p.name, m.Kind, m.To)
				break
			}
		}
	}
}

// rapidTB is a testing.TB whose failures rapid can shrink.
type rapidTB struct {
	testing.TB
	rapid *rapid.T
}

func (t rapidTB) Helper() { t.rapid.Helper() }

func (t rapidTB) Logf(format string, a ...any) { t.rapid.Logf(format, a...) }

func (t rapidTB) Fatal(a ...any) { t.rapid.Fatal(a...) }

func (t rapidTB) Fatalf(format string, a ...any) { t.rapid.Fatalf(format, a...) }
