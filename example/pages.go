package main

import (
	"bytes"
	"embed"
	"html/template"
	"net"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/example/web"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
)

//go:embed developers.html
var pages embed.FS

var developers = template.Must(template.ParseFS(pages, "developers.html"))

// addPages adds the application at /, the page at /developers, and the way to the inbox.
func addPages(router *gin.Engine, auth *ginauth.Auth, s *settings) error {
	page, err := renderDevelopers(auth, s)
	if err != nil {
		return err
	}
	group := router.Group("", s.atLocalhost)
	group.GET("/developers", web.Protect, func(c *gin.Context) { c.Data(http.StatusOK, "text/html; charset=utf-8", page) })
	var options web.Options
	if s.inbox != nil {
		options.Inbox = "/dev/mail"
		router.GET(options.Inbox, func(c *gin.Context) {
			if !social.Local(c.Request) {
				c.AbortWithStatus(http.StatusNotFound)
				return
			}
			c.Redirect(http.StatusSeeOther, s.inbox.URL())
		})
	}
	return web.Mount(group, options)
}

// atLocalhost sends browsers from http://127.0.0.1 to http://localhost: there they have passkeys, and providers send them back there.
func (s *settings) atLocalhost(c *gin.Context) {
	host, _, _ := net.SplitHostPort(c.Request.Host)
	if s.publicURL == "" && host != "localhost" && social.IsLoopback(host) {
		c.Redirect(http.StatusTemporaryRedirect, s.public()+c.Request.URL.RequestURI())
		c.Abort()
	}
}

// A routeRow is a row of the table of routes on the page at /developers.
type routeRow struct {
	Method, Doc string
	Path        []string // in parts, so that a narrow page can break it after a slash
	NeedsLogin  bool
}

// renderDevelopers makes the page at /developers. It lists the routes that the settings switch on.
func renderDevelopers(auth *ginauth.Auth, s *settings) ([]byte, error) {
	var routes []routeRow
	for _, r := range auth.Routes() {
		if !r.Undocumented { // openapi.json and docs/, which have their own links
			routes = append(routes, routeRow{r.Method, r.Doc, strings.SplitAfter(auth.Base()+"/"+r.Path, "/"), r.Access.NeedsUser()})
		}
	}
	var page bytes.Buffer
	err := developers.Execute(&page, map[string]any{"Base": auth.Base(), "Commands": commands(s)[:2], "Routes": routes, "PrintsMails": s.printsMails(), "Inbox": s.inbox != nil})
	return page.Bytes(), err
}
