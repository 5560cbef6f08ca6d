package dbtest

// A panic in each function that the application can put into its configuration.

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-contrib/sessions/memstore"
	"github.com/gorilla/sessions"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/config/ratelimit"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

// bomb panics in the function of one field of the configuration.
type bomb struct{ armed atomic.Pointer[string] }

func (b *bomb) arm(field string) { b.armed.Store(&field) }
func (b *bomb) disarm()          { b.armed.Store(nil) }

// pass panics if the bomb is armed for the field. The value must not be logged.
func (b *bomb) pass(field string) {
	if armed := b.armed.Load(); armed != nil && *armed == field {
		panic("canary of " + field)
	}
}

// install puts a function with the bomb into each field.
func (b *bomb) install(cfg *config.Config) {
	b.hooks(&cfg.Hooks)
	cfg.NewUser = func() models.Account { b.pass("NewUser"); return &models.User{} }
	cfg.Backends = []config.Backend{config.BackendFunc(func(context.Context, config.Credentials) (models.Account, error) {
		b.pass("Backends")
		return nil, nil
	}), config.PasswordBackend{}}
	cfg.RegisterGuard = func(*http.Request) error { b.pass("RegisterGuard"); return nil }
	cfg.SessionStore = &bombStore{memstore.NewStore([]byte("for tests only: thirty-two bytes")), b}
	box := cfg.Mail.Sender
	cfg.Mail.Sender = config.MailerFunc(func(ctx context.Context, m config.Message) error { b.pass("Mail.Sender"); return box.Send(ctx, m) })
	cfg.PasswordRules = []config.PasswordRule{config.PasswordRuleFunc(func(context.Context, string, *models.User) (*binding.Problem, error) {
		b.pass("PasswordRules")
		return nil, nil
	})}
	many := config.Limit{Attempts: 1_000_000, Per: time.Hour}
	cfg.Limits = config.Limits{
		Login: many, KnownBrowser: many, Password: many, Network: many, SignUp: many, Mail: many, Refresh: many, AllSignUps: many, AllMails: many,
	}
	cfg.Captcha = config.Captcha{Always: []string{"user/delete"}, AfterHalf: []string{}, Verifier: config.CaptchaVerifierFunc(
		func(context.Context, string, string) (bool, error) { b.pass("Captcha.Verifier"); return true, nil })}
	cfg.Export = config.Export{Enabled: true, Data: func(context.Context, *gorm.DB, models.Account) (any, error) { b.pass("Export.Data"); return nil, nil }}
	cfg.JWT.Claims = func(context.Context, models.Account) (map[string]any, error) { b.pass("JWT.Claims"); return nil, nil }
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	cfg.JWT.Keys = []config.JWTKey{{Private: bombKey{key, b}}}
	cfg.Rand = bombRand{b}
	now := cfg.Now
	cfg.Now = func() time.Time { b.pass("Now"); return now() }
	b.forms(&cfg.Forms)
	b.views(cfg)
}

// hooks sets each hook, by reflection, so that the test forgets no hook.
func (b *bomb) hooks(h *config.Hooks) {
	all := reflect.ValueOf(h).Elem()
	for i := range all.NumField() {
		name := "Hooks." + all.Type().Field(i).Name
		switch field := all.Field(i).Addr().Interface().(type) {
		case *config.Before:
			*field = func(context.Context, *gorm.DB, config.Event) error { b.pass(name); return nil }
		case *config.After:
			*field = func(context.Context, config.Event) error { b.pass(name); return nil }
		}
	}
}

type (
	bombSignUp  struct{ binding.Register }
	bombProfile struct{ binding.UpdateUser }
	bombLogin   struct{ binding.Login }
	bombChange  struct{ binding.ChangePassword }
	bombReset   struct{ binding.ResetPassword }
	bombConfirm struct{ binding.ConfirmReset }
)

func (b *bomb) forms(f *config.Forms) {
	f.SignUp = config.Form(func(*bombSignUp, *models.User) error { b.pass("Forms.SignUp"); return nil })
	f.Profile = config.Form(func(*bombProfile, *models.User) error { b.pass("Forms.Profile"); return nil })
	f.Login = config.FormTx(func(context.Context, *gorm.DB, *bombLogin, *models.User) error { b.pass("Forms.Login"); return nil })
	f.PasswordChange = config.Form(func(*bombChange, *models.User) error { b.pass("Forms.PasswordChange"); return nil })
	f.PasswordReset = config.Form(func(*bombReset, *models.User) error { b.pass("Forms.PasswordReset"); return nil })
	f.ResetConfirm = config.FormTx(func(context.Context, *gorm.DB, *bombConfirm, *models.User) error {
		b.pass("Forms.ResetConfirm")
		return nil
	})
}

// bombView returns a view that changes nothing.
func bombView[T any](b *bomb) config.ViewSpec {
	name := "Views." + reflect.TypeFor[T]().Name()
	return config.View(func(in T) T { b.pass(name); return in })
}

func (b *bomb) views(cfg *config.Config) {
	cfg.Views = config.Views{
		bombView[binding.LoginResponse](b), bombView[binding.User](b), bombView[binding.Detail](b), bombView[binding.Tokens](b),
		bombView[binding.Session](b), bombView[binding.Token](b), bombView[binding.NewToken](b), bombView[binding.Email](b), bombView[binding.Error](b),
	}
}

type bombStore struct {
	memstore.Store
	b *bomb
}

func (s *bombStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

func (s *bombStore) New(r *http.Request, name string) (*sessions.Session, error) {
	s.b.pass("SessionStore")
	return s.Store.New(r, name)
}

type bombLimits struct {
	ratelimit.Store
	b *bomb
}

func (l bombLimits) TakeLimits(ctx context.Context, now int64, by string, buckets []ratelimit.Bucket) ([]ratelimit.Taken, error) {
	l.b.pass("Limits.Store")
	return l.Store.TakeLimits(ctx, now, by, buckets)
}

type bombKey struct {
	crypto.Signer
	b *bomb
}

func (k bombKey) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.b.pass("JWT.Keys.Private")
	return k.Signer.Sign(random, digest, opts)
}

type bombRand struct{ b *bomb }

func (r bombRand) Read(p []byte) (int, error) { r.b.pass("Rand"); return rand.Reader.Read(p) }

// callable are the functions and interfaces of a configuration that the library calls while it serves requests, by field. They are found by
// reflection, and the types of views in the error of New.
func (c *Case) callable() (all []string) {
	never := map[string]string{"Texts": "it is read by New only", "JWT.Keys.Public": "the library calls no method of it"}
	var walk func(t reflect.Type, at string)
	walk = func(t reflect.Type, at string) {
		if never[at] != "" {
			return
		}
		switch t.Kind() {
		case reflect.Func, reflect.Interface:
			all = append(all, at)
		case reflect.Slice:
			if at != "Views" {
				walk(t.Elem(), at)
			}
		case reflect.Pointer:
			if t == reflect.TypeFor[*config.FormSpec]() {
				all = append(all, at)
			}
		case reflect.Struct:
			for _, f := range reflect.VisibleFields(t) {
				if f.IsExported() && !f.Anonymous {
					walk(f.Type, strings.TrimPrefix(at+"."+f.Name, "."))
				}
			}
		}
	}
	walk(reflect.TypeFor[config.Config](), "")
	_, list, _ := strings.Cut(c.refusedView(), "use one of [")
	list, _, _ = strings.Cut(list, "]")
	for _, name := range strings.Fields(list) {
		all = append(all, "Views."+strings.TrimPrefix(name, "binding."))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// panicsOfTheApplication: if any function of the configuration panics, the response is 500, or for what runs after the change that of the
// change; nothing is half done, the log names the function and not the value, no connection stays busy, and the same request works later.
func panicsOfTheApplication(c *Case) {
	var b bomb
	c.limits = func(testing.TB) ratelimit.Store { return bombLimits{&ratelimit.MemoryStore{}, &b} }
	c.With(admin.Feature(admin.Options{}), roles.Feature(shopManaged())).StartMail(withEachCredential, byCode, b.install, func(cfg *config.Config) {
		cfg.Mail.MaxPerHour, cfg.Timeout = -1, 10*time.Second
	})
	p := &panics{Case: c, bomb: &b}
	p.root = p.operator()
	triggers := p.triggers()
	third := map[string]int{"postgres": 1, "mysql": 2}[c.DB.Name()]
	for i, field := range c.callable() {
		trigger, found := triggers[field]
		if !found {
			c.Errorf("%s has no case: what happens if it panics?", field)
			continue
		}
		delete(triggers, field)
		if c.DB.Name() == "sqlite" || longForm() || i%3 == third { // all on SQLite, and a third on the others
			p.play(field, trigger)
		}
	}
	for field := range triggers {
		c.Errorf("%s is not in the configuration", field)
	}
}

// play sends a request during which the function of a field panics, and again without the panic.
func (p *panics) play(field string, trigger func() panicking) {
	c := p.Case
	t := trigger()
	c.Mails()
	before, logged := c.wholeDumpSorted(), len(c.Log.String())
	client := t.client.Clone()
	began := time.Now()
	p.arm(field)
	got := client.Do(t.method, "/auth/"+t.path, t.body)
	if t.then != nil {
		t.then()
	}
	p.disarm()
	if got.StatusCode != t.panics || time.Since(began) > 10*time.Second {
		c.Errorf("%s panics: %d after %s, want %d: %s", field, got.StatusCode, time.Since(began), t.panics, got.Text)
	}
	log := c.Log.String()[logged:]
	if !strings.Contains(log, "ginauth: panic") || !strings.Contains(log, "dbtest.(*bomb).pass") || !strings.Contains(log, "fault_panic.go") {
		c.Errorf("%s panics, and the log has: %s", field, log)
	}
	if name, isHook := strings.CutPrefix(field, "Hooks.After"); isHook && name != "" && !strings.Contains(strings.ReplaceAll(log, "_", ""), "event="+strings.ToLower(name)) {
		c.Errorf("the log does not name %s: %s", field, log)
	}
	if strings.Contains(log+got.Text, "canary") {
		c.Errorf("%s: the value of the panic is in the log or the response", field)
	}
	if after := c.wholeDumpSorted(); t.panics == 500 && !t.committed && after != before && field != "Export.Data" { // an export that fails counts
		c.Errorf("%s is incomplete: %s", field, difference(before, after))
	}
	if t.panics == 500 && setsCookie(got) {
		c.Errorf("%s: the response sets a cookie", field)
	}
	one, err := c.DB.DB()
	c.must(err)
	if busy := one.Stats().InUse; busy != 0 {
		c.Errorf("%s: %d connections stay busy", field, busy)
	}
	if t.panics != 500 || t.committed {
		t = trigger()
	}
	if again := t.client.Do(t.method, "/auth/"+t.path, t.body); again.StatusCode != t.status {
		c.Errorf("%s: %d afterwards, want %d: %s", field, again.StatusCode, t.status, again.Text)
	}
}

// refusedView returns the error of New about a view of a type that has no view.
func (c *Case) refusedView() string {
	type none struct{}
	return fmt.Sprint(newAuth(c.DB, config.Views{config.View(func(none) none { return none{} })}))
}
