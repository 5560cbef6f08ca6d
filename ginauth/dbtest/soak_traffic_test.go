package dbtest

// The traffic of the soak: lives of users, and the faults on their way.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/impersonate"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
)

// soak is an application with all features, the faults, and what came of the traffic.
type soak struct {
	*Case
	soakFaults
	tally
	idp   *socialtest.IDP
	hooks *receiver
	post  *letterbox
	codes sync.Map // recovery codes by the user's name
}

// letterbox keeps the last mail of each kind to each address. Now and then it fails or panics.
type letterbox struct {
	faulty     *atomic.Bool
	n          atomic.Int64
	sent, lost atomic.Int64

	mu    sync.Mutex
	mails map[string]config.Message
	came  map[string]chan struct{} // closed when the mail has come
}

// Send implements config.Mailer.
func (l *letterbox) Send(_ context.Context, m config.Message) error {
	if n := l.n.Add(1); l.faulty.Load() && n%25 == 0 {
		l.lost.Add(1)
		if n%50 == 0 {
			panic("the mailer panics")
		}
		return errors.New("the mail server is busy")
	}
	l.sent.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	key := m.Kind + " " + m.To
	l.mails[key] = m
	if came := l.came[key]; came != nil {
		close(came)
		delete(l.came, key)
	}
	return nil
}

// take waits for a mail, for at most half a second.
func (l *letterbox) take(kind, to string) (authtest.Mail, bool) {
	key := kind + " " + to
	l.mu.Lock()
	came := make(chan struct{})
	if m, found := l.mails[key]; found {
		delete(l.mails, key)
		l.mu.Unlock()
		return authtest.Mail{Message: m}, true
	}
	l.came[key] = came
	l.mu.Unlock()
	select {
	case <-came:
	case <-time.After(500 * time.Millisecond):
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.came, key)
	m, found := l.mails[key]
	delete(l.mails, key)
	return authtest.Mail{Message: m}, found
}

func (l *letterbox) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mails, l.came = map[string]config.Message{}, map[string]chan struct{}{}
}

func startSoak(c *Case) *soak {
	s := &soak{Case: c, idp: socialtest.New(c.T)}
	s.post = &letterbox{faulty: &s.faulty}
	s.post.clear()
	s.hooks = c.receiver()
	hooks := webhook.Options{Endpoints: []webhook.Endpoint{s.hooks.endpoint()}, AllowPrivateNetworks: true, InsecureAllowHTTP: true}
	c.With(webhook.Feature(hooks), mfa.Feature(mfa.Options{TrustDays: 14}), s.idp.Feature(acme()), passkeys(), roles.Feature(shopManaged()),
		impersonate.Feature(impersonate.Options{}), invitations(invite.Options{})).
		Start((&authtest.Mailbox{}).Configure, audited, withEachCredential, byCode, s.configure)
	c.beforeAll("soak", s.step)
	return s
}

func (s *soak) configure(cfg *config.Config) {
	cfg.Mail.Sender, cfg.Mail.Poll, cfg.Mail.MaxPerHour = s.post, 50*time.Millisecond, -1
	cfg.Logger, cfg.Timeout = slog.New(slog.DiscardHandler), time.Second
	many := config.Limit{Attempts: 1_000_000, Per: time.Hour}
	cfg.Limits = config.Limits{
		Login: many, KnownBrowser: many, Password: many, Network: many, SignUp: many, Mail: many, Refresh: many,
		AllSignUps: many, AllMails: many, Start: many, AllStarts: many,
	}
	jump := func() {
		if n := s.called.Add(1); s.faulty.Load() && n%40 == 0 {
			s.panicked.Add(1)
			panic("a hook panics")
		}
	}
	before := func(context.Context, *gorm.DB, config.Event) error { jump(); return nil }
	cfg.Hooks.BeforeRegister, cfg.Hooks.BeforeLogin, cfg.Hooks.BeforeVerify, cfg.Hooks.BeforeDelete = before, before, before, before
	cfg.Hooks.After = func(context.Context, config.Event) error { jump(); return nil }
}

// step makes one of 200 statements fail, and one of 2,000 stall.
func (s *soak) step(db *gorm.DB) {
	if db.DryRun || !s.faulty.Load() {
		return
	}
	switch n := s.ran.Add(1); {
	case n%2000 == 777:
		s.stalled.Add(1)
		select {
		case <-db.Statement.Context.Done():
			_ = db.AddError(db.Statement.Context.Err())
		case <-time.After(2 * time.Second): // background work has no deadline
		}
	case n%200 == 77:
		s.failed.Add(1)
		_ = db.AddError(errFuse)
	}
}

// send sends a request, which must answer in time: as wanted, or that something failed.
func (s *soak) send(browser *authtest.Client, method, path string, body any, status int) (*authtest.Response, bool) {
	began := time.Now()
	r := browser.Do(method, "/auth/"+path, body)
	return s.judge(r, began, method, path, status)
}

func (s *soak) judge(r *authtest.Response, began time.Time, method, path string, status int) (*authtest.Response, bool) {
	s.requests.Add(1)
	s.add(r.StatusCode)
	took := time.Since(began)
	if r.StatusCode != status && r.StatusCode != 500 && r.StatusCode != 503 || took > 10*time.Second {
		s.Errorf("%s %s: %d after %s: %s", method, path, r.StatusCode, took, r.Text)
	}
	return r, r.StatusCode == status
}

// live plays the life of one user. A failure ends a part of it.
func (s *soak) live() {
	s.lives.Add(1)
	name := fmt.Sprint("user", s.users.Add(1))
	address := name + "@example.com"
	browser := authtest.NewClient(s.T, s.Router)
	if _, ok := s.send(browser, "POST", "registration/", authtest.SignUp(name), 201); !ok {
		return
	}
	s.send(browser, "GET", "user/", nil, 200)
	s.send(browser, "PATCH", "user/", obj{"first_name": "A"}, 200)
	s.send(authtest.NewClient(s.T, s.Router), "POST", "login/", obj{"username": name, "password": "wrong"}, 400)
	m, came := s.post.take("verify", address)
	if !came {
		return
	}
	if _, ok := s.send(browser, "POST", "registration/verify-email/", obj{"key": m.Key(s.T)}, 200); !ok {
		return // a code by mail would end the session of the account
	}
	s.tokens(name)
	s.code(name)
	s.factor(browser, name)
	s.provider(name)
	if _, ok := s.send(browser, "POST", "password/reset/", obj{"email": address}, 200); ok {
		if m, came := s.post.take("reset", address); came {
			s.send(authtest.NewClient(s.T, s.Router), "POST", "password/reset/confirm/", resetForm(m.UID(s.T), m.Key(s.T), authtest.Password), 200)
		}
	}
	leaving := authtest.NewClient(s.T, s.Router)
	if s.logIn(leaving, name) {
		s.send(leaving, "GET", "sessions/", nil, 200)
		if s.tick.Add(1)%2 == 0 {
			s.send(leaving, "POST", "user/delete/", obj{"password": authtest.Password}, 200)
		} else {
			s.send(leaving, "POST", "logout/", nil, 200)
		}
	}
}

// enter sends a login with the right password. PostgreSQL can commit a change of the user whose request has been answered 503 at its deadline. A
// login during which that happens is refused, because what it compared may have changed; the next one must succeed.
func (s *soak) enter(browser *authtest.Client, name string) (*authtest.Response, bool) {
	began := time.Now()
	first := browser.Do("POST", "/auth/login/", authtest.Login(name))
	if first.StatusCode != 400 {
		return s.judge(first, began, "POST", "login/", 200)
	}
	s.overtaken.Add(1)
	return s.send(browser, "POST", "login/", authtest.Login(name), 200)
}

// tokens logs in for JSON Web Tokens, refreshes them and logs out.
func (s *soak) tokens(name string) {
	client := authtest.NewClient(s.T, s.Router)
	client.Header.Set("Auth-Credential", "jwt")
	r, ok := s.enter(client, name)
	if !ok {
		return
	}
	var pair binding.Tokens
	r.JSON(&pair)
	for range 2 {
		if r, ok = s.send(client, "POST", "token/refresh/", obj{"refresh": pair.Refresh}, 200); !ok {
			return
		}
		r.JSON(&pair)
	}
	client.Header.Set("Authorization", "Bearer "+pair.Access)
	s.send(client, "GET", "user/", nil, 200)
	s.send(client, "POST", "logout/", obj{"refresh": pair.Refresh}, 200)
}

// logIn logs in with a password, and with a code if the user has an authenticator app.
func (s *soak) logIn(browser *authtest.Client, name string) bool {
	r, ok := s.enter(browser, name)
	if !ok {
		return false
	}
	var waits binding.Challenge
	if r.JSON(&waits); waits.EphemeralToken == "" {
		return true
	}
	codes, has := s.codes.LoadAndDelete(name)
	if !has {
		return false
	}
	_, ok = s.send(browser, "POST", "mfa/verify/", obj{"ephemeral_token": waits.EphemeralToken, "code": codes.([]string)[0]}, 200)
	return ok
}

// factor sets an authenticator app up, and begins a passkey.
func (s *soak) factor(browser *authtest.Client, name string) {
	s.send(browser, "POST", "passkeys/register/begin/", nil, 200)
	s.send(browser, "POST", "tokens/", obj{"name": "backup"}, 201)
	r, ok := s.send(browser, "GET", "mfa/totp/activate/", nil, 200)
	if !ok {
		return
	}
	var offer struct {
		Secret string `json:"secret"`
		Token  string `json:"activation_token"`
	}
	r.JSON(&offer)
	code := s.TOTPWith(s.T, offer.Secret).Code()
	if r, ok = s.send(browser, "POST", "mfa/totp/activate/", obj{"activation_token": offer.Token, "code": code}, 200); !ok {
		return
	}
	var out struct {
		Codes []string `json:"recovery_codes"`
	}
	r.JSON(&out)
	s.codes.Store(name, out.Codes)
}

// code logs in by a code from a mail.
func (s *soak) code(name string) {
	client := authtest.NewClient(s.T, s.Router)
	if _, ok := s.send(client, "POST", "login/code/", obj{"email": name + "@example.com"}, 200); !ok {
		return
	}
	if m, came := s.post.take("login_code", name+"@example.com"); came {
		s.send(client, "POST", "login/code/confirm/", obj{"key": m.Key(s.T)}, 200)
	}
}

// provider signs another user up by a provider.
func (s *soak) provider(name string) {
	client := authtest.NewClient(s.T, s.Router)
	token := s.idp.IDToken(s.App, acme(), socialtest.Claims{"sub": "sub " + name, "email": name + "@acme.example", "email_verified": true})
	s.send(client, "POST", "acme/", obj{"id_token": token}, 200)
}
