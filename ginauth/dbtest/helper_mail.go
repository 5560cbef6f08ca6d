package dbtest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

const thiefPassword = "Thiefs-Maze-99"

// squat signs up a user with the address of another user and their own password.
func (c *Case) squat(name, address string) *authtest.Client {
	c.Helper()
	in := authtest.SignUp(name)
	in.Email, in.Password1, in.Password2 = address, thiefPassword, thiefPassword
	browser := c.Client()
	browser.Post("/auth/registration/", in).Want(201)
	return browser
}

// created makes a user with CreateUser and returns the account.
func (c *Case) created(name, address string) *models.User {
	c.Helper()
	user := &models.User{Username: name, Email: address, IsSuperuser: true}
	if err := c.Auth.CreateUser(c.Context(), user, authtest.Password); err != nil {
		c.Fatal(err)
	}
	return user
}

// foothold has everything that a user can keep from the time before the address is confirmed.
type foothold struct {
	browser                 *authtest.Client
	login, personal, access string
	refresh, link           string
}

func (c *Case) foothold(name string) foothold {
	c.Helper()
	f := foothold{browser: c.SignedUp(name)}
	f.link = c.Mail("verify").Key(c.T)
	f.login = c.tokenOf(name)
	f.personal = c.personal(f.browser, obj{"name": "backdoor"}).Key
	tokenPair := c.tokenPairOf(name)
	f.access, f.refresh = tokenPair.Access, tokenPair.Refresh
	c.Mails()
	return f
}

// wantGone wants that none of it works any more.
func (f foothold) wantRevoked(c *Case, name string) {
	c.Helper()
	f.browser.Get("/auth/user/").Want(401)
	for _, token := range []string{f.login, f.personal, f.access} {
		c.byToken(token).Get("/auth/user/").Want(401)
	}
	c.refresh(f.refresh).Want(401)
	c.Client().Post("/auth/login/", authtest.Login(name)).WantProblems("non_field_errors invalid_credentials")
	c.verify(f.link).WantCode(404, binding.CodeInvalidTicket)
}

// owner signs up the owner of an address that a stranger has claimed.
func (c *Case) owner(username, address string) *authtest.Client {
	c.Helper()
	in := authtest.SignUp(username)
	in.Email = address
	browser := c.Client()
	browser.Post("/auth/registration/", in).Want(201)
	return browser
}

func emailPath(id int64, action string) string {
	path := fmt.Sprintf("/auth/emails/%d/%s/", id, action)
	return strings.Replace(path, "//", "/", 1)
}

// added adds an address and returns its row and its mail.
func (c *Case) added(browser *authtest.Client, address string) (email binding.Email, mail authtest.Mail) {
	c.Helper()
	browser.Post("/auth/emails/", obj{"email": address, "password": authtest.Password}).Want(201).JSON(&email)
	return email, c.Mail("verify")
}

func mandatory(cfg *config.Config) { cfg.EmailVerification = config.VerifyMandatory }

// kinds counts the mails that arrived, by kind.
func (c *Case) kinds() map[string]int {
	c.Helper()
	kinds := map[string]int{}
	for _, m := range c.Mails() {
		kinds[m.Kind]++
	}
	return kinds
}

func (c *Case) askReset(address string) {
	c.Helper()
	c.Client().Post("/auth/password/reset/", obj{"email": address}).Want(200)
}

// reset sets a new password with the link of a mail.
func (c *Case) reset(m authtest.Mail, password string) *authtest.Response {
	c.Helper()
	return c.Client().Post("/auth/password/reset/confirm/", resetForm(m.UID(c.T), m.Key(c.T), password))
}

func resetForm(uid, token, password string) obj {
	return obj{"uid": uid, "token": token, "new_password1": password, "new_password2": password}
}

// verified registers a user who then confirms the address.
func (c *Case) verified(name string) *authtest.Client {
	c.Helper()
	browser := c.SignedUp(name)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	return browser
}

func (c *Case) verify(key string) *authtest.Response {
	c.Helper()
	return c.Client().Post("/auth/registration/verify-email/", obj{"key": key})
}

// verifyIn is verify in the browser of a logged-in user.
func verifyIn(browser *authtest.Client, key string) *authtest.Response {
	return browser.Post("/auth/registration/verify-email/", obj{"key": key})
}

func (c *Case) resend(address string) {
	c.Helper()
	c.Client().Post("/auth/registration/resend-email/", obj{"email": address}).Want(200)
}

// emails lists the addresses of a user.
func emails(browser *authtest.Client) (all []binding.Email) {
	browser.Get("/auth/emails/").Want(200).JSON(&all)
	return all
}

// sentOnceBy lets instances send what is due at the same time. sent returns the ID of each mail or web-hook that arrived: there must
// be want of them, each once.
func (c *Case) sentOnceBy(instances []*authtest.App, want int, sent func() []string) {
	c.Helper()
	var running sync.WaitGroup
	for _, app := range instances {
		running.Go(func() {
			if _, err := app.Auth.SendOutbox(context.Background()); err != nil {
				c.Error(err)
			}
		})
	}
	running.Wait()
	seen := map[string]int{}
	for _, id := range sent() {
		seen[id]++
	}
	if len(seen) != want {
		c.Errorf("%d were sent, want %d", len(seen), want)
	}
	for id, n := range seen {
		if n != 1 {
			c.Errorf("%s was sent %d times", id, n)
		}
	}
}
