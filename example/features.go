package main

import (
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/impersonate"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

// features returns the features that the example adds to the library.
func (s *settings) features() []core.Feature {
	features := append([]core.Feature{openapi.Serve(), mfa.Feature(s.factors())}, s.operators()...)
	if login := s.socialLogin(); login != nil {
		features = append(features, login)
	}
	if passkeys := s.passkeys(); passkeys != nil {
		features = append(features, passkeys)
	}
	return features
}

// factors returns the settings of second factors. Operators need one, except in development.
func (s *settings) factors() mfa.Options {
	o := mfa.Options{Issuer: "Basket", EmailCodes: s.sendsMails()}
	if strings.Contains(s.modes, string(config.SessionCookie)) {
		o.TrustDays = 30
	}
	if s.sendsMails() { // users who lost their factors prove themselves with a mailed code
		o.Recovery = mfa.Recovery{Wait: 72 * time.Hour, CancelURL: s.mail.front(s.public()) + "/account/recovery/{key}"}
	}
	if s.operatorFactor && s.sendsMails() { // users set one up with a mailed code
		o.RequireFor = func(account models.Account) bool { return account.Base().IsStaff || account.Base().IsSuperuser }
	}
	return o
}

// operators returns the features with which operators manage users.
func (s *settings) operators() []core.Feature {
	features := []core.Feature{
		roles.Feature(roles.Options{ManageRoutes: true}),
		admin.Feature(admin.Options{}),
		invite.Feature(invite.Options{Page: s.mail.front(s.public()) + "/signup?invitation={key}&email={email}"}),
	}
	if s.sendsMails() { // users get a mail about it
		features = append(features, impersonate.Feature(impersonate.Options{}))
	}
	return features
}

// sendsMails reports whether there is a sender. It is for what comes after config.
func (s *settings) sendsMails() bool { return s.mail.url != "" }
