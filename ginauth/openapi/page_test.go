package openapi_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
)

// served returns an application with Serve, whose routes are on the router that group returns.
func served(t testing.TB, change change, group func(*gin.Engine) gin.IRouter, opts ...openapi.Option) (*ginauth.Auth, *gin.Engine) {
	t.Helper()
	cfg := config.Config{Secret: authtest.Secret, Hash: config.Hash{Memory: 64, Time: 1, InsecureCheapForTests: true}}
	change(&cfg)
	auth, err := ginauth.New(openDB(t), cfg, openapi.Serve(opts...))
	if err != nil {
		t.Fatal(err)
	}
	if err := auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	router := gin.New()
	if err := auth.Register(group(router)); err != nil {
		t.Fatal(err)
	}
	return auth, router
}

func engine(r *gin.Engine) gin.IRouter { return r }

func get(handler http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// TestDocumentIsServed: the document is served below any base path, and contains that path.
func TestDocumentIsServed(t *testing.T) {
	t.Parallel()
	for base, group := range map[string]func(*gin.Engine) gin.IRouter{
		"/auth":     engine,
		"/api/auth": func(r *gin.Engine) gin.IRouter { return r.Group("/api/auth") },
	} {
		auth, router := served(t, defaults, group, openapi.Title("Acme"), openapi.Version("1.4.0"), openapi.Description("Hello."))
		response := get(router, base+"/openapi.json")
		var d struct {
			Info    struct{ Title, Version, Description string }
			Servers []struct{ URL string }
		}
		if err := json.Unmarshal(response.Body.Bytes(), &d); err != nil || response.Code != 200 {
			t.Fatalf("%d, %v: %s", response.Code, err, response.Body)
		}
		if d.Info.Title != "Acme" || d.Info.Version != "1.4.0" || d.Info.Description != "Hello." || len(d.Servers) != 1 || d.Servers[0].URL != base {
			t.Errorf("got %+v", d)
		}
		if kind := response.Header().Get("Content-Type"); kind != "application/json" {
			t.Errorf("it is %s", kind)
		}
		again, err := openapi.Document(auth, openapi.Title("Acme"), openapi.Version("1.4.0"), openapi.Description("Hello."))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := json.Marshal(again); err != nil || !bytes.Equal(text, response.Body.Bytes()) {
			t.Errorf("Document returns another document, %v", err)
		}
		if known := get(router, base+"/openapi.json", "If-None-Match", response.Header().Get("ETag")); known.Code != 304 {
			t.Errorf("a document that has not changed: %d", known.Code)
		}
	}
}

var linkForm = regexp.MustCompile(`(?:src|href|data-url)="([^"]*)"`)

// pagePolicy is the Content-Security-Policy of the page, where users are logged in.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// TestPage: the page finds its files on this server, with and without a trailing slash and at any base path. Its policy
// forbids other hosts.
func TestPage(t *testing.T) {
	t.Parallel()
	for base, group := range map[string]func(*gin.Engine) gin.IRouter{
		"/auth":     engine,
		"/api/auth": func(r *gin.Engine) gin.IRouter { return r.Group("/api/auth") },
	} {
		_, router := served(t, defaults, group)
		for _, path := range []string{base + "/docs", base + "/docs/"} {
			response := get(router, path)
			if kind := response.Header().Get("Content-Type"); response.Code != 200 || kind != "text/html; charset=utf-8" {
				t.Fatalf("%s: %d %s", path, response.Code, kind)
			}
			if policy := response.Header().Get("Content-Security-Policy"); policy != pagePolicy {
				t.Errorf("the policy is %s", policy)
			}
			links := linkForm.FindAllStringSubmatch(response.Body.String(), -1)
			if len(links) < 6 {
				t.Errorf("only %d links in %s", len(links), response.Body)
			}
			for _, link := range links {
				here := &url.URL{Scheme: "https", Host: "example.com", Path: path}
				there, err := here.Parse(link[1])
				if err != nil || there.Host != here.Host {
					t.Errorf("%s leads to %s, %v", link[1], there, err)
					continue
				}
				if found := get(router, there.Path); found.Code != 200 || found.Body.Len() < 50 {
					t.Errorf("%s in %s: %d, %d bytes", link[1], path, found.Code, found.Body.Len())
				}
			}
			if strings.Contains(response.Body.String(), "<script>") || strings.Contains(response.Body.String(), "style=") {
				t.Error("there is inline code, which the policy forbids")
			}
		}
	}
}

// TestPageNamesNoOtherHost: start.js and page.css contain no other host. The validator of Swagger UI, which sends the document
// to swagger.io by default, is off.
func TestPageNamesNoOtherHost(t *testing.T) {
	t.Parallel()
	_, router := served(t, defaults, engine)
	for _, name := range []string{"start.js", "page.css", ""} {
		text := get(router, "/auth/docs/"+name).Body.String()
		if found := foreignURL.FindString(text); found != "" || len(text) < 100 {
			t.Errorf("%q in %d bytes of %q", found, len(text), name)
		}
	}
	start := get(router, "/auth/docs/start.js").Body.String()
	if settings := urlSetting.FindAllString(start, -1); !slices.Equal(settings, []string{"url: root.dataset.url", "validatorUrl: null"}) {
		t.Errorf("start.js sets %q", settings)
	}
}

// An absolute URL, with or without a scheme; comments begin with // and a space.
var foreignURL = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://|//[^ /]`)

var urlSetting = regexp.MustCompile("(?i)\\w*urls?[\"']?\\s*:\\s*[^,]*")

func TestAssets(t *testing.T) {
	t.Parallel()
	_, router := served(t, defaults, engine)
	plain := get(router, "/auth/docs/swagger-ui.css")
	for accept, packed := range map[string]bool{
		"gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "gzip; q=0.000": false, "identity": false, "": false,
	} {
		response := get(router, "/auth/docs/swagger-ui.css", "Accept-Encoding", accept)
		body := response.Body.Bytes()
		if got := response.Header().Get("Content-Encoding") == "gzip"; got != packed {
			t.Errorf("Accept-Encoding %q: packed is %v", accept, got)
		} else if got {
			r, err := gzip.NewReader(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(body, plain.Body.Bytes()) {
			t.Errorf("Accept-Encoding %q: another file", accept)
		}
		if response.Header().Get("Content-Type") != "text/css; charset=utf-8" || response.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("headers %v", response.Header())
		}
	}
	for _, name := range []string{"swagger-ui-bundle.js.gz", "index.html", "embed.go", "..%2fserve.go", "nothing"} {
		if response := get(router, "/auth/docs/"+name); response.Code != 404 {
			t.Errorf("%s: %d", name, response.Code)
		}
	}
	head := httptest.NewRecorder()
	router.ServeHTTP(head, httptest.NewRequest(http.MethodHead, "/auth/docs/", nil))
	if head.Code != 200 || head.Body.Len() != 0 {
		t.Errorf("HEAD: %d, %d bytes", head.Code, head.Body.Len())
	}
}

// TestAssetsNeedNoMemory: many concurrent requests for the script of the page, with and without gzip, allocate almost no memory,
// so they cannot exhaust the server (S16). Nothing stays in memory afterwards: browsers get the compressed file from the program.
func TestAssetsNeedNoMemory(t *testing.T) { // not in parallel: it counts what the process allocates
	_, router := served(t, defaults, engine)
	burst := func(encoding string) (allocated uint64) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var all sync.WaitGroup
		for range 300 {
			all.Go(func() {
				r := httptest.NewRequest(http.MethodHead, "/auth/docs/swagger-ui-bundle.js", nil)
				r.Header.Set("Accept-Encoding", encoding)
				w := httptest.NewRecorder()
				if router.ServeHTTP(w, r); w.Code != 200 || w.Header().Get("ETag") == "" {
					t.Errorf("%d %v", w.Code, w.Header())
				}
			})
		}
		all.Wait()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	held := func() uint64 {
		var now runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&now)
		return now.HeapAlloc
	}
	before := held()
	for _, encoding := range []string{"gzip", "identity"} {
		burst(encoding) // creates the file
		if allocated := burst(encoding); allocated > 10<<20 {
			t.Errorf("%s: 300 requests allocate %d KiB", encoding, allocated>>10)
		}
	}
	if after := held(); after > before+200<<10 {
		t.Errorf("%d KiB stay allocated after the requests", (after-before)>>10)
	}
}
