package dbtest

// Statements that fail or stall in the flows of features; see fault.go for those of the library itself.

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/impersonate"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
	"github.com/ginauth/gin-rest-auth/models"
)

// longForm reports whether tests run in their long form.
func longForm() bool { return os.Getenv("GINAUTH_TEST_LONG") != "" }

// request is a request of a flow, which changes nothing until it succeeds.
type request struct {
	client       *authtest.Client
	method, path string
	body         any
	status       int
	reads        bool // it reads the user for the response after the commit; a failure there is 503 as well, though the change is made
}

// ward has an application with all features, and makes users for flows.
type ward struct {
	*Case
	idp  *socialtest.IDP
	root *authtest.Client
	n    int
}

func (c *Case) startWard() *ward {
	c.Helper()
	w := &ward{Case: c, idp: socialtest.New(c.T)}
	hooks := webhook.Options{Endpoints: []webhook.Endpoint{c.receiver().endpoint()}, AllowPrivateNetworks: true, InsecureAllowHTTP: true}
	c.With(webhook.Feature(hooks), mfa.Feature(mfa.Options{TrustDays: 14}), w.idp.Feature(acme()), passkeys(), roles.Feature(shopManaged()),
		admin.Feature(admin.Options{}), impersonate.Feature(impersonate.Options{}), invitations(invite.Options{})).
		StartMail(audited, withEachCredential, byCode, func(cfg *config.Config) { cfg.Mail.MaxPerHour = -1 })
	c.App.User(c.T, "root", func(u *models.User) { u.IsSuperuser = true })
	w.root = c.LoggedIn("root")
	return w
}

// user makes a user with a confirmed address.
func (w *ward) user() (browser *authtest.Client, name string) {
	w.n++
	name = fmt.Sprint("user", w.n)
	browser = w.SignedUp(name)
	w.verify(w.mailTo(name+"@example.com", "verify").Key(w.T)).Want(200)
	return browser, name
}

// waiting makes a user with an app, whose login in another browser waits for the code.
func (w *ward) waiting() (body obj, phone *authtest.TOTP, browser, other *authtest.Client, name string) {
	browser, name = w.user()
	phone, other = w.TOTP(w.T, browser), w.Client()
	var waits binding.Challenge
	other.Post("/auth/login/", authtest.Login(name)).Want(200).JSON(&waits)
	return obj{"ephemeral_token": waits.EphemeralToken}, phone, browser, other, name
}

// statementsOfFeaturesFail covers T041, T047 and T209: if any statement of a flow fails, the response is 503, no row of any table differs, no
// cookie is set, and the same request succeeds later.
func statementsOfFeaturesFail(c *Case) {
	w := c.startWard()
	var blown fuse
	blown.install(c)
	statements, flows := 0, w.some()
	if c.DB.Name() == "sqlite" {
		flows = w.flows()
	}
	for _, flow := range flows {
		r := flow.begin()
		c.Mails() // so that no worker has something to do
		before := c.wholeDumpSorted()
		for n := int64(1); ; n++ {
			client := r.client.Clone()
			blown.left.Store(n)
			got := client.Do(r.method, "/auth/"+r.path, r.body)
			if blown.left.Swap(0) >= 0 {
				if got.StatusCode != r.status {
					c.Errorf("%s: %d %s", flow.name, got.StatusCode, got.Text)
				}
				break
			}
			statements++
			if got.StatusCode != 503 || strings.Contains(got.Text, "root@") || setsCookie(got) {
				c.Errorf("%s, statement %d: %d %s %v", flow.name, n, got.StatusCode, got.Text, got.Header)
			}
			if after := c.wholeDumpSorted(); after != before {
				if r.reads {
					break
				}
				c.Errorf("%s is incomplete after statement %d failed: %s", flow.name, n, difference(before, after))
				before = after
			}
		}
	}
	c.Logf("%d statements failed", statements)
}

// statementsOfFeaturesStall: a statement that hangs ends with the deadline, and leaves nothing half done. The long form, with
// GINAUTH_TEST_LONG, tries each statement of each flow; the quick one the fourth of a third of the flows.
func statementsOfFeaturesStall(c *Case) {
	w := c.startWard()
	hasty := c.another(c.Box.Configure, audited, withEachCredential, byCode, withShortTimeout, func(cfg *config.Config) { cfg.Now = c.Clock.Now })
	left := c.stalls()
	for _, flow := range w.some() {
		r := flow.begin()
		c.Mails()
		before, first, busy := c.wholeDumpSorted(), int64(4), 0
		if longForm() {
			first = 1
		}
		for n := first; ; n++ {
			client := authtest.NewClient(c.T, hasty.Router)
			client.Cookies, client.Header = r.client.Clone().Cookies, r.client.Header.Clone()
			left.Store(n)
			began := time.Now()
			got := client.Do(r.method, "/auth/"+r.path, r.body)
			if left.Swap(0) > 0 {
				if got.StatusCode == 503 && busy < 5 { // the machine is too slow for the deadline, and the statement was not reached
					busy, n = busy+1, n-1
					continue
				}
				if got.StatusCode != r.status {
					c.Errorf("%s: %d %s", flow.name, got.StatusCode, got.Text)
				}
				break
			}
			if took := time.Since(began); got.StatusCode != 503 || setsCookie(got) || took > 10*time.Second {
				c.Errorf("%s, statement %d: %d %s after %s", flow.name, n, got.StatusCode, got.Text, took)
			}
			if after := c.wholeDumpSorted(); after != before {
				if r.reads {
					break
				}
				c.Errorf("%s is incomplete after statement %d stalled: %s", flow.name, n, difference(before, after))
			}
			if !longForm() {
				break
			}
		}
	}
}

// stalls returns a counter: the statement that makes it 0 waits until its context ends.
func (c *Case) stalls() *atomic.Int64 {
	c.Helper()
	var left atomic.Int64
	step := func(db *gorm.DB) {
		if db.DryRun || left.Load() <= 0 || left.Add(-1) != 0 {
			return
		}
		select {
		case <-db.Statement.Context.Done():
			_ = db.AddError(db.Statement.Context.Err())
		case <-time.After(30 * time.Second):
			c.Errorf("a statement on %q has no deadline", db.Statement.Table)
		}
	}
	c.beforeAll("stall", step)
	return &left
}

// beforeAll runs step before each statement.
func (c *Case) beforeAll(name string, step func(*gorm.DB)) {
	c.Helper()
	all := c.DB.Callback()
	c.must(errors.Join(
		all.Query().Before("*").Register(name, step), all.Create().Before("*").Register(name, step), all.Update().Before("*").Register(name, step),
		all.Delete().Before("*").Register(name, step), all.Row().Before("*").Register(name, step), all.Raw().Before("*").Register(name, step),
	))
}

// setsCookie reports whether a response sets a cookie, other than the name of a browser that begins a login.
func setsCookie(r *authtest.Response) bool {
	return slices.ContainsFunc(r.Cookies(), func(k *http.Cookie) bool { return !strings.HasSuffix(k.Name, "challenge") })
}

// wholeDumpSorted is wholeDump in an order that does not change.
func (c *Case) wholeDumpSorted() string {
	c.Helper()
	lines := strings.Split(c.wholeDump(), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// difference returns the lines that only one of two dumps has.
func difference(before, after string) string {
	was, is := strings.Split(before, "\n"), strings.Split(after, "\n")
	var out []string
	for _, line := range was {
		if _, found := slices.BinarySearch(is, line); !found {
			out = append(out, "- "+line)
		}
	}
	for _, line := range is {
		if _, found := slices.BinarySearch(was, line); !found {
			out = append(out, "+ "+line)
		}
	}
	return strings.Join(out, "; ")
}
