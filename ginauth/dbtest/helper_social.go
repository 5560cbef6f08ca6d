package dbtest

// Applications with all features that have tables, and users with an account at a provider.

import (
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/impersonate"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
)

// acme returns a provider whose word about addresses counts for nothing.
func acme() social.Provider {
	return social.OIDC("acme", "https://login.acme.example", "our-client", "our-secret")
}

// startFeatures starts an application with every feature that has tables or sessions: web-hooks to r, logins by acme, authenticator apps,
// rights, passkeys, invitations and impersonation.
// A test that walks all tables uses it.
func (c *Case) startFeatures(r *receiver, change ...func(*config.Config)) *socialtest.IDP {
	c.Helper()
	idp := socialtest.New(c.T)
	hooks := webhook.Options{Endpoints: []webhook.Endpoint{r.endpoint()}, AllowPrivateNetworks: true, InsecureAllowHTTP: true}
	c.With(webhook.Feature(hooks), idp.Feature(acme()), mfa.Feature(mfa.Options{TrustDays: 14}), roles.Feature(shop()), passkeys(), invitations(invite.Options{}), impersonate.Feature(impersonate.Options{})).StartMail(change...)
	return idp
}

// byAcme logs in with an account of acme.
func (c *Case) byAcme(idp *socialtest.IDP, browser *authtest.Client, claims socialtest.Claims) *authtest.Response {
	c.Helper()
	return browser.Post("/auth/acme/", obj{"id_token": idp.IDToken(c.App, acme(), claims)})
}

// connect connects an account of acme to the user of a browser.
func (c *Case) connect(idp *socialtest.IDP, browser *authtest.Client, claims socialtest.Claims) {
	c.Helper()
	browser.Post("/auth/acme/connect/", obj{"id_token": idp.IDToken(c.App, acme(), claims)}).Want(200)
}
