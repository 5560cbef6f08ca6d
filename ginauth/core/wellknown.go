package core

// /.well-known/change-password: the redirect to the page where users change their password.

import (
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"
)

const changePasswordPath = "/.well-known/change-password"

// ChangePasswordPage implements ginauth.Auth.ChangePasswordPage, which has the documentation.
func (c *Core) ChangePasswordPage() gin.HandlerFunc {
	return func(g *gin.Context) {
		if c.cfg.ChangePasswordPage == "" {
			g.AbortWithStatus(http.StatusNotFound)
			return
		}
		g.Redirect(http.StatusFound, c.cfg.ChangePasswordPage)
	}
}

// mountWellKnown adds the redirect at the root of the host, if the configuration has a page. From a group it cannot
// reach the root.
func (c *Core) mountWellKnown(router gin.IRouter) {
	if c.cfg.ChangePasswordPage == "" {
		return
	}
	if located, ok := router.(interface{ BasePath() string }); !ok || located.BasePath() != "/" {
		c.cfg.Logger.Warn("ginauth: ChangePasswordPage has no effect, because Register got a group and not the engine; "+
			"mount Auth.ChangePasswordPage on the engine", slog.String("path", changePasswordPath))
		return
	}
	router.GET(changePasswordPath, c.ChangePasswordPage())
	router.HEAD(changePasswordPath, c.ChangePasswordPage())
}
