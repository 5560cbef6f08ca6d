package ginauth

// The route table: the flows of a configuration, in the order of README.md.

import (
	"slices"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/jwtroutes"
	"github.com/ginauth/gin-rest-auth/ginauth/logincode"
	"github.com/ginauth/gin-rest-auth/ginauth/token"
)

// flows returns the library's own flows, and the features that the configuration enables.
func (a *Auth) flows() []core.Feature {
	return []core.Feature{
		a.addFlows,
		when(func(cfg config.Config) bool { return cfg.Mail.Sender != nil && cfg.LoginByCode }, logincode.Feature()),
		a.addNotices,
		when(func(cfg config.Config) bool { return slices.Contains(cfg.Login, config.OpaqueToken) }, token.Feature()),
		when(func(cfg config.Config) bool { return slices.Contains(cfg.Login, config.JSONWebToken) }, jwtroutes.Feature()),
		when(func(cfg config.Config) bool { return cfg.Audit.ShowToUsers }, a.addAudit),
		when(func(cfg config.Config) bool { return !cfg.HideConfig }, a.addPublicConfig),
		when(func(cfg config.Config) bool { return cfg.Export.Enabled }, a.addExport),
	}
}

// when returns a feature that declares nothing unless the configuration has it.
func when(has func(config.Config) bool, f core.Feature) core.Feature {
	return func(s *core.Setup) error {
		if !has(s.Config()) {
			return nil
		}
		return f(s)
	}
}

// addFlows adds the flows of this package, except the notices.
func (a *Auth) addFlows(s *core.Setup) error {
	a.loginRoutes(s)
	a.logoutRoutes(s)
	a.userRoutes(s)
	a.passwordRoutes(s)
	a.setPasswordRoutes(s)
	a.registerRoutes(s)
	a.sessionRoutes(s)
	if a.cfg.AllowLogoutOnGet {
		a.logoutOnGetRoutes(s)
	}
	a.deleteRoutes(s)
	a.reauthenticateRoutes(s)
	if a.cfg.Mail.Sender == nil {
		return nil
	}
	a.verifyRoutes(s)
	a.resetRoutes(s)
	a.emailRoutes(s)
	if a.cfg.EmailVerification == config.VerifyMandatory {
		a.correctRoutes(s)
	}
	return nil
}

// addNotices adds the route for the links in security notices.
func (a *Auth) addNotices(s *core.Setup) error {
	if a.cfg.Mail.Sender != nil && !a.cfg.Mail.AllowSilentChanges {
		a.noticeRoutes(s)
	}
	return nil
}
