package webhook

import (
	"maps"

	"github.com/ginauth/gin-rest-auth/config"
)

// Told returns the web-hooks by the events of the library.
func Told() map[config.EventName]Event { return maps.Clone(eventOf) }
