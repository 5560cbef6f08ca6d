package dbtest

import (
	"errors"
	"strings"
	"sync"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// directoryLoginID logs in with the directory and returns the ID of the account.
func (c *Case) directoryLoginID(name string) int64 {
	c.Helper()
	browser := c.Client()
	browser.Post("/auth/login/", directoryBody(name)).Want(200)
	var user binding.User
	browser.Get("/auth/user/").Want(200).JSON(&user)
	return user.PK
}

// backendUsersAreFoundByID: the ID counts when names change, and if two IDs differ only in letter case or in a space at
// the end.
func backendUsersAreFoundByID(c *Case) {
	var e entries
	c.StartMail(e.install)
	e.set("ann", "a1")
	e.set("bob", "A1")
	e.set("eve", "a1 ") // MariaDB compares it as equal to ann's ID, so the login is refused there
	ann, bob, eve := c.directoryLoginID("ann"), c.directoryLoginID("bob"), c.Client()
	if eve.Post("/auth/login/", directoryBody("eve")); strings.Contains(eve.Get("/auth/user/").Text, `"username":"ann"`) || ann == bob {
		c.Errorf("accounts %d, %d", ann, bob)
	}
	users := c.count(&models.User{})
	e.set("ann", "b2") // now another person has the name
	e.set("anna", "a1")
	if got := c.directoryLoginID("anna"); got != ann {
		c.Errorf("anna is in %d, not in %d", got, ann)
	}
	c.Client().Post("/auth/login/", directoryBody("ann")).WantProblems("non_field_errors invalid_credentials") // another account has the address
	if u := c.user("anna"); u.Backend != "directory" || u.BackendID == nil || *u.BackendID != "a1" || c.count(&models.User{}) != users {
		c.Errorf("anna is %s %v", u.Backend, u.BackendID)
	}
	c.set("anna", obj{"is_active": false})
	c.Client().Post("/auth/login/", directoryBody("anna")).WantProblems("non_field_errors invalid_credentials")
}

// backendUsersCannotRename: a user who takes the name of another user of the directory would be found by that user's
// login. With the setting they get the name, but still not the account.
func backendUsersCannotRename(c *Case) {
	for _, allowed := range []bool{false, true} {
		var e entries
		c.documented = nil
		c.Start(e.install, func(cfg *config.Config) { cfg.AllowBackendRename = allowed })
		e.set("mallory", "1")
		e.set("ceo", "2")
		mallory := c.Client()
		mallory.Post("/auth/login/", directoryBody("mallory")).Want(200)
		mallory.Do("PATCH", "/auth/user/", obj{"username": "mallory", "first_name": "M"}).Want(200)
		if allowed {
			mallory.Do("PATCH", "/auth/user/", obj{"username": "ceo"}).Want(200)
			ceo, taken := c.directoryLoginID("ceo"), c.user("ceo").ID
			if c.directoryLoginID("mallory") != taken || ceo == taken || c.directoryLoginID("ceo") != ceo {
				c.Errorf("mallory has %d, the ceo %d", taken, ceo)
			}
			continue
		}
		mallory.Do("PATCH", "/auth/user/", obj{"username": "ceo"}).WantProblems("username managed_elsewhere")
		mallory.Do("PUT", "/auth/user/", obj{"username": "Mallory"}).WantProblems("username managed_elsewhere")
		if c.directoryLoginID("ceo") == c.user("mallory").ID {
			c.Error("the ceo logged in to mallory's account")
		}
		c.SignedUp("local").Do("PATCH", "/auth/user/", obj{"username": "other"}).Want(200)
	}
	c.documented = nil
	c.Start(c.directory) // the backend returns no ID
	ann := c.Client()
	ann.Post("/auth/login/", directoryBody("ann")).Want(200)
	ann.Do("PATCH", "/auth/user/", obj{"username": "ceo"}).WantProblems("username managed_elsewhere")
}

// concurrentFirstBackendLoginsWithID: if several first logins of one user run concurrently, all succeed as the same
// user.
func concurrentFirstBackendLoginsWithID(c *Case) {
	var e entries
	c.StartMail(e.install)
	e.set("ann", "a1")
	var all sync.WaitGroup
	for range 6 {
		browser := c.Client()
		all.Go(func() { browser.Post("/auth/login/", directoryBody("ann")).Want(200) })
	}
	all.Wait()
	if n := c.count(&models.User{}); n != 1 {
		c.Errorf("%d users", n)
	}
}

// userRemovedFromTheBackendStaysOut: no route sets a password for a user of a backend, and a stored password does not
// count.
func userRemovedFromTheBackendStaysOut(c *Case) {
	var e entries
	c.StartMail(e.install, byCode, func(cfg *config.Config) {
		cfg.AllowPasswordChangeWithoutOld, cfg.LoginOnReset = true, true
	})
	e.set("ann", "a1")
	ann := c.Client()
	ann.Post("/auth/login/", directoryBody("ann")).Want(200)
	c.Mails()
	ann.Post("/auth/password/change/", change("", "Mirror-Maze-88")).WantProblems("new_password2 managed_elsewhere")
	ann.Post("/auth/password/change/", change("directory", "Mirror-Maze-88")).WantProblems("new_password2 managed_elsewhere")
	c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	if all := c.Mails(); len(all) != 0 {
		c.Errorf("mailed %v", all)
	}
	wrongField(c, c.Auth.SetPassword(c.Context(), c.user("ann").ID, "Mirror-Maze-88"))
	c.SignedUp("bob")
	c.set("ann", obj{"password": c.user("bob").Password}) // as if it had been set while that was allowed
	e.set("ann", "")
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	ann.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).WantProblems("password password_incorrect")
	c.LoggedIn("bob")
}

// userRemovedFromTheBackendIfAllowed: with AllowBackendLocalLogin, users of a backend can set a password and log in
// without the backend.
func userRemovedFromTheBackendIfAllowed(c *Case) {
	var e entries
	c.StartMail(e.install, byCode, func(cfg *config.Config) { cfg.AllowBackendLocalLogin = true })
	e.set("ann", "a1")
	ann := c.Client()
	ann.Post("/auth/login/", directoryBody("ann")).Want(200)
	e.set("ann", "")
	c.Mails()
	c.askReset("ann@example.com")
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
	browser := c.Client()
	browser.Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
	browser.Post("/auth/password/change/", change("Mirror-Maze-88", "Rabbit-Hole-99")).Want(200)
	if err := c.Auth.SetPassword(c.Context(), c.user("ann").ID, authtest.Password); err != nil {
		c.Error(err)
	}
	c.LoggedIn("ann")
	c.Mails()
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	c.Mail("login_code")
}

// userRemovedFromTheBackendCannotUseLinks: links and codes that were mailed before do not log the user in either.
func userRemovedFromTheBackendCannotUseLinks(c *Case) {
	var e entries
	c.StartMail(e.install, byCode, func(cfg *config.Config) { cfg.LoginOnVerify = true })
	bob := c.verified("bob")
	c.Mails()
	c.Client().Post("/auth/login/code/", obj{"email": "bob@example.com"}).Want(200)
	key := c.Mail("login_code").Key(c.T)
	_, added := c.added(bob, "second@example.com")
	c.set("bob", obj{"backend": "directory", "backend_id": "b1"})
	browser, sessions := c.Client(), c.count(&models.Session{})
	browser.Post("/auth/login/code/confirm/", obj{"key": key}).WantProblems("non_field_errors invalid_credentials")
	bob.Post("/auth/registration/verify-email/", obj{"key": added.Key(c.T)}).Want(200)
	if len(browser.Cookies) != 0 || c.count(&models.Session{}) != sessions {
		c.Errorf("%d sessions, not %d", c.count(&models.Session{}), sessions)
	}
}

// backendUsersGetNoPasswordLink: where only the backend sets passwords, no mail has a link for a new password: not after
// "it was not me", and not when a contested address is confirmed.
func backendUsersGetNoPasswordLink(c *Case) {
	var e entries
	c.StartMail(e.install, byCode)
	e.set("ann", "a1")
	c.Client().Post("/auth/login/", directoryBody("ann")).Want(200)
	c.Mails()
	c.Client().Post("/auth/login/", directoryBody("ann")).Want(200)
	notice := c.Mail("new_device")
	c.Client().Post("/auth/security/revoke/", obj{"key": notice.Key(c.T)}).Want(200)
	c.NoMail()
	c.SignedUp("bob")
	key := c.Mail("verify").Key(c.T)
	c.set("bob", obj{"backend": "directory", "backend_id": "b1"})
	c.SignedUp("rival")
	c.set("rival", obj{"email": "bob@example.com", "email_key": "bob@example.com"}) // as happens with VerifyMandatory
	c.Mails()
	if r := c.verify(key).Want(200); strings.Contains(r.Text, "password") {
		c.Errorf("answered %s", r.Text)
	}
	c.NoMail()
}

// securedResponseMentionsTheMail: the response promises a mail with a link for a new password only if there is one, in
// every language, and so does the notice. The password of a backend's user is kept by the backend.
func securedResponseMentionsTheMail(c *Case) {
	for _, local := range []bool{false, true} {
		var e entries
		c.documented = nil
		c.StartMail(e.install, func(cfg *config.Config) { cfg.AllowBackendLocalLogin, cfg.Mail.MaxPerHour = local, -1 })
		e.set("ann", "a1")
		c.Client().Post("/auth/login/", directoryBody("ann")).Want(200)
		for lang, mail := range map[string]string{
			"en": "mail", "de": "E-Mail", "fr": "e-mail", "es": "correo", "pt": "e-mail", "ja": "メール", "zh": "邮件",
		} {
			c.Client().Post("/auth/login/", directoryBody("ann")).Want(200)
			notice := c.Mail("new_device")
			if strings.Contains(strings.Join(strings.Fields(notice.Text+notice.HTML), " "), "choose a new password") != local {
				c.Errorf("local logins %v: the notice says %s", local, notice.Text)
			}
			r := c.Client().Do("POST", "/auth/security/revoke/", obj{"key": notice.Key(c.T)}, "Accept-Language", lang).Want(200)
			promised, sent := strings.Contains(r.Text, mail), c.kinds()["secured"] == 1
			if promised != sent || sent != local {
				c.Errorf("local logins %v: a mail was sent: %v, and the response is %s", local, sent, r.Text)
			}
		}
	}
}

// wrongField wants the error of a call to say that a password cannot be set.
func wrongField(c *Case, err error) {
	c.Helper()
	e, ok := errors.AsType[*binding.Error](err)
	if !ok || len(e.Fields["password"]) != 1 || e.Fields["password"][0].Code != binding.CodeManagedElsewhere || e.Fields["password"][0].Message == "" {
		c.Errorf("got %v", err)
	}
}
