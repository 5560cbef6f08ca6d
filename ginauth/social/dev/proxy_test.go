package dev_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/social/dev"
)

// startOwnPort starts an application whose provider has a port of its own.
func startOwnPort(t *testing.T) (at string) {
	t.Helper()
	provider, err := dev.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Close() })
	server := httptest.NewUnstartedServer(nil)
	at = "http://" + server.Listener.Addr().String()
	auth, err := ginauth.New(memory.Open(t), config.Config{Secret: authtest.Secret, Cookie: config.Cookie{InsecureHTTP: true}}, social.Feature(social.Options{
		Providers: []social.Provider{provider.Provider()}, URL: at + "/auth", Pages: []string{at},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	if err := auth.Register(router); err != nil {
		t.Fatal(err)
	}
	router.GET("/front", func(g *gin.Context) { g.String(200, "front") })
	server.Config.Handler = router
	server.Start()
	t.Cleanup(server.Close)
	return at
}

// TestProvidersWithAPortLogIn: on this machine, a login goes from port to port.
func TestProvidersWithAPortLogIn(t *testing.T) {
	t.Parallel()
	a := &app{url: startOwnPort(t)}
	browser := a.browser(t)
	status, page, text := get(t, browser, a.url+"/auth/dev/login/?next=/front")
	if status != 200 || page.Path != "/authorize" || "http://"+page.Host == a.url || !strings.Contains(text, "Ann Archer") {
		t.Fatalf("%d %s: %s", status, page, text)
	}
	if _, end, _ := get(t, browser, page.String()+"&user=ann"); end.String() != a.url+"/front" {
		t.Errorf("the login ends at %s", end)
	}
	if status, _, text := get(t, browser, a.url+"/auth/user/"); status != 200 || !strings.Contains(text, `"username":"ann"`) {
		t.Errorf("%d %s", status, text)
	}
}

// TestProxiesWithoutHeadersLeadNowhere: a proxy on this machine speaks HTTP/1.1, adds no header, and names the host that it forwards to. No
// rule about hosts can tell its clients from those of this machine, so a client far away can begin a login. It cannot choose a user.
func TestProxiesWithoutHeadersLeadNowhere(t *testing.T) {
	t.Parallel()
	at := startOwnPort(t)
	target, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target) // the Host as well
		r.Out.Header.Del("Referer")
	}})
	t.Cleanup(proxy.Close)
	far := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := far.Get(proxy.URL + "/auth/dev/login/")
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	page, err := url.Parse(r.Header.Get("Location"))
	if err != nil || r.StatusCode != 303 || page.Host == target.Host {
		t.Fatalf("%d leads to %s, %v", r.StatusCode, page, err)
	}
	for _, path := range []string{page.Path, "/dev-provider" + page.Path, "/auth" + page.Path, "/auth/dev" + page.Path} { // all that the client can reach
		r, err := far.Get(proxy.URL + path + "?" + page.RawQuery + "&user=ann")
		if err != nil {
			t.Fatal(err)
		}
		if _ = r.Body.Close(); r.StatusCode != 404 {
			t.Errorf("%s: %d, to %s", path, r.StatusCode, r.Header.Get("Location"))
		}
	}
}
