package ginauth

// GET config/: what is switched on, for front ends.

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// addPublicConfig adds the route, unless Config.HideConfig is set.
func (a *Auth) addPublicConfig(s *core.Setup) error {
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "config", Tag: "What is switched on", Public: true,
		Doc: "Return what a front end needs to know: login methods, rules for fields, captchas, languages.",
	}, a.publicConfig)
	return nil
}

// publicConfig answers GET config/, the same for every client.
func (a *Auth) publicConfig(*gin.Context, *binding.Empty) (binding.PublicConfig, error) {
	return a.core.PublicConfig(), nil
}
