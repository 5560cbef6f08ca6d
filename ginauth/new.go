package ginauth

// New: an Auth with the library's own flows and the features of an application.

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// New completes and checks the configuration and returns an Auth on the database. It
// returns every mistake in the configuration at once, that of a setting a [config.Mistake]; it
// does not touch the database, and neither db nor cfg is changed.
func New(db *gorm.DB, cfg config.Config, features ...core.Feature) (*Auth, error) {
	a := new(Auth)
	if _, err := core.New(db, cfg, a.with(features)...); err != nil {
		return nil, err
	}
	return a, nil
}

// with returns the library's own flows, which come first, and the features of an application.
func (a *Auth) with(features []core.Feature) []core.Feature {
	open := func(s *core.Setup) error {
		a.core, a.cfg = s.Core(), s.Config()
		a.Handle = a.core.Handle()
		return nil
	}
	return slices.Concat([]core.Feature{open}, a.flows(), features)
}

// Check makes an Auth as [New] does, on the same arguments, and lists all that is to be said
// of it: what New refuses, as errors, with what [Auth.Check] finds in the rest. It is for a
// command of the application's that an operator calls before going live.
//
// A setting that is refused is in the list for that alone; the database is looked at unless
// NewUser is refused.
func Check(ctx context.Context, db *gorm.DB, cfg config.Config, features ...core.Feature) []Finding {
	return core.Check(ctx, db, cfg, new(Auth).with(features)...)
}
