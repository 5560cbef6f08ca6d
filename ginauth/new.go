package ginauth

// New: makes an Auth with the library's own flows and the application's features.

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// New completes and checks the configuration and returns an Auth on the database. It returns every mistake in the
// configuration at once; a mistake in a setting is a [config.Mistake]. It does not access the database, and changes
// neither db nor cfg. features are optional parts that you list, such as openapi.Serve().
func New(db *gorm.DB, cfg config.Config, features ...core.Feature) (*Auth, error) {
	a := new(Auth)
	c, err := core.New(db, cfg, a.with(features)...)
	if err == nil {
		err = c.Finish()
	}
	if err != nil {
		return nil, fmt.Errorf("ginauth: %w", err)
	}
	return a, nil
}

// with returns the library's own flows, which come first, and the application's features.
func (a *Auth) with(features []core.Feature) []core.Feature {
	open := func(s *core.Setup) error {
		a.core, a.cfg = s.Core(), s.Config()
		a.Holder = a.core
		return nil
	}
	return slices.Concat([]core.Feature{open}, a.flows(), features)
}
