package dbtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
)

// party is the owner or the stranger. The stranger knows the name and the first address of the owner. Mails to the
// owner's addresses reach only the owner.
type party struct {
	w                *world
	name, password   string // the password is empty while the owner has none
	names, addresses []string
	browsers, tokens []*authtest.Client
	inbox            []authtest.Mail
}

func (w *world) newParty(name, password string, names []string, addresses ...string) *party {
	p := &party{w: w, name: name, password: password, names: names, addresses: addresses}
	p.browsers = []*authtest.Client{w.browser(), w.browser()}
	return p
}

// browser returns a new browser. Its responses are not compared with the OpenAPI document.
func (w *world) browser() *authtest.Client {
	return authtest.NewClient(w.t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.Router.ServeHTTP(rw, r.WithContext(passhash.Counted(r.Context(), &w.hashes)))
	}))
}

// has reports whether mails to an address reach the party.
func (p *party) has(address string) bool {
	return slices.Contains(p.addresses, address)
}

// step is an action of one of the parties, or passing time.
type step struct {
	by                                 string
	verb, name, address, browser, mail int
	code                               bool
}

func (s step) String() string {
	what := fmt.Sprint(s.verb % 6)
	switch s.by {
	case "owner":
		what = ownerVerbs[s.verb%len(ownerVerbs)].name
	case "stranger":
		what = strangerVerbs[s.verb%len(strangerVerbs)].name
	}
	return fmt.Sprintf("%s %s (name %d, address %d, browser %d, mail -%d, code %v)", s.by, what, s.name, s.address, s.browser, s.mail, s.code)
}

// GoString writes a step for rapid.
func (s step) GoString() string { return "\n\t" + s.String() }

func steps(by ...string) *rapid.Generator[step] {
	return rapid.Custom(func(t *rapid.T) step {
		return step{
			by: by[below(len(by)).Draw(t, "by")], verb: below(64).Draw(t, "verb"), name: below(2).Draw(t, "name"), address: below(3).Draw(t, "address"),
			browser: below(2).Draw(t, "browser"), mail: rapid.IntRange(0, 7).Draw(t, "mail"), code: rapid.Bool().Draw(t, "code"),
		}
	})
}

// below draws numbers below n evenly. Most integers of rapid itself are small.
func below(n int) *rapid.Generator[int] {
	return rapid.Custom(func(t *rapid.T) (i int) {
		for range 6 {
			if i *= 2; rapid.Bool().Draw(t, "bit") {
				i++
			}
		}
		return i % n
	})
}

type verb struct {
	name string
	do   func(*party, step) *authtest.Response // nil if it is not possible now
}

var (
	bothVerbs = []verb{
		{"opens a mail", (*party).open}, {"opens a mail", (*party).open}, {"logs in", (*party).login}, {"logs in by address", (*party).loginByAddress},
		{"logs in elsewhere", (*party).loginElsewhere},
		{"asks for a reset", post("password/reset")}, {"asks for a code", post("login/code")}, {"has the link sent", post("registration/resend-email")},
		{"corrects the address", (*party).correct}, {"adds an address", (*party).add}, {"makes an address primary", ofAddress("primary")},
		{"logs out", func(p *party, s step) *authtest.Response { return p.in(s).Post("/auth/logout/", nil) }},
	}
	strangerVerbs = append(slices.Clone(bothVerbs), []verb{
		{"signs up", (*party).signUp}, {"signs up", (*party).signUp}, {"removes an address", ofAddress("")}, {"has the link of an address sent", ofAddress("resend")},
		{"changes the password", (*party).change}, {"deletes the account", func(p *party, s step) *authtest.Response {
			return p.in(s).Post("/auth/user/delete/", obj{"password": p.password})
		}},
		{"settles", (*party).joinNormally}, {"makes a token", (*party).token}, {"tries a code", (*party).guess},
	}...)
	ownerVerbs = append(slices.Clone(bothVerbs), []verb{
		{"opens a mail", (*party).open}, {"opens a mail", (*party).open}, {"opens a mail", (*party).open}, {"changes the password", (*party).change},
	}...)
)

func (p *party) in(s step) *authtest.Client { return p.browsers[s.browser] }

func (p *party) its(s step) string { return p.addresses[s.address%len(p.addresses)] }

func (p *party) named(s step) string { return p.names[s.name%len(p.names)] }

// post sends one of the party's addresses to a path.
func post(path string) func(*party, step) *authtest.Response {
	return func(p *party, s step) *authtest.Response {
		return p.in(s).Post("/auth/"+path+"/", obj{"email": p.its(s)})
	}
}

// ofAddress applies an action to an address of the account that the browser is logged in to.
func ofAddress(action string) func(*party, step) *authtest.Response {
	return func(p *party, s step) *authtest.Response {
		var all []binding.Email
		r := p.in(s).Get("/auth/emails/")
		if r.StatusCode != 200 || json.Unmarshal([]byte(r.Text), &all) != nil || len(all) == 0 {
			return nil
		}
		path, body := emailPath(all[s.address%len(all)].ID, action), obj{"password": p.password}
		if action == "" {
			return p.in(s).Do("DELETE", path, body)
		}
		return p.in(s).Post(path, body)
	}
}

func (p *party) signUp(s step) *authtest.Response {
	return p.in(s).Post("/auth/registration/", binding.Register{Username: p.named(s), Email: p.its(s), Password1: p.password, Password2: p.password})
}

// joinNormally gets the party into an account with its own address by the usual steps.
func (p *party) joinNormally(s step) *authtest.Response {
	own := step{browser: s.browser, address: 1}
	p.signUp(own)
	p.w.deliver()
	p.open(step{browser: s.browser})
	return p.login(own)
}

func (p *party) login(s step) *authtest.Response {
	return p.in(s).Post("/auth/login/", obj{"username": p.named(s), "password": p.password})
}

func (p *party) loginByAddress(s step) *authtest.Response {
	return p.in(s).Post("/auth/login/", obj{"email": p.its(s), "password": p.password})
}

// loginElsewhere is a login in a new browser, which causes a mail.
func (p *party) loginElsewhere(s step) *authtest.Response {
	p.browsers[s.browser] = p.w.browser()
	return p.login(s)
}

func (p *party) correct(s step) *authtest.Response {
	return p.in(s).Post("/auth/registration/correct-email/", obj{"username": p.named(s), "password": p.password, "email": p.its(s)})
}

func (p *party) add(s step) *authtest.Response {
	return p.in(s).Post("/auth/emails/", obj{"email": p.its(s), "password": p.password})
}

func (p *party) change(s step) *authtest.Response {
	renewed := p.password
	if p.name == "owner" {
		renewed = p.renewed()
	}
	return p.in(s).Post("/auth/password/change/", change(p.password, renewed))
}

func (p *party) token(s step) *authtest.Response {
	var out binding.NewToken
	r := p.in(s).Post("/auth/tokens/", obj{"name": "backdoor", "password": p.password})
	if r.StatusCode == 201 {
		r.JSON(&out)
		browser := p.w.browser()
		browser.Header.Set("Authorization", "Bearer "+out.Key)
		p.tokens = append(p.tokens, browser)
	}
	return r
}

// guess sends a wrong code.
func (p *party) guess(s step) *authtest.Response {
	path := []string{"registration/verify-email", "password/reset/confirm", "login/code/confirm"}[s.mail%3]
	return p.in(s).Post("/auth/"+path+"/", obj{"email": p.its(s), "code": "BBBB-BBBB", "new_password1": p.password, "new_password2": p.password})
}

// renewed returns the password that a link or form sets. The stranger has only one.
func (p *party) renewed() string {
	if p.name == "owner" {
		return map[bool]string{true: "Mirror-Maze-89", false: "Mirror-Maze-88"}[p.password == "Mirror-Maze-88"]
	}
	return p.password
}

// latest returns a mail of the party, counted from the last one.
func (p *party) latest(s step) (m authtest.Mail, ok bool) {
	if len(p.inbox) == 0 {
		return m, false
	}
	return p.inbox[len(p.inbox)-1-s.mail%len(p.inbox)], true
}

// open does what a mail asks for.
func (p *party) open(s step) *authtest.Response {
	m, ok := p.latest(s)
	if !ok || m.Kind == "account_deleted" {
		return nil
	}
	return p.follow(p.in(s), m, s.code)
}

func (p *party) follow(browser *authtest.Client, m authtest.Mail, byCode bool) *authtest.Response {
	t, form := p.w.t, obj{}
	if byCode && !isNotice(m) {
		form = obj{"email": m.To, "code": m.Code(t)}
	} else if form["key"] = m.Key(t); isReset(m) {
		form = obj{"uid": m.UID(t), "token": m.Key(t)}
	}
	path := "security/revoke"
	switch {
	case m.Kind == "verify":
		path = "registration/verify-email"
	case m.Kind == "login_code":
		path = "login/code/confirm"
	case isReset(m):
		path = "password/reset/confirm"
		form["new_password1"], form["new_password2"] = p.renewed(), p.renewed()
	}
	return browser.Post("/auth/"+path+"/", form)
}

func isReset(m authtest.Mail) bool {
	return m.Kind == "reset" || m.Kind == "secured" || m.Kind == "account_exists"
}

func isNotice(m authtest.Mail) bool {
	return m.Kind != "" && !isReset(m) && m.Kind != "verify" && m.Kind != "login_code"
}

// who returns the ID of the user that a browser is logged in as, or 0.
func who(browser *authtest.Client) int64 {
	var user binding.User
	if r := browser.Get("/auth/user/"); r.StatusCode == 200 {
		r.JSON(&user)
	}
	return user.PK
}

var codes = regexp.MustCompile(`"code":"[a-z_]+"`)

// summary is the part of a response that a log needs.
func summary(r *authtest.Response) string {
	return fmt.Sprint(r.StatusCode, " ", strings.Join(codes.FindAllString(r.Text, -1), " "))
}
