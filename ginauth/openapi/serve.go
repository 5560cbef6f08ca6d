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

// An Option adds something to the document that does not follow from the routes. Pass it to [Serve] or [Document].
type Option func(*settings)

type settings struct {
	title, version, description string
	edits                       []func(*openapi3.T)
}

// Title sets the title of the document. Default: config.Mail.Site or, without mails, "Accounts".
func Title(title string) Option { return func(s *settings) { s.title = title } }

// Version sets the version of your API. Default "1".
func Version(version string) Option { return func(s *settings) { s.version = version } }

// Description sets an introduction in Markdown, which docs/ shows below the title.
func Description(text string) Option { return func(s *settings) { s.description = text } }

// Edit passes the complete document to f, which can change it: extend the description of an operation, add examples, or add
// your own routes. f runs each time the document is created: in ginauth.New, which returns an error if the result is not
// valid OpenAPI, and at the first request for it.
func Edit(f func(*openapi3.T)) Option { return func(s *settings) { s.edits = append(s.edits, f) } }

// Serve returns the feature for ginauth.New. It adds GET openapi.json, which returns the document, and GET docs/, a page to
// read it and to try the routes. The page contacts this server only. ginauth.New returns an error if JSON cannot represent
// one of your types.
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
			{pagePath + "/:file", "Files of the page.", serveAsset},
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
