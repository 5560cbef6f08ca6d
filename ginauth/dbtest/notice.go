package dbtest

import (
	"maps"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var noticeCases = Group{Name: "notice", Cases: []func(*Case){
	securedDuringPasswordChanges, noticeOfAStrangersAccountTakesNothing, noticesIgnoreAddressesWithoutAUser,
	noticeOfAPasswordChange, noticeOfANewDevice, itWasNotMe, ownerWinsOverThief, noticesCanBeSilenced,
	noticesSayNothingOfTheClient, knownDevicesSurviveANewSecret, confirmationVoidsOtherNotices, oldNoticeIsVoidAfterTheNextOwnerConfirms,
	oldNoticeTakesNoClaimedAddress, noticeKeepsAClaimedAddress, noticesGoToConfirmedAddresses,
}}

// confirmationVoidsOtherNotices: a notice to an unconfirmed address is void once the user has confirmed another address,
// also if that happens while the link is being used.
func confirmationVoidsOtherNotices(c *Case) {
	c.StartMail()
	ann := c.SignedUp("ann")
	c.Mails()
	c.LoggedIn("ann")
	notice, before := c.Mail("new_device"), c.user("ann")
	var armed atomic.Bool
	c.afterReads(func(db *gorm.DB) {
		if !strings.Contains(db.Statement.SQL.String(), "auth_session") || !armed.CompareAndSwap(true, false) {
			return
		}
		key, now := models.EmailKey("second@example.com"), c.Clock.Now()
		second := models.Email{UserID: before.ID, Address: "second@example.com", Key: key, VerifiedKey: &key, VerifiedAt: &now, CreatedAt: now}
		if err := c.DB.Create(&second).Error; err != nil {
			c.Error(err)
		}
	})
	armed.Store(true)
	ann.Post("/auth/security/revoke/", obj{"key": notice.Key(c.T)}).WantCode(404, binding.CodeInvalidTicket)
	if armed.Load() || c.user("ann").Password != before.Password {
		c.Error("the account was secured by a stranger's notice, or no address was confirmed during the request")
	}
}

// knownDevicesSurviveANewSecret: after a change of Secret, known browsers stay known while OldSecrets has the previous
// one.
func knownDevicesSurviveANewSecret(c *Case) {
	c.StartMail()
	home := c.verified("ann")
	home.Post("/auth/logout/", nil).Want(200)
	cookies, clock := home.Cookies, c.Clock
	for _, kept := range [][]config.Secret{{authtest.Secret}, nil} {
		c.App = authtest.New(c.T, c.DB, c.Box.Configure, func(cfg *config.Config) {
			cfg.Now, cfg.Secret, cfg.OldSecrets = clock.Now, "another secret: 8sJ2kQw9Zx1Lm4Vb7Nc0Rt5Yp3Ue6Ia", kept
		})
		browser := c.Client()
		browser.Cookies = maps.Clone(cookies)
		browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
		if new := c.kinds()["new_device"]; new != 1-len(kept) {
			c.Errorf("with %d previous secrets %d notices of a new device", len(kept), new)
		}
	}
}

func noticeOfAPasswordChange(c *Case) {
	c.StartMail()
	ann := c.verified("ann")
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	if m := c.Mail("password_changed"); m.To != "ann@example.com" || !strings.Contains(m.Link(c.T), "/notice/") {
		c.Errorf("to %s with %s", m.To, m.Link(c.T))
	}
	c.Clock.Advance(time.Hour)
	ann.Post("/auth/password/change/", change("wrong", "Mirror-Maze-89")).Want(400)
	c.NoMail()
}

// noticeOfANewDevice: one mail for each new browser, until the password changes.
func noticeOfANewDevice(c *Case) {
	c.StartMail()
	home := c.verified("ann")
	c.NoMail() // the browser that signed up is known
	home.Post("/auth/logout/", nil).Want(200)
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	c.NoMail()
	work := c.Client()
	work.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	work.Post("/auth/login/", authtest.Login("ann")).Want(200)
	if m := c.Mail("new_device"); !strings.Contains(m.Text, "Firefox, Linux") || !strings.Contains(m.Text, "192.0.2.1") {
		c.Errorf("the mail says %s", m.Text)
	}
	work.Post("/auth/login/", authtest.Login("ann")).Want(200)
	c.NoMail()
	work.Post("/auth/registration/", authtest.SignUp("bob")).Want(201) // two users of one browser
	c.Mail("verify")
	work.Post("/auth/login/", authtest.Login("ann")).Want(200)
	c.NoMail()
	work.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	c.Mail("password_changed")
	login := obj{"username": "ann", "password": "Mirror-Maze-88"}
	work.Post("/auth/login/", login).Want(200)
	c.NoMail()
	home.Post("/auth/login/", login).Want(200) // the device cookie may have been stolen with the password
	c.Mail("new_device")
	forged := c.Client()
	forged.Cookies["__Host-device"] = strings.Repeat("A", 22) + "." + strings.Repeat("x", 5000)
	forged.Post("/auth/login/", login).Want(200)
	c.Mail("new_device")
}

// itWasNotMe: the link in a notice ends all sessions and leads to a new password.
func itWasNotMe(c *Case) {
	c.StartMail(withEverything)
	c.verified("ann")
	thief := c.LoggedIn("ann")
	notice := c.Mail("new_device")
	token := c.personal(thief, obj{"name": "backdoor"}).Key
	c.Mail("token_created")
	thief.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	c.Mail("password_changed")
	c.Client().Do("GET", "/auth/security/revoke/?key="+notice.Key(c.T), nil).Want(405)
	c.Client().Post("/auth/security/revoke/", obj{}).WantProblems("key required")
	c.Client().Post("/auth/security/revoke/", obj{"key": notice.Key(c.T)}).Want(200)
	thief.Get("/auth/user/").Want(401)
	c.byToken(token).Get("/auth/user/").Want(401)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(400)
	c.Client().Post("/auth/security/revoke/", obj{"key": notice.Key(c.T)}).WantCode(404, binding.CodeInvalidTicket)
	c.reset(c.Mail("secured"), "Looking-Glass-9").Want(200)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Looking-Glass-9"}).Want(200)
}

func noticesCanBeSilenced(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.Mail.AllowSilentChanges, cfg.Mail.URLs.Notice = true, "" })
	ann := c.verified("ann")
	c.LoggedIn("ann")
	r := ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	for _, cookie := range r.Cookies() {
		if strings.Contains(cookie.Name, "device") {
			c.Errorf("it set %v", cookie)
		}
	}
	c.NoMail()
	ann.Post("/auth/security/revoke/", obj{}).Want(404)
}

// noticesSayNothingOfTheClient covers T093: mails contain nothing that a client says about itself or that a user typed.
func noticesSayNothingOfTheClient(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.PasswordRules = []config.PasswordRule{} })
	in := authtest.SignUp("canary-name")
	browser := c.Client()
	browser.Post("/auth/registration/", in).Want(201)
	browser.Patch("/auth/user/", obj{"first_name": "Click https://canary.example"}).Want(200)
	other := c.Client()
	other.Header.Set("User-Agent", "canary https://canary.example <b> Firefox/1")
	other.Header.Set("Accept-Language", "canary, de")
	other.Header.Set("X-Forwarded-For", "canary")
	other.Post("/auth/login/", authtest.Login("canary-name")).Want(200)
	other.Post("/auth/password/change/", change(authtest.Password, "canary-new")).Want(200)
	mails := c.Mails()
	if len(mails) != 3 {
		c.Errorf("%d mails", len(mails))
	}
	for _, m := range mails {
		for _, part := range []string{m.Subject, m.Text, m.HTML} {
			if strings.Contains(strings.ReplaceAll(part, "canary-name@example.com", ""), "canary") {
				c.Errorf("%s: %s", m.Kind, part)
			}
		}
	}
}
