package main

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth"
)

// The page at /, and the pages that links in mails open. A page for a link shows a button that sends the key in its URL:
// opening the page changes nothing, so mail scanners cannot use up links.
//
//go:embed pages
var pages embed.FS

var homePage = template.Must(template.ParseFS(pages, "pages/home.html"))

// addPages adds the pages and their files.
func addPages(router *gin.Engine, auth *ginauth.Auth, s settings) error {
	home, err := renderHome(auth, s)
	if err != nil {
		return err
	}
	group := router.Group("", protectPage)
	serve := func(name string) gin.HandlerFunc {
		return func(c *gin.Context) { c.FileFromFS("pages/"+name, http.FS(pages)) }
	}
	group.GET("/", func(c *gin.Context) { c.Data(http.StatusOK, "text/html; charset=utf-8", home) })
	for _, path := range []string{"/verify-email/:key", "/reset/:uid/:token", "/login/:key", "/not-me/:key", "/social"} {
		group.GET("/account"+path, serve("account.html"))
	}
	group.GET("/files/account.js", serve("account.js"))
	group.GET("/files/style.css", serve("style.css"))
	return nil
}

// protectPage lets a page load files and send requests only to this server, and keeps its URL private.
func protectPage(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer") // the URL of a link contains a key
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

// A routeRow is a row of the table of routes on the page at /.
type routeRow struct {
	Method, Doc string
	Path        []string // in parts, so that a narrow page can break it after a slash
	NeedsLogin  bool
}

// renderHome makes the page at /. It lists the routes that the settings switch on.
func renderHome(auth *ginauth.Auth, s settings) ([]byte, error) {
	var routes []routeRow
	for _, r := range auth.Routes() {
		if !r.Undocumented { // openapi.json and docs/, which have their own links
			routes = append(routes, routeRow{r.Method, r.Doc, strings.SplitAfter(auth.Base()+"/"+r.Path, "/"), r.Access.NeedsUser()})
		}
	}
	var page bytes.Buffer
	err := homePage.Execute(&page, map[string]any{"Base": auth.Base(), "Commands": commands(s)[:2], "Routes": routes, "PrintsMails": s.printsMails(), "Dev": s.dev})
	return page.Bytes(), err
}
