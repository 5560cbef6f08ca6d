package openapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// An Option says something about the document that the routes do not tell.
type Option func(*settings)

type settings struct {
	title, version, description string
	edits                       []func(*openapi3.T)
}

// Title replaces the title, which is config.Mail.Site or, where no mails are sent, "Accounts".
func Title(title string) Option { return func(s *settings) { s.title = title } }

// Version is the version of the application's API. Default "1".
func Version(version string) Option { return func(s *settings) { s.version = version } }

// Description is an introduction, in Markdown.
func Description(text string) Option { return func(s *settings) { s.description = text } }

// Edit hands the finished document to a function that may change it: to describe an operation
// at length, to add examples, or the application's own routes. It is called each time the
// document is made, which Serve does in ginauth.New, to find mistakes, and at the first request; what
// does not fit OpenAPI is an error there.
func Edit(f func(*openapi3.T)) Option { return func(s *settings) { s.edits = append(s.edits, f) } }

// Serve adds GET openapi.json, the document, and GET docs/, a page to read it and to try the
// routes, which asks nobody but this server. The document is made when it is first asked for;
// a type of the application's that JSON cannot have is an error of ginauth.New.
func Serve(opts ...Option) core.Feature {
	return func(s *core.Setup) error {
		auth, cfg := s.Core(), s.Config()
		if _, err := describe(auth, &cfg, opts); err != nil {
			return err
		}
		document := sync.OnceValues(func() (*file, error) {
			d, err := describe(auth, &cfg, opts)
			if err != nil {
				return nil, err
			}
			body, err := json.Marshal(d)
			if err != nil {
				return nil, err
			}
			return newFile(mediaJSON, bytes.NewReader(body))
		})
		for _, route := range []struct {
			path, doc string
			handler   gin.HandlerFunc
		}{
			{documentPath, "This API as OpenAPI 3.1.", func(c *gin.Context) { serveDocument(c, document) }},
			{pagePath, "This API as a page to read and try.", servePage},
			{pagePath + "/:file", "What the page needs.", serveAsset},
		} {
			core.AddRaw(s, core.Route{Method: http.MethodGet, Path: route.path, Doc: route.doc, Undocumented: true}, route.handler)
		}
		return nil
	}
}

const (
	documentPath = "openapi.json"
	pagePath     = "docs"
)

func serveDocument(c *gin.Context, document func() (*file, error)) {
	f, err := document()
	if err != nil {
		_ = c.AbortWithError(http.StatusInternalServerError, err)
		return
	}
	f.serve(c)
}
