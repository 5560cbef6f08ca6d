package dbtest

// A thief who knows the password, reads the mails and owns the provider's account, at all doors, with random programs made by rapid.

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var doorCases = Group{Name: "door", Cases: []func(*Case){noSequenceSkipsTheFactor}}

// noSequenceSkipsTheFactor: with a factor on, no sequence of requests over all doors yields a credential without it (T146, T167).
// The thief has everything but the factor, and an account of their own with a factor and trusted browsers. In between, the
// owner logs in, trusts a browser and changes things, and the thief learns the codes that were used.
func noSequenceSkipsTheFactor(c *Case) {
	fewPrograms()
	idp := socialtest.New(c.T)
	company := acme()
	company.EmailDomains, company.LinkByEmail = []string{"example.com"}, true
	c.With(mfa.Feature(mfa.Options{TrustDays: 14, EmailCodes: true}), idp.Feature(company)).StartMail(withEachCredential, byCode, func(cfg *config.Config) {
		cfg.LoginOnReset, cfg.LoginOnVerify, cfg.Mail.MaxPerHour = true, true, 1000
	})
	h := &house{Case: c, idp: idp}
	c.ownRoutes(func() models.Account { return h.account })
	rapid.Check(c.T, func(t *rapid.T) {
		h.move(t)
		step := rapid.Custom(func(t *rapid.T) [4]int {
			return [4]int{below(64).Draw(t, "verb"), below(8).Draw(t, "secret"), below(8).Draw(t, "code"), below(3).Draw(t, "browser")}
		})
		t.Repeat(map[string]func(*rapid.T){
			"thief": func(t *rapid.T) { h.steal(step.Draw(t, "step")) },
			"owner": func(t *rapid.T) { h.live(step.Draw(t, "step")) },
			"":      func(*rapid.T) { h.wantThiefOut() },
		})
		h.wantOwnerIn()
	})
}

// house is an account with a factor, its owner, and a thief.
type house struct {
	*Case
	t   rapidTB
	idp *socialtest.IDP
	n   int // of the program

	account    models.Account
	name, sub  string
	password   string
	owner      *authtest.Client
	phone      *authtest.TOTP
	recovery   []string
	mallory    *authtest.TOTP
	thief      []*authtest.Client // with each credential
	challenges []string           // tokens that the thief has
	codes      []string           // that are worth nothing: used ones, and those of mallory
	keys       []authtest.Mail    // mails that the thief reads
	texts      []string           // credentials in responses to the thief
}

// move makes new users for a program.
func (h *house) move(t *rapid.T) {
	h.n++
	h.Client() // the document of the application is made once
	h.t, h.name, h.sub, h.password = rapidTB{h.T, t}, fmt.Sprint("ann", h.n), fmt.Sprint("sub", h.n), authtest.Password
	h.Mails()
	h.owner = h.verified(h.name)
	h.connect(h.idp, h.owner, socialtest.Claims{"sub": h.sub})
	h.phone = h.TOTP(h.T, h.owner)
	h.recovery = h.phone.RecoveryCodes
	account := h.user(h.name)
	h.account = &account
	h.Mails()
	other := h.verified(fmt.Sprint("mallory", h.n))
	h.mallory = h.TOTP(h.T, other)
	h.Mails()
	h.codes = append([]string{"000000", "2222-2222", "0000-0000-0000-0000"}, h.mallory.RecoveryCodes[:2]...)
	h.thief, h.challenges, h.keys, h.texts = nil, []string{"x"}, nil, []string{"x"}
	for _, credential := range []string{"cookie", "token", "jwt"} {
		browser := authtest.NewClient(h.t, h.Router)
		browser.Header.Set("Auth-Credential", credential)
		h.thief = append(h.thief, browser)
	}
}

func pick[T any](all []T, i int) T { return all[i%len(all)] }

// latest is pick from the end.
func latest(all []string, i int) string { return all[len(all)-1-i%len(all)] }

// steal is a step of the thief. Everything in a response is kept.
func (h *house) steal(step [4]int) {
	browser := h.thief[step[3]]
	verb := pick(thiefAtDoors, step[0])
	r := verb.do(h, browser, latest(h.challenges, step[1]), latest(h.codes, step[2]))
	if r == nil {
		return
	}
	h.t.Logf("thief %d: %s: %s", step[3], verb.name, summary(r))
	h.keep(r)
}

func (h *house) keep(r *authtest.Response) {
	var out struct {
		EphemeralToken  string `json:"ephemeral_token"`
		ActivationToken string `json:"activation_token"`
		Key, Access     string
		Refresh         string
	}
	if r.StatusCode >= 300 || !strings.HasPrefix(strings.TrimSpace(r.Text), "{") {
		return
	}
	r.JSON(&out)
	for _, token := range []string{out.EphemeralToken, out.ActivationToken} {
		if token != "" {
			h.challenges = append(h.challenges, token)
		}
	}
	for _, text := range []string{out.Key, out.Access, out.Refresh, out.EphemeralToken} {
		if text != "" {
			h.texts = append(h.texts, text)
		}
	}
}

// mail returns the latest mail of a kind that the thief asked for. Links of notices are left out, because they remove all factors: see
// decision 95.
func (h *house) mail(path, kind string) (m authtest.Mail, ok bool) {
	authtest.NewClient(h.t, h.Router).Post(path, obj{"email": h.name + "@example.com"})
	h.keys = append(h.keys, h.App.Mails(h.t, h.Box)...)
	for _, mail := range h.keys {
		if mail.Kind == kind {
			m, ok = mail, true
		}
	}
	return m, ok
}

// live is a step of the owner.
func (h *house) live(step [4]int) {
	verb := pick(ownersAtDoors, step[0])
	h.t.Logf("owner: %s", verb.name)
	verb.do(h)
}

// wantThiefOut wants that nothing that the thief has is a credential of the account.
func (h *house) wantThiefOut() {
	clients := append([]*authtest.Client{}, h.thief...)
	for _, text := range h.texts {
		for _, scheme := range []string{"Bearer ", "Token "} {
			client := authtest.NewClient(h.t, h.Router)
			client.Header.Set("Authorization", scheme+text)
			clients = append(clients, client)
		}
	}
	for _, client := range clients {
		if who(client) == h.account.Base().ID {
			h.t.Fatalf("the thief is in the account, by %v %v", client.Cookies, client.Header)
		}
	}
	var one int64
	if err := h.DB.Model(&models.Session{}).Where("user_id = ? AND factors < 2 AND method <> ?", h.account.Base().ID, "password").Count(&one).Error; err != nil || one > 0 {
		h.t.Fatalf("%d sessions have one factor, %v", one, err)
	}
	if now := h.user(h.name); now.Factors != "totp" {
		h.t.Fatalf("the factors are %q", now.Factors)
	}
}

// wantOwnerIn wants that the account still opens with the factor.
func (h *house) wantOwnerIn() {
	ownersAtDoors[0].do(h)
	if who(h.owner) != h.account.Base().ID {
		h.t.Fatal("the owner is locked out")
	}
}

// enter logs the owner in, with a code if it is asked for. The thief learns the code, and the token when it is used.
func (h *house) enter(code string, trust bool) {
	r := h.owner.Post("/auth/login/", obj{"username": h.name, "password": h.password})
	var out struct {
		EphemeralToken string `json:"ephemeral_token"`
	}
	if r.JSON(&out); out.EphemeralToken == "" {
		return
	}
	h.owner.Post("/auth/mfa/verify/", obj{"ephemeral_token": out.EphemeralToken, "code": code, "trust": trust}).Want(200)
	h.challenges, h.codes = append(h.challenges, out.EphemeralToken), append(h.codes, code)
}

type ownerVerb struct {
	name string
	do   func(*house)
}

var ownersAtDoors = []ownerVerb{
	{"logs in", func(h *house) { h.enter(h.phone.Code(), false) }},
	{"trusts the browser", func(h *house) { h.enter(h.phone.Code(), true) }},
	{"uses a recovery code", func(h *house) {
		if len(h.recovery) > 0 {
			code := h.recovery[0]
			h.recovery = h.recovery[1:]
			h.enter(code, false)
		}
	}},
	{"logs out", func(h *house) { h.owner.Post("/auth/logout/", obj{}) }},
	{"proves the factor again", func(h *house) { h.owner.Post("/auth/reauthenticate/", obj{"code": h.phone.Code()}) }},
	{"adds an address", func(h *house) { h.owner.Post("/auth/emails/", obj{"email": fmt.Sprint("new", h.n, "@example.com")}) }},
	{"waits", func(h *house) { h.Clock.Advance(31 * time.Second) }},
	{"waits for long", func(h *house) { h.Clock.Advance(16 * time.Minute) }},
}
