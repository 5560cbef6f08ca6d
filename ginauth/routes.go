package ginauth

// The route table: the flows of a configuration, in the order of the README.

import (
	"slices"

	"github.com/ginauth/gin-rest-auth/ginauth/core"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/jwtroutes"
	"github.com/ginauth/gin-rest-auth/ginauth/logincode"
	"github.com/ginauth/gin-rest-auth/ginauth/token"
)

// addFlows adds the routes of every flow that the configuration has.
func (a *Auth) addFlows(s *core.Setup) error {
	a.loginRoutes(s)
	a.logoutRoutes(s)
	a.userRoutes(s)
	a.passwordRoutes(s)
	a.registerRoutes(s)
	a.sessionRoutes(s)
	if a.cfg.AllowLogoutOnGet {
		a.logoutOnGetRoutes(s)
	}
	a.deleteRoutes(s)
	a.reauthenticateRoutes(s)
	if a.cfg.Mail.Sender != nil {
		if err := a.mailRoutes(s); err != nil {
			return err
		}
	}
	if slices.Contains(a.cfg.Login, config.OpaqueToken) {
		if err := token.Feature()(s); err != nil {
			return err
		}
	}
	if slices.Contains(a.cfg.Login, config.JSONWebToken) {
		return jwtroutes.Feature()(s)
	}
	return nil
}

// mailRoutes adds the flows that need mails.
func (a *Auth) mailRoutes(s *core.Setup) error {
	a.verifyRoutes(s)
	a.resetRoutes(s)
	a.emailRoutes(s)
	if a.cfg.EmailVerification == config.VerifyMandatory {
		a.correctRoutes(s)
	}
	if a.cfg.LoginByCode {
		if err := logincode.Feature()(s); err != nil {
			return err
		}
	}
	if !a.cfg.Mail.AllowSilentChanges {
		a.noticeRoutes(s)
	}
	return nil
}
