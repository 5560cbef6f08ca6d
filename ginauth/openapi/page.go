package openapi

import (
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

// policy lets the page load files from this server and send requests to it, and nothing else (CSP 3). Swagger UI sets styles
// on its elements by script, which the policy allows; it needs neither eval nor frames.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// The page, for requests with and without a trailing slash. Its links are relative, so that it works behind a proxy that
// removes a part of the path.
var (
	pageWithSlash = sync.OnceValues(func() (*file, error) { return newPage("", "../") })
	pageWithout   = sync.OnceValues(func() (*file, error) { return newPage(pagePath+"/", "") })
)

func newPage(here, up string) (*file, error) {
	page, err := pageFiles.ReadFile("page/index.html")
	if err != nil {
		return nil, err
	}
	text := strings.NewReplacer("{here}", here, "{up}", up).Replace(string(page))
	return newFile("text/html; charset=utf-8", strings.NewReader(text))
}

// servePage answers docs and docs/.
func servePage(c *gin.Context) {
	form := pageWithout
	if strings.HasSuffix(c.Request.URL.Path, "/") {
		form = pageWithSlash
	}
	page, err := form()
	if err != nil {
		_ = c.AbortWithError(http.StatusInternalServerError, err)
		return
	}
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	page.serve(c)
}
