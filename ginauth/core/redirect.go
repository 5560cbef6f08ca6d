package core

// Redirects: routes that a browser opens as a page, and that lead on to another page whatever happens.

import (
	"errors"
	"net/http"
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
)

// AddRedirect adds a route that a browser opens as a page, such as the way to an identity provider and back. The response
// is a redirect with status 303 to the URL that h returns. If h, or a gate or limit before it, fails, page returns the URL to
// redirect to, so that the user never sees JSON; the error is logged as [Core.Fail] does. If page returns "", the
// error is written as the response.
//
// A redirect has no body in the route table: h reads the query, or the form of a POST of up to binding.MaxBody bytes. It does
// not answer HEAD. Route.Status, Answers, Form and Reads have no effect. Never put a credential into the URL.
func AddRedirect(s *Setup, r Route, h func(*gin.Context) (string, error), page func(*gin.Context, *binding.Error) string) {
	if page == nil {
		s.refuse(&r, errors.New("has no page for errors"))
		return
	}
	r.Status = http.StatusSeeOther
	made := row{Route: r, page: page, in: reflect.TypeFor[binding.Empty]()}
	made.run = func(g *gin.Context, _ *Route) (any, error) {
		g.Request.Body = http.MaxBytesReader(g.Writer, g.Request.Body, binding.MaxBody)
		return h(g)
	}
	s.add(made, h == nil)
}

// refuse writes an error of a row: as a redirect to its page, or as JSON.
func (c *Core) refuse(g *gin.Context, r *row, err error) {
	if r.page != nil {
		if at := r.page(g, c.responses.Settle(g, err)); at != "" {
			g.Abort()
			c.responses.Redirect(g, at)
			return
		}
	}
	c.Fail(g, err)
}
