package dbtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/models"
)

// invitationsAreAccepted by users who have an account: they join the groups, once, and confirm nothing.
func invitationsAreAccepted(c *Case) {
	root := c.startInvitations(invite.Options{Only: true}, audited)
	key, id := c.invitationCode(root, obj{"groups": []string{"Sales"}, "max_uses": 2})
	for _, name := range []string{"ann", "bob"} {
		c.App.User(c.T, name)
	}
	ann := c.LoggedIn("ann")
	accept := func(browser *authtest.Client, key string) *authtest.Response {
		return browser.Post("/auth/invitations/accept/", obj{"invitation": key})
	}
	accept(c.Client(), key).Want(401)
	accept(ann, "").WantProblems("invitation blank")
	accept(ann, "inv_none").WantProblems("invitation invitation_not_valid")
	c.events()
	if text := accept(ann, key).Want(200).Text; text != `{"groups":["Sales"]}` {
		c.Error(text)
	}
	if text := ann.Get("/auth/user/permissions/").Want(200).Text; !strings.Contains(text, "Sales") {
		c.Error(text)
	}
	if used := c.events(); !slices.ContainsFunc(used, func(e models.Event) bool {
		return e.Event == string(invite.EventUsed) && e.UserID == c.user("ann").ID && e.Details == fmt.Sprint(id)
	}) {
		c.Errorf("%+v", used)
	}
	accept(ann, key).WantProblems("invitation invitation_not_valid") // a second time
	c.signUpWith("cyd", key).Want(201)
	accept(c.LoggedIn("bob"), key).WantProblems("invitation invitation_not_valid") // used up
	c.Mails()
	mailed := c.invited(root, "new@example.com", obj{"groups": []string{"Sales"}})
	bob := c.LoggedIn("bob")
	accept(bob, mailed).Want(200)
	if c.confirmedAddresses("bob") != 1 || c.user("bob").Email != "bob@example.com" {
		c.Error("the invitation changed an address")
	}
	other, _ := c.invitationCode(root, obj{})
	accept(bob, other).Want(200) // one user can accept several
	race, _ := c.invitationCode(root, obj{"max_uses": 10})
	browsers := []*authtest.Client{bob.Clone(), bob.Clone(), bob.Clone()}
	c.wantOneWinner(c.concurrently(3, func(i int) *authtest.Response { return accept(browsers[i], race) }), 200, 400, 2)
}

// usesGetTheirKey: in a table of an older version, the key is the user.
func usesGetTheirKey(c *Case) {
	root := c.startInvitations(invite.Options{})
	first, id := c.invitationCode(root, obj{"max_uses": 2})
	c.signUpWith("ann", first).Want(201)
	var before []invite.Use
	c.must(c.DB.Find(&before).Error)
	at := map[string]string{"sqlite": "datetime", "postgres": "timestamptz", "mysql": "datetime(3)"}[c.DB.Name()]
	for _, statement := range []string{
		"DROP TABLE auth_invitation_use",
		"CREATE TABLE auth_invitation_use (user_id bigint NOT NULL PRIMARY KEY, invitation_id bigint NOT NULL, created_at " + at + " NOT NULL)",
		"CREATE INDEX idx_auth_invitation_use_invitation_id ON auth_invitation_use (invitation_id)",
		"DELETE FROM auth_migration WHERE id = 'invite/0002_key_of_uses'",
	} {
		c.exec(statement)
	}
	c.must(c.DB.Create(&before).Error)
	c.wantMigrated(c.Auth)
	var after []invite.Use
	c.must(c.DB.Find(&after).Error)
	if len(before) != 1 || len(after) != 1 || after[0].UserID != before[0].UserID || after[0].InvitationID != id {
		c.Errorf("%+v, before %+v", after, before)
	}
	second, _ := c.invitationCode(root, obj{})
	c.LoggedIn("ann").Post("/auth/invitations/accept/", obj{"invitation": second}).Want(200)
}
