package config

import (
	"context"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// Export sets whether users can download what the library has about them.
type Export struct {
	// Enabled adds the route GET user/export/. It needs a recent login, see Session.Fresh, and works 5 times an hour, those that fail included.
	// Default: false, because someone at an unattended session could take everything at once.
	Enabled bool

	// Data returns what the application's own tables have about a user, as a value for JSON; it is the field "application" of
	// the export. It reads with tx. It must return no secrets. It needs Enabled. Default: nil.
	Data func(ctx context.Context, tx *gorm.DB, user models.Account) (any, error)
}

func (c Config) checkExport(bad report) {
	bad.check([]rule{
		{c.Export.Data != nil && !c.Export.Enabled, "Export.Data", "needs Export.Enabled"},
	})
}
