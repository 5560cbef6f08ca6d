package main

import (
	"embed"
	"net/http"

	"github.com/gin-gonic/gin"
)

// The pages that links in mails lead to, for as long as there is no front end: they show a
// button and POST what stands in their URL. To look at one changes nothing.
//
//go:embed pages
var pages embed.FS

func addPages(router *gin.Engine) {
	group := router.Group("/account", func(c *gin.Context) {
		h := c.Writer.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer") // the URL has a key in it
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
	})
	serve := func(name string) gin.HandlerFunc {
		return func(c *gin.Context) { c.FileFromFS("pages/"+name, http.FS(pages)) }
	}
	for _, path := range []string{"/verify-email/:key", "/reset/:uid/:token", "/login/:key", "/not-me/:key"} {
		group.GET(path, serve("account.html"))
	}
	group.GET("/files/account.js", serve("account.js"))
	group.GET("/files/account.css", serve("account.css"))
}
