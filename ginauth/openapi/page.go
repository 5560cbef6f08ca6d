package openapi

import (
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

// policy lets the page load and ask this server only (CSP 3). Swagger UI sets styles on its
// elements; it neither evaluates text nor has a use for frames.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// The page, for a request with a slash at its end and for one without. Its links are relative, so
// that it works behind a proxy that cuts something off the path.
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
