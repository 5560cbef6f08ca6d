package admin

import (
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// The events of the feature in the audit trail, besides those of the library that operators cause. The README of package config says what
// they mean.
const (
	EventChanged          config.EventName = "user_changed"
	EventPasswordRequired config.EventName = "password_required"
	EventLinkSent         config.EventName = "password_link_sent"
	EventMailRetried      config.EventName = "mail_retried"
)

func events() []core.EventKind {
	return []core.EventKind{
		{Name: EventChanged, WebHook: "user.changed", Doc: "an operator changed the user, such as the name or the rank", Data: []string{"change"}},
		{Name: EventPasswordRequired, WebHook: "user.password_required", Doc: "an operator made the password unusable: the user sets a new one by a mailed link"},
		{Name: EventLinkSent, WebHook: "user.password_link_sent", Doc: "an operator mailed the user a link that sets a password"},
		{Name: EventMailRetried, Doc: "an operator queued a failed mail to the user again"},
	}
}
