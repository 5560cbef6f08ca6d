package dbtest

// Package admin: what operators see and change, and what they cannot.

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

var adminCases = Group{Name: "admin", Cases: []func(*Case){
	adminListsUsers, adminSearchesUsers, adminRefusesWrongQueries, adminShowsAUser, adminCreatesUsers, adminChangesUsers,
	adminRaisesNobody, adminBansUsers, adminDeletesUsers, adminHandlesPasswords, adminPasswordsKeepFactors, adminConfirmsAddresses, adminEndsSessions, adminResetsFactors, adminSendsMailsAgain, adminIsRecorded,
	raceOfTwoOperatorsWhoDelete, adminGroupsAreManaged, adminGivesOnlyWhatItHas, adminWarnsOfBareOperators,
	adminFormsChangeOwnColumns, adminShowsOwnColumns, adminTellsUsers,
}}

// startAdmin starts an application with a superuser ann and a user bob.
func (c *Case) startAdmin(change ...func(*config.Config)) (ann, bob *authtest.Client) {
	c.Helper()
	c.With(roles.Feature(shopManaged()), mfa.Feature(mfa.Options{}), admin.Feature(admin.Options{})).
		StartMail(append([]func(*config.Config){audited, withEachCredential, func(cfg *config.Config) { cfg.Token.Scopes = []string{"read"} }}, change...)...)
	ann, bob = c.SignedUp("ann"), c.SignedUp("bob")
	c.set("ann", map[string]any{"is_superuser": true})
	return ann, bob
}

func (c *Case) adminPath(name string, rest ...string) string {
	return fmt.Sprint("/auth/admin/users/", c.user(name).ID, "/", strings.Join(rest, ""))
}

func (c *Case) permissions() []string {
	all, err := roles.Permissions(c.Context(), c.Auth)
	if err != nil {
		c.Fatal(err)
	}
	return all
}

// pages reads all pages of a list, and returns the fields of the results.
func (c *Case) pages(client *authtest.Client, query, field string) (all []string) {
	c.Helper()
	for next := ""; ; {
		var page struct {
			Results []map[string]any
			Next    *string
		}
		client.Get("/auth/admin/users/?" + query + "&cursor=" + next).Want(200).JSON(&page)
		for _, r := range page.Results {
			all = append(all, fmt.Sprint(r[field]))
		}
		if page.Next == nil {
			return all
		}
		next = url.QueryEscape(*page.Next)
	}
}

func (c *Case) wantPages(client *authtest.Client, query string, want ...string) {
	c.Helper()
	if got := c.pages(client, query, "username"); !slices.Equal(got, want) {
		c.Errorf("%s: %q, want %q", query, got, want)
	}
}

func adminListsUsers(c *Case) {
	ann, _ := c.startAdmin()
	for _, name := range []string{"cleo", "dora", "emil"} {
		c.Clock.Advance(time.Minute)
		c.SignedUp(name)
	}
	c.set("dora", map[string]any{"is_staff": true})
	c.must(c.Auth.SetActive(c.Context(), c.user("emil").ID, false))
	c.must(c.Auth.Ban(c.Context(), c.user("cleo").ID, "spam", time.Time{}))
	for _, limit := range []string{"limit=1", "limit=2", "limit=100"} {
		c.wantPages(ann, limit, "emil", "dora", "cleo", "bob", "ann")
		c.wantPages(ann, limit+"&order=id", "ann", "bob", "cleo", "dora", "emil")
		c.wantPages(ann, limit+"&order=username", "ann", "bob", "cleo", "dora", "emil")
		c.wantPages(ann, limit+"&order=date_joined", "ann", "bob", "cleo", "dora", "emil")
		c.wantPages(ann, limit+"&order=-date_joined", "emil", "dora", "cleo", "bob", "ann")
		c.wantPages(ann, limit+"&staff=true", "dora")
		c.wantPages(ann, limit+"&superuser=true", "ann")
		c.wantPages(ann, limit+"&active=false", "emil")
		c.wantPages(ann, limit+"&active=true&staff=false", "cleo", "bob", "ann")
		c.wantPages(ann, limit+"&banned=true", "cleo")
		c.wantPages(ann, limit+"&banned=false&order=id", "ann", "bob", "dora", "emil")
		joined := c.user("dora").DateJoined.UTC().Format(time.RFC3339Nano)
		c.wantPages(ann, limit+"&joined_from="+joined, "emil", "dora")
		c.wantPages(ann, limit+"&joined_before="+joined, "cleo", "bob", "ann")
	}
}

// adminSearchesUsers: by the beginning of names and addresses. A user with several matches is there once, and no character is a pattern.
func adminSearchesUsers(c *Case) {
	ann, _ := c.startAdmin()
	for i, name := range []string{"cleo", "clea", "cl_o", "CLARA", "Straße", "żaba"} {
		c.must(c.Auth.CreateUser(c.Context(), &models.User{Username: name, Email: fmt.Sprint("x", i, "@example.com")}, ""))
	}
	c.must(c.Auth.ConfirmEmail(c.Context(), c.user("bob").ID, "cleverbob@example.com"))
	c.must(c.Auth.ConfirmEmail(c.Context(), c.user("cleo").ID, "clef@example.com"))
	for _, limit := range []string{"limit=1", "limit=2", "limit=3", "limit=100"} {
		c.wantPages(ann, limit+"&search=cl", "cl_o", "CLARA", "clea", "cleo", "bob")
		c.wantPages(ann, limit+"&search=CLE", "clea", "cleo", "bob")
		c.wantPages(ann, limit+"&search=cl_", "cl_o")
		c.wantPages(ann, limit+"&search=%25")
		c.wantPages(ann, limit+"&search=STRASS", "Straße")
		c.wantPages(ann, limit+"&search="+url.QueryEscape("ża"), "żaba")
		c.wantPages(ann, limit+"&search=x0@ex", "cleo")
		c.wantPages(ann, limit+"&search=cle&staff=true")
		c.wantPages(ann, limit+"&search="+fmt.Sprint(c.user("clea").ID), "clea")
	}
}

func adminRefusesWrongQueries(c *Case) {
	ann, _ := c.startAdmin()
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=101": "limit", "limit=x": "limit", "staff=yes": "staff", "joined_from=today": "joined_from", "order=password": "order",
		"order=id&search=a": "order", "joined_from=2026-01-01T00:00:00Z&order=id": "order", "cursor=x": "cursor", "cursor=e30": "cursor",
		"search=" + strings.Repeat("a", 255): "search",
	} {
		r := ann.Get("/auth/admin/users/?" + query).Want(400)
		if !strings.Contains(r.Text, `"`+field+`"`) {
			c.Error(query, r.Text)
		}
	}
	ann.Get("/auth/admin/users/99999999/").WantCode(404, binding.CodeNotFound)
	ann.Get("/auth/admin/users/x/").WantCode(404, binding.CodeNotFound)
}

func adminWarnsOfBareOperators(c *Case) {
	c.startAdmin()
	found := ginauth.Check(c.Context(), c.DB, c.Auth.Config(), admin.Feature(admin.Options{}))
	if !slices.ContainsFunc(found, func(f ginauth.Finding) bool { return f.Setting == "admin.Options" }) {
		c.Error("no warning")
	}
}
