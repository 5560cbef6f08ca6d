package openapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
	"weak"

	"github.com/gin-gonic/gin"
	"github.com/swaggest/swgui/v5/static"
)

//go:embed page
var pageFiles embed.FS

// file is a response body that never changes. It is hashed once, so a request costs only the bytes that it sends.
type file struct {
	mediaType, tag string
	body           content
}

// content can be read concurrently: a *bytes.Reader, or a file embedded in the program.
type content interface {
	io.ReaderAt
	Size() int64
}

func newFile(mediaType string, body content) (*file, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(body, 0, body.Size())); err != nil {
		return nil, err
	}
	return &file{mediaType: mediaType, tag: `"` + hex.EncodeToString(hash.Sum(nil)[:16]) + `"`, body: body}, nil
}

// serve sends the file. Browsers cache it and ask each time whether it has changed.
func (f *file) serve(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Type", f.mediaType)
	h.Set("ETag", f.tag)
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, io.NewSectionReader(f.body, 0, f.body.Size()))
}

// asset is a file that the page loads. Each form of it is created at the first request for that form.
type asset struct {
	plain  func() (*file, error)
	packed func() (*file, error) // compressed with gzip; nil for a small file
}

// assets are the files that the page loads, by name. All instances of Auth in a process share them.
var assets = map[string]asset{
	"start.js":             small(pageFiles, "page/start.js", "text/javascript; charset=utf-8"),
	"page.css":             small(pageFiles, "page/page.css", "text/css; charset=utf-8"),
	"favicon-32x32.png":    small(static.FS, "favicon-32x32.png", "image/png"),
	"swagger-ui-bundle.js": large("swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8"),
	"swagger-ui.css":       large("swagger-ui.css.gz", "text/css; charset=utf-8"),
}

func small(files embed.FS, name, mediaType string) asset {
	return asset{plain: sync.OnceValues(func() (*file, error) { return embedded(files, name, mediaType) })}
}

// large is a file that is stored compressed. It is unpacked for clients that do not accept gzip.
func large(name, mediaType string) asset {
	packed := sync.OnceValues(func() (*file, error) { return embedded(static.FS, name, mediaType) })
	unpacked := &unpacked{mediaType: mediaType, packed: packed}
	return asset{packed: packed, plain: unpacked.file}
}

// unpacked keeps a file while requests use it, and then until the next garbage collection, because browsers ask for the
// compressed one.
type unpacked struct {
	mediaType string
	packed    func() (*file, error)

	mutex sync.Mutex
	held  weak.Pointer[file]
}

// file returns the file. Concurrent requests share it.
func (u *unpacked) file() (*file, error) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if held := u.held.Value(); held != nil {
		return held, nil
	}
	packed, err := u.packed()
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(io.NewSectionReader(packed.body, 0, packed.body.Size()))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	made, err := newFile(u.mediaType, bytes.NewReader(body))
	u.held = weak.Make(made)
	return made, err
}

// embedded returns a file that is embedded in the program, without copying it.
func embedded(files embed.FS, name, mediaType string) (*file, error) {
	opened, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := opened.Stat()
	if err != nil {
		return nil, err
	}
	body, ok := opened.(io.ReaderAt) // documented by embed.FS
	if !ok {
		return nil, fmt.Errorf("openapi: %s: %T is not an io.ReaderAt", name, opened)
	}
	return newFile(mediaType, io.NewSectionReader(body, 0, info.Size()))
}

// serveAsset answers docs/:file.
func serveAsset(c *gin.Context) {
	found, ok := assets[c.Param("file")]
	if !ok {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	form := found.plain
	if found.packed != nil {
		c.Header("Vary", "Accept-Encoding")
		if acceptsGzip(c.GetHeader("Accept-Encoding")) {
			c.Header("Content-Encoding", "gzip")
			form = found.packed
		}
	}
	f, err := form()
	if err != nil {
		_ = c.AbortWithError(http.StatusInternalServerError, err)
		return
	}
	f.serve(c)
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
