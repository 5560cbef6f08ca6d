package config

import (
	"context"

	"github.com/ginauth/gin-rest-auth/models"
)

// Hooks are told what happened. After-hooks run when the change is committed and cannot
// take it back; what they panic with is logged and goes no further. They run within the
// request, possibly many at once, and must be quick.
type Hooks struct {
	// AfterRefreshReuse is told that a refresh token was used that had been replaced
	// before: somebody has a copy. The session has been ended. Tell its user.
	AfterRefreshReuse func(ctx context.Context, user models.Account, session *models.Session)
}
