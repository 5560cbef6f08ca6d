package passkey

// Events of the audit trail, and their web-hooks.

import (
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// The names of the events of this package.
const (
	EventAdded   config.EventName = "passkey_added"
	EventRemoved config.EventName = "passkey_removed"
	EventCloned  config.EventName = "passkey_cloned" // the sign count did not rise
)

func events() []core.EventKind {
	return []core.EventKind{
		{Name: EventAdded, WebHook: "passkey.added", Doc: "the user added a passkey"},
		{Name: EventRemoved, WebHook: "passkey.removed", Doc: "the user removed a passkey"},
		{Name: EventCloned, WebHook: "passkey.cloned", Doc: "a login with a passkey was refused because its sign count did not rise, so it may have been copied"},
	}
}
