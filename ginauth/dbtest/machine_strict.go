package dbtest

// The two applications of the machine. In the strict one, sign-ups wait for their address, deletions wait, staff needs a second factor, and
// browsers have JSON Web Tokens in cookies; see noSequenceBreaksTheStrictRules.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/impersonate"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
)

const (
	deleteGrace  = 7 * 24 * time.Hour
	requireGrace = 24 * time.Hour
)

// startMachine starts an application with all features that have routes of users and operators, and the given ones.
func (c *Case) startMachine(more ...core.Feature) *machine {
	c.Helper()
	return c.newMachine(mfa.Options{TrustDays: 14, EmailCodes: true, Recovery: recovery}, more)
}

// newMachine starts the application of a machine.
func (c *Case) newMachine(o mfa.Options, more []core.Feature, change ...func(*config.Config)) *machine {
	c.Helper()
	m := &machine{Case: c, idp: &redirectIDP{IDP: socialtest.New(c.T), codes: map[string]socialtest.Claims{}}, done: map[string]int{}}
	withSignUp := func(o *passkey.Options) { o.SignUp = true }
	byRedirect := social.Options{
		Providers: []social.Provider{acme()}, URL: "https://example.com/auth", Pages: []string{"https://example.com/done"}, AskUsername: true, Transport: m.idp,
	}
	c.With(append(more, mfa.Feature(o), social.Feature(byRedirect), passkeys(withSignUp), roles.Feature(shopManaged()), admin.Feature(admin.Options{}),
		impersonate.Feature(impersonate.Options{}), invitations(invite.Options{}))...).
		StartMail(append([]func(*config.Config){audited, exports, withEachCredential, byCode, func(cfg *config.Config) {
			cfg.LoginOnReset, cfg.LoginOnVerify, cfg.Mail.MaxPerHour = true, true, 10000
			if many := (config.Limit{Attempts: 1_000_000, Per: 24 * time.Hour}); c.limits != nil {
				cfg.Limits = config.Limits{
					Login: many, KnownBrowser: many, Password: many, Network: many, SignUp: many, Mail: many, AllSignUps: many, AllMails: many,
					Refresh: many, Start: many, AllStarts: many,
				}
			}
		}}, change...)...)
	m.handler = m.recordRoutes(c.Router)
	m.addChief()
	return m
}

// startStrictMachine starts the application with strict settings.
func (c *Case) startStrictMachine() *machine {
	c.Helper()
	o := mfa.Options{TrustDays: 14, EmailCodes: true, Recovery: recovery, RequireFor: forStaff, RequireFrom: time.Unix(1, 0), RequireGrace: requireGrace}
	m := c.newMachine(o, nil, mandatory, func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.JSONWebToken, config.OpaqueToken}
		cfg.JWT.Transport, cfg.DeleteGrace = config.InEither, deleteGrace
	})
	m.strict = true
	return m
}

// mustArm reports whether the player needs a second factor.
func (p *player) mustArm() bool {
	return p.strict && p.staff && !p.Clock.Now().Before(p.joined.Add(requireGrace))
}

// setUp sets the app up that a login requires. All other sessions end.
func (p *player) setUp(client *authtest.Client, token string, s move) bool {
	if !p.mustArm() || p.armed() {
		p.t.Fatalf("%s must set up a factor", p.name)
	}
	var offer mfa.Setup
	r := p.post(client, "mfa/setup/", obj{"ephemeral_token": token})
	if r.StatusCode != 200 || s.pick%8 == 7 {
		return false
	}
	r.JSON(&offer)
	if offer.EmailCode == p.byMail {
		p.t.Fatalf("%s needs a code of a mail to set up a factor: %v, after a login by mail: %v", p.name, offer.EmailCode, p.byMail)
	}
	phone := p.TOTPWith(p.t, offer.Secret)
	body := obj{"ephemeral_token": token, "activation_token": offer.ActivationToken, "code": phone.Code()}
	if offer.EmailCode {
		mail, _ := p.latestMail("mfa_code")
		body["email_code"] = mail.Code(p.t)
	}
	was := client.Clone()
	r = client.Post("/auth/mfa/setup/confirm/", body)
	if r.StatusCode != 200 {
		return false
	}
	p.end("a factor was set up", "", false, false)
	p.distrust()
	p.expireBound("a factor was set up")
	p.lost, p.phone, p.phoneAt, p.proof = nil, phone, p.Clock.Now(), 2
	p.note(client, was, r)
	p.once("challenge", "it was used", true, func(*authtest.Client) *authtest.Response {
		return was.Clone().Post("/auth/mfa/setup/confirm/", body)
	})
	p.usedCode("code", body["code"].(string))
	return true
}

// givesRank makes a user staff, or takes that away.
func (p *player) givesRank(s move) bool {
	u := p.on
	if u == p.stranger() {
		return false // who would be an operator
	}
	return manage("PATCH", "", obj{"is_staff": !u.staff}, func(u *player) { u.staff = !u.staff })(p, s)
}
