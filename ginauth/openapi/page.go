package openapi

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/swaggest/swgui/v5/static"
)

//go:embed page
var pageFiles embed.FS

// policy lets the page load and ask this server only (CSP 3). Swagger UI sets styles on its
// elements; it neither evaluates text nor has a use for frames.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// servePage answers docs and docs/. Its links are relative, so that it works behind a proxy that
// cuts something off the path; with the slash they begin elsewhere than without.
func servePage(c *gin.Context) {
	page, err := pageFiles.ReadFile("page/index.html")
	if err != nil {
		_ = c.AbortWithError(http.StatusInternalServerError, err)
		return
	}
	here, up := "", "../"
	if !strings.HasSuffix(c.Request.URL.Path, "/") {
		here, up = pagePath+"/", ""
	}
	text := strings.NewReplacer("{here}", here, "{up}", up).Replace(string(page))
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	serve(c, "text/html; charset=utf-8", []byte(text))
}

// assetTypes are the files that the page may ask for.
func assetType(name string) string {
	return map[string]string{
		"start.js": "text/javascript; charset=utf-8", "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
		"page.css": "text/css; charset=utf-8", "swagger-ui.css": "text/css; charset=utf-8", "favicon-32x32.png": "image/png",
	}[name]
}

// serveAsset answers docs/:file.
func serveAsset(c *gin.Context) {
	name := c.Param("file")
	kind := assetType(name)
	if kind == "" {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	for _, files := range []embed.FS{pageFiles, static.FS} {
		for _, path := range []string{"page/" + name, name} {
			if body, err := files.ReadFile(path); err == nil {
				serve(c, kind, body)
				return
			}
		}
	}
	packed, err := static.FS.ReadFile(name + ".gz")
	if err == nil {
		err = servePacked(c, kind, packed)
	}
	if err != nil {
		_ = c.AbortWithError(http.StatusInternalServerError, err)
	}
}

// servePacked answers with a file that is stored packed, unpacked for those who cannot.
func servePacked(c *gin.Context, kind string, packed []byte) error {
	c.Header("Vary", "Accept-Encoding")
	if acceptsGzip(c.GetHeader("Accept-Encoding")) {
		c.Header("Content-Encoding", "gzip")
		serve(c, kind, packed)
		return nil
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	serve(c, kind, body)
	return nil
}

func acceptsGzip(header string) bool {
	for entry := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(entry, ";")
		weight = strings.ReplaceAll(weight, " ", "")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") && weight != "q=0" && !strings.HasPrefix(weight, "q=0.0") {
			return true
		}
	}
	return false
}
