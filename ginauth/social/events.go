package social

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// The events of the feature in the audit trail. Event.Details is the name of the provider.
const (
	EventConnected    config.EventName = "social_connected"
	EventDisconnected config.EventName = "social_disconnected"
)

func events() []core.EventKind {
	provider := []string{"provider"}
	return []core.EventKind{
		{Name: EventConnected, WebHook: "social_account.connected", Doc: "an account of a provider was connected, also at the sign-up with it", Data: provider},
		{Name: EventDisconnected, WebHook: "social_account.disconnected", Doc: "an account of a provider was disconnected", Data: provider},
	}
}

// record records an event about a user's account at a provider.
func (f *feature) record(g *gin.Context, tx *core.Tx, name config.EventName, userID int64, provider string) error {
	e := f.core.Event(g, &models.User{ID: userID})
	e.Details = provider
	return tx.Record(name, e)
}
