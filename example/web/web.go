// Package web is the front end of the example: pages for everything that the library does, in plain ES modules without a build step. It
// uses nothing but the public HTTP API, so copy from it:
//
//	app.js     which page is for which path
//	lib/       calls, forms, languages, the dialog before sensitive actions, passkeys
//	pages/     one module for each page; those for operators are in a folder
//	texts/     the texts in seven languages
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"
)

//go:embed index.html style.css icon.svg app.js lib pages texts
var files embed.FS

// paths are those of the pages, as app.js has them. The links in mails lead to those with parameters.
var paths = []string{
	"/", "/login", "/signup", "/forgot", "/account", "/account/profile", "/account/emails", "/account/password", "/account/factors",
	"/account/passkeys", "/account/connections", "/account/devices", "/account/tokens", "/account/activity", "/account/data", "/account/social",
	"/account/verify-email/:key", "/account/reset/:uid/:token", "/account/login/:key", "/account/not-me/:key", "/account/recovery/:key",
	"/operators", "/operators/users", "/operators/users/:id", "/operators/groups", "/operators/invitations", "/operators/outbox",
}

// Options is what the pages do not learn from the API.
type Options struct {
	Inbox string // path of the development inbox; empty without one
}

// Mount adds the pages and their files. Opening a page changes nothing, so programs that scan mails do not use up links.
func Mount(router gin.IRouter, o Options) error {
	index, err := render(o)
	if err != nil {
		return err
	}
	group := router.Group("", Protect)
	for _, at := range paths {
		group.GET(at, func(c *gin.Context) { c.Data(http.StatusOK, "text/html; charset=utf-8", index) })
	}
	return fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == "index.html" {
			return err
		}
		text, err := files.ReadFile(name)
		if err == nil {
			group.GET("/files/"+name, serve(text, mediaType(name)))
		}
		return err
	})
}

func render(o Options) ([]byte, error) {
	page, err := template.ParseFS(files, "index.html")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, o)
	return out.Bytes(), err
}

// serve sends a file. Browsers keep it, and ask each time whether it has changed.
func serve(text []byte, media string) gin.HandlerFunc {
	sum := sha256.Sum256(text)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return func(c *gin.Context) {
		c.Header("Cache-Control", "no-cache")
		c.Header("ETag", tag)
		if c.GetHeader("If-None-Match") == tag {
			c.Status(http.StatusNotModified)
			return
		}
		c.Data(http.StatusOK, media, text)
	}
}

func mediaType(name string) string {
	return map[string]string{
		".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".json": "application/json", ".svg": "image/svg+xml",
	}[path.Ext(name)]
}

// Protect lets a page load files and send requests only to this server, and keeps its URL private. Images can be in the page itself: QR
// codes are.
func Protect(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
	}, "; "))
	h.Set("Referrer-Policy", "no-referrer") // the URL of a link contains a key
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}
