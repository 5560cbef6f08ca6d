package social_test

// Addresses that the user types to complete a sign-up.

import (
	"context"
	"fmt"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// addressesAreAsked: the application needs an address, and the provider has none. One that is typed is not confirmed.
func addressesAreAsked(c *dbtest.Case) {
	idp := start(c, acme(), func(cfg *config.Config) {
		cfg.SignUpFields.Email, cfg.EmailVerification = config.FieldRequired, config.VerifyOptional
	})
	confirmed(c, "bob", nil)
	browser, out := asked(c, idp, "s1", obj{"preferred_username": "ann"})
	if !slices.Equal(out.Required, []string{"email"}) || out.Email != "" || out.EmailVerified {
		c.Errorf("the response is %+v", out)
	}
	completes(browser, out.Ticket, nil).WantProblems("email required")
	completes(browser, out.Ticket, obj{"email": "BOB@example.com", "username": "bob"}).WantProblems("email taken", "username taken")
	completes(browser, out.Ticket, obj{"email": "ann@example.com"}).Want(201)
	user := row(c, me(browser).PK)
	if user.Email != "ann@example.com" || !user.SignedUp || user.Pending || user.Username != "ann" {
		c.Errorf("the row is %+v", user)
	}
	browser.Post("/auth/registration/verify-email/", obj{"key": c.Mail("verify").Key(c.T)}).Want(200)
}

func mandatory(cfg *config.Config) { cfg.EmailVerification = config.VerifyMandatory }

// typedAddressesAreConfirmed: with VerifyMandatory, a typed address makes a pending sign-up, and its link opens it.
func typedAddressesAreConfirmed(c *dbtest.Case) {
	var heard []string
	idp := start(c, acme(), mandatory, company, func(cfg *config.Config) {
		cfg.Hooks.After = func(_ context.Context, e config.Event) error {
			heard = append(heard, string(e.Name))
			return nil
		}
	})
	browser, out := asked(c, idp, "s1", obj{"email": "old@example.com", "preferred_username": "ann"})
	if !slices.Equal(out.Required, []string{"company", "email"}) || out.Email != "old@example.com" || out.EmailVerified {
		c.Errorf("the response is %+v", out)
	}
	var done binding.Detail
	if completes(browser, out.Ticket, obj{"company": "Acme", "email": "ann@example.com"}).Want(201).JSON(&done); done.Detail == "" {
		c.Error("there is no text")
	}
	browser.Get("/auth/user/").Want(401)
	var user Member
	if err := c.DB.First(&user).Error; err != nil || !user.Pending || !user.SignedUp || user.DeleteAt == nil || user.Plan != "Acme " || user.HasPassword() || len(heard) != 0 {
		c.Errorf("the row is %+v, %v; hooks got %v", user, err, heard)
	}
	c.Client().Post("/auth/registration/verify-email/", obj{"key": c.Mail("verify").Key(c.T)}).Want(200)
	if _, me := entered(c, idp, "s1", obj{"jti": "2"}); me.PK != user.ID || fmt.Sprint(heard) != "[register verify login]" {
		c.Errorf("the user is %+v; hooks got %v", me, heard)
	}
}

// addressesOfOthersStayUnknown: with VerifyMandatory, the response and the rows do not tell whether an address has an account.
func addressesOfOthersStayUnknown(c *dbtest.Case) {
	idp := start(c, acme(), mandatory)
	confirmed(c, "bob", nil)
	var texts, mails []string
	var tickets []int64
	for i, address := range []string{"bob@example.com", "new@example.com"} {
		browser, out := asked(c, idp, fmt.Sprint("s", i))
		before := count(c, &models.Ticket{})
		texts = append(texts, completes(browser, out.Ticket, obj{"email": address}).Want(201).Text)
		tickets = append(tickets, count(c, &models.Ticket{})-before)
		mails = append(mails, kindsOf(c))
		_, out = asked(c, idp, fmt.Sprint("s", i), obj{"jti": "again"})
		texts = append(texts, fmt.Sprint(out.Required, out.EmailVerified, out.Email))
	}
	if texts[0] != texts[2] || texts[1] != texts[3] || tickets[0] != tickets[1] || fmt.Sprint(mails) != "[[account_exists] [verify]]" {
		c.Errorf("%q, %v, %v", texts, tickets, mails)
	}
	if bob, others := c.DB.Where("email_key = ?", "bob@example.com").Where("pending = ?", false).Find(&[]models.User{}).RowsAffected, count(c, &models.User{}); bob != 1 || others != 3 {
		c.Errorf("%d and %d users", bob, others)
	}
}

// mistypedAddressesAreCorrected: until the address is confirmed, a login with the provider begins again, with the same name.
func mistypedAddressesAreCorrected(c *dbtest.Case) {
	idp := start(c, acme(), mandatory)
	typed := func(jti, address string) *authtest.Response {
		browser, out := asked(c, idp, "s1", obj{"jti": jti, "preferred_username": "zoe"})
		return completes(browser, out.Ticket, obj{"email": address, "username": "zoe"})
	}
	typed("1", "wrong@example.com").Want(201)
	old := c.Mail("verify")
	typed("2", "right@example.com").Want(201)
	key := c.Mail("verify").Key(c.T)
	var users []models.User
	if err := c.DB.Find(&users).Error; err != nil || len(users) != 1 || users[0].Email != "right@example.com" || users[0].Username != "zoe" {
		c.Errorf("the users are %+v, %v", users, err)
	}
	c.Client().Post("/auth/registration/verify-email/", obj{"key": old.Key(c.T)}).Want(404)
	browser, waiting := asked(c, idp, "s1", obj{"jti": "3"})
	c.Client().Post("/auth/registration/verify-email/", obj{"key": key}).Want(200)
	completes(browser, waiting.Ticket, obj{"email": "third@example.com"}).WantProblems(ticketProblem)
	_, user := entered(c, idp, "s1", obj{"jti": "4"})
	if user.Username != "zoe" || user.Email != "right@example.com" {
		c.Errorf("the user is %+v", user)
	}
	idp = start(c, acme(), mandatory)
	typed("1", "wrong@example.com").Want(201)
	for column, value := range map[string]any{"is_active": false, "banned_at": c.Clock.Now()} { // no second chance by a new sign-up
		users := c.DB.Model(&models.User{}).Where("1 = 1")
		users.Updates(obj{"is_active": true, "banned_at": nil, column: value})
		if _, r := enter(c, obj{"id_token": idp.idToken("s1", obj{"jti": column})}); r.StatusCode != 400 {
			c.Errorf("%s: %d %s", column, r.StatusCode, r.Text)
		}
	}
	c.DB.Model(&models.User{}).Where("1 = 1").Updates(obj{"is_active": true, "banned_at": nil})
	entered(c, idp, "s1", obj{"jti": "2"}, verified("ann@example.com")) // the provider has verified one by now
	if n, rows := count(c, &models.User{}), count(c, &models.Identity{}); n != 1 || rows != 1 {
		c.Errorf("%d users, %d identities", n, rows)
	}
}
