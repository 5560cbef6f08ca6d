package impersonate

import (
	"context"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// check reports settings that weaken the control over operators.
func (f *feature) check(_ context.Context, r *core.Report) error {
	cfg := f.core.Config()
	if f.SilentlyWithoutNotice {
		r.Warning("users are not told that an operator acts in their place", "set impersonate.Options.SilentlyWithoutNotice to false")
	}
	if cfg.Audit.Keep == 0 {
		r.Warning("nothing records which operators act in the place of users, and why", "set Audit.Keep")
	}
	if cfg.JWT.Stateless && f.core.UsesJWT() {
		r.Warning("an impersonation that is ended lasts until its access token expires", "set JWT.Stateless to false, or keep JWT.AccessLifetime short")
	}
	return nil
}
