package core

// /.well-known/ at the root of the host: the redirect to the page where users change their password, and documents of features.

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"

	"github.com/gin-gonic/gin"
)

const (
	wellKnownPath      = "/.well-known/" // RFC 8615
	changePasswordPath = wellKnownPath + "change-password"
)

var wellKnownForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// WellKnown adds a JSON document that everyone can read, at /.well-known/ and the name. Register adds the route if it gets the
// engine; otherwise the application mounts [Core.WellKnown]. The value is encoded at once, so later changes have no effect. A name
// that is taken, or has characters other than lower-case letters, digits and -, and a value that JSON cannot encode, are errors
// of New.
func (s *Setup) WellKnown(name string, document any) {
	c := s.declaring().core
	encoded, err := json.Marshal(document)
	if _, taken := c.wellKnown[name]; taken || !wellKnownForm.MatchString(name) || wellKnownPath+name == changePasswordPath {
		err = errors.New("the name is taken, or not in lower-case letters, digits and -")
	}
	if err != nil {
		s.fail(fmt.Errorf("the document %s%s: %w", wellKnownPath, name, err))
		return
	}
	if c.wellKnown == nil {
		c.wellKnown = map[string]json.RawMessage{}
	}
	c.wellKnown[name] = encoded
}

// WellKnown returns the handler of a document of [Setup.WellKnown]. Without one it responds with 404.
func (c *Core) WellKnown(name string) gin.HandlerFunc {
	return func(g *gin.Context) {
		document, found := c.wellKnown[name]
		if !found {
			g.AbortWithStatus(http.StatusNotFound)
			return
		}
		c.responses.Public(g, document)
	}
}

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

// mountWellKnown adds the redirect, if the configuration has a page, and the documents of features at the root of the host. From
// a group it cannot reach the root.
func (c *Core) mountWellKnown(router gin.IRouter) {
	located, ok := router.(interface{ BasePath() string })
	atRoot := ok && located.BasePath() == "/"
	if c.cfg.ChangePasswordPage != "" && !atRoot {
		c.cfg.Logger.Warn("ginauth: ChangePasswordPage has no effect, because Register got a group and not the engine; "+
			"mount Auth.ChangePasswordPage on the engine", slog.String("path", changePasswordPath))
	} else if c.cfg.ChangePasswordPage != "" {
		router.GET(changePasswordPath, c.ChangePasswordPage())
		router.HEAD(changePasswordPath, c.ChangePasswordPage())
	}
	for _, name := range slices.Sorted(maps.Keys(c.wellKnown)) {
		if !atRoot {
			c.cfg.Logger.Warn("ginauth: a well-known document has no route, because Register got a group and not the engine; "+
				"mount the handler of its feature on the engine", slog.String("path", wellKnownPath+name))
			continue
		}
		router.GET(wellKnownPath+name, c.WellKnown(name))
		router.HEAD(wellKnownPath+name, c.WellKnown(name))
	}
}
