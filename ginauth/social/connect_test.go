package social_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

func accounts(browser *authtest.Client) (all []social.Account) {
	browser.Get("/auth/socialaccounts/").Want(200).JSON(&all)
	return all
}

// accountsAreConnected: a logged-in user connects accounts of a provider, and each logs them in.
func accountsAreConnected(c *dbtest.Case) {
	idp := start(c, acme())
	browser := c.SignedUp("ann")
	c.Mails()
	if all := accounts(browser); all == nil || len(all) != 0 {
		c.Errorf("the accounts are %v, want an empty list", all)
	}
	before := browser.Clone()
	browser.Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s1", verified("ann@example.com"))}).Want(200)
	before.Get("/auth/user/").Want(401) // a new session
	c.Mail("social_connected")
	browser.Post("/auth/acme/connect/", obj{"code": idp.code(grant{claims: idp.claims("s2"), redirect: redirect})}).Want(200)
	c.Mail("social_connected")
	browser.Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s1", obj{"jti": "2"})}).Want(200)
	c.NoMail()
	all := accounts(browser)
	if len(all) != 2 || all[0].UID != "s1" || all[0].Provider != "acme" || all[0].LastLogin != nil || !all[0].DateJoined.Equal(c.Clock.Now().Truncate(time.Millisecond)) || all[1].UID != "s2" {
		c.Errorf("the accounts are %+v", all)
	}
	ann := me(browser)
	other, user := entered(c, idp, "s2", obj{"jti": "3"})
	if user.PK != ann.PK || accounts(other)[1].LastLogin == nil {
		c.Errorf("the second account logs in user %d, not %d", user.PK, ann.PK)
	}
	c.Client().Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s3")}).Want(401)
	c.Client().Get("/auth/socialaccounts/").Want(401)
	browser.Get("/auth/acme/connect/").Want(405)
}

// connectingNeedsARecentLogin: an open session is not enough (T147).
func connectingNeedsARecentLogin(c *dbtest.Case) {
	idp := start(c, acme())
	browser := c.SignedUp("ann")
	c.Clock.Advance(time.Hour)
	token := func(jti string) string { return idp.idToken("s1", obj{"jti": jti}) }
	browser.Post("/auth/acme/connect/", obj{"id_token": token("1")}).WantCode(403, "fresh_login_required")
	browser.Post("/auth/acme/connect/", obj{"id_token": token("2"), "password": "wrong"}).WantProblems("password password_incorrect")
	if idp.requests("idp.example/keys") != 0 {
		c.Error("the token was verified before the login")
	}
	browser.Post("/auth/acme/connect/", obj{"id_token": token("3"), "password": authtest.Password}).Want(200)
	id := fmt.Sprint("/auth/socialaccounts/", accounts(browser)[0].ID, "/")
	c.Clock.Advance(time.Hour)
	browser.Post(id+"disconnect/", nil).WantCode(403, "fresh_login_required")
	browser.Do(http.MethodDelete, id, obj{"password": authtest.Password}).Want(204)
	stranger, _ := entered(c, idp, "s9") // without a password: the provider's login is recent
	stranger.Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s8")}).Want(200)
}

// accountsOfOthersAreNotTaken: connecting another user's account changes nothing, and logs in as no other user.
func accountsOfOthersAreNotTaken(c *dbtest.Case) {
	idp := start(c, acme())
	bob, user := entered(c, idp, "s1")
	ann := c.SignedUp("ann")
	id := me(ann).PK
	ann.Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s1", obj{"jti": "2"})}).WantProblems("non_field_errors social_connected")
	if me(ann).PK != id || me(bob).PK != user.PK || len(accounts(ann)) != 0 || len(accounts(bob)) != 1 {
		c.Error("an account or a session changed hands")
	}
	foreign := accounts(bob)[0].ID
	for _, path := range []string{fmt.Sprint(foreign), "999999", "0", "x", "99999999999999999999"} {
		ann.Post("/auth/socialaccounts/"+path+"/disconnect/", nil).WantCode(404, "not_found")
		ann.Delete("/auth/socialaccounts/"+path+"/").WantCode(404, "not_found")
	}
	if len(accounts(bob)) != 1 {
		c.Error("another user's account was disconnected")
	}
}

// theLastWayInStays: an account is disconnected only if its user can still log in (T152).
func theLastWayInStays(c *dbtest.Case) {
	idp := start(c, acme())
	browser, user := entered(c, idp, "s1", verified("ann@example.com"))
	browser.Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s2")}).Want(200)
	c.Mails()
	all := accounts(browser)
	remove := func(i int) *authtest.Response {
		return browser.Post(fmt.Sprint("/auth/socialaccounts/", all[i].ID, "/disconnect/"), nil)
	}
	if r := remove(0).Want(200); strings.TrimSpace(r.Text) != "{}" {
		c.Errorf("the response is %s", r.Text)
	}
	c.Mail("social_disconnected")
	remove(0).Want(404)
	remove(1).WantProblems("non_field_errors social_last_way_in")
	c.NoMail()
	if left := accounts(browser); len(left) != 1 || left[0].UID != "s2" {
		c.Errorf("the accounts are %v", left)
	}
	c.DB.Model(&models.Identity{}).Where("user_id = ?", user.PK).Update("provider", "removed") // from the configuration
	if err := c.DB.Create(&models.Identity{UserID: user.PK, Provider: "acme", Subject: "s3", Profile: "{}", CreatedAt: c.Clock.Now()}).Error; err != nil {
		c.Fatal(err)
	}
	all = accounts(browser)
	remove(1).WantProblems("non_field_errors social_last_way_in")
	if err := c.Auth.SetPassword(c.Context(), user.PK, "Looking-Glass-7"); err != nil {
		c.Fatal(err)
	}
	browser = c.Client()
	browser.Post("/auth/login/", obj{"email": "ann@example.com", "password": "Looking-Glass-7"}).Want(200)
	remove(1).Want(200)
	remove(0).Want(200)
}

// raceToDisconnect: concurrent requests never leave a user without a way in.
func raceToDisconnect(c *dbtest.Case) {
	idp := start(c, acme())
	for round := range 3 {
		subject := func(i int) string { return fmt.Sprint("s", round, "-", i) }
		browser, _ := entered(c, idp, subject(0))
		for i := range 3 {
			browser.Post("/auth/acme/connect/", obj{"id_token": idp.idToken(subject(i + 1))}).Want(200)
		}
		all := accounts(browser)
		clones := make([]*authtest.Client, len(all))
		for i := range clones {
			clones[i] = browser.Clone()
		}
		got := concurrently(len(all), func(i int) int {
			return clones[i].Post(fmt.Sprint("/auth/socialaccounts/", all[i].ID, "/disconnect/"), nil).StatusCode
		})
		if got[200] != 3 || got[400] != 1 || len(accounts(browser)) != 1 {
			c.Errorf("the responses are %v, and %d accounts are left", got, len(accounts(browser)))
		}
	}
}

// raceToConnect: of several users who connect one account, one gets it.
func raceToConnect(c *dbtest.Case) {
	idp := start(c, acme())
	var browsers []*authtest.Client
	for i := range 4 {
		browsers = append(browsers, c.SignedUp(fmt.Sprint("user", i)))
	}
	got := concurrently(4, func(i int) int {
		return browsers[i].Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s1", obj{"jti": fmt.Sprint(i)})}).StatusCode
	})
	if got[200] != 1 || got[400] != 3 || count(c, &models.Identity{}) != 1 {
		c.Errorf("the responses are %v", got)
	}
}

// raceOfConnectAndDisconnect: a user who removes one account while connecting another always has one.
func raceOfConnectAndDisconnect(c *dbtest.Case) {
	idp := start(c, acme())
	for round := range 4 {
		browser, user := entered(c, idp, fmt.Sprint("old", round))
		id := accounts(browser)[0].ID
		clones := []*authtest.Client{browser.Clone(), browser.Clone()}
		concurrently(2, func(i int) int {
			if i == 0 {
				return clones[0].Post("/auth/acme/connect/", obj{"id_token": idp.idToken(fmt.Sprint("new", round))}).StatusCode
			}
			return clones[1].Post(fmt.Sprint("/auth/socialaccounts/", id, "/disconnect/"), nil).StatusCode
		})
		if len(identities(c, user.PK)) == 0 {
			c.Error("the user has no way in")
		}
	}
}

// identitiesGoWithTheirUser: deleting a user deletes the identities, so the provider's account is a new user afterwards.
func identitiesGoWithTheirUser(c *dbtest.Case) {
	idp := start(c, acme())
	_, user := entered(c, idp, "s1")
	if err := c.Auth.DeleteUser(c.Context(), user.PK); err != nil {
		c.Fatal(err)
	}
	_, again := entered(c, idp, "s1", obj{"jti": "2"})
	if again.PK == user.PK || count(c, &models.Identity{}) != 1 {
		c.Errorf("user %d is back", again.PK)
	}
	if err := c.DB.Exec("UPDATE auth_identity SET user_id = 999999").Error; err != nil { // of a user who was deleted with SQL
		c.Fatal(err)
	}
	_, r := enter(c, obj{"id_token": idp.idToken("s1", obj{"jti": "3"})})
	r.WantProblems("non_field_errors invalid_credentials")
}

// tokensAreStoredOnRequest: tokens of providers are kept only with StoreTokens, and encrypted (T151).
func tokensAreStoredOnRequest(c *dbtest.Case) {
	for _, on := range []bool{false, true} {
		idp := startWith(c, social.Options{Providers: []social.Provider{acme()}, StoreTokens: on})
		_, r := enter(c, obj{"code": idp.code(grant{claims: idp.claims("s1"), redirect: redirect})})
		r.Want(200)
		var kept models.Identity
		if err := c.DB.First(&kept).Error; err != nil || (kept.Tokens != "") != on || strings.Contains(kept.Tokens+kept.Profile, "access-") || strings.Contains(kept.Tokens, "refresh-") {
			c.Errorf("StoreTokens %t: the identity is %+v, %v", on, kept, err)
		}
		if strings.Contains(c.Log.String(), "access-") {
			c.Errorf("the log has a token: %s", c.Log)
		}
	}
}
