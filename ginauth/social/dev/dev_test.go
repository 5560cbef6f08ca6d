package dev_test

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/example/chromium"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/social/dev"
	"github.com/ginauth/gin-rest-auth/models"
)

var pictures = flag.String("pictures", "", "a folder for pictures of the page")

// app is an application with the provider, on a port of this machine.
type app struct {
	url    string
	db     *gorm.DB
	server *httptest.Server
}

func start(t *testing.T) *app {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	a := &app{url: "http://localhost:" + port, db: memory.Open(t), server: server}
	provider, err := dev.New(a.url + "/dev-provider/")
	if err != nil {
		t.Fatal(err)
	}
	auth, err := ginauth.New(a.db, config.Config{Secret: authtest.Secret, Cookie: config.Cookie{InsecureHTTP: true}}, social.Feature(social.Options{
		Providers: []social.Provider{provider.Provider()}, URL: a.url + "/auth", Pages: []string{a.url},
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
	router.Any("/dev-provider/*path", gin.WrapH(provider))
	router.GET("/front", func(g *gin.Context) {
		g.Header("Cross-Origin-Opener-Policy", "same-origin") // the popup then has no opener
		g.File("testdata/front.html")
	})
	router.StaticFile("/buttons.js", "testdata/buttons.js")
	script := sample(t)
	router.GET("/social.js", func(g *gin.Context) { g.Data(200, "text/javascript", []byte(script)) })
	server.Config.Handler = router
	server.Start()
	t.Cleanup(server.Close)
	return a
}

// types are those of the TypeScript in the guide. The rest is JavaScript.
var types = regexp.MustCompile(`: (?:URLSearchParams|ArrayBuffer \| Uint8Array|string \| null|string|Promise<unknown>|MessageEvent<string>)|<string>`)

// sample returns the front end of the guide as JavaScript, for this application.
func sample(t *testing.T) string {
	t.Helper()
	guide, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("(?s)```ts\n// social.ts\n(.*?)```").FindSubmatch(guide)
	if code == nil {
		t.Fatal("the guide has no social.ts")
	}
	out := types.ReplaceAllString(string(code[1]), "")
	for old, own := range map[string]string{`"https://api.acme.example/auth"`: `"/auth"`, `"https://app.acme.example/login/done"`: `"/front"`} {
		if strings.Count(out, old) != 1 {
			t.Fatalf("social.ts does not have %s once", old)
		}
		out = strings.Replace(out, old, own, 1)
	}
	return out
}

// TestSampleIsJavaScript: without its types, the front end of the guide is a module that exports what the buttons of the test import.
func TestSampleIsJavaScript(t *testing.T) {
	script := sample(t)
	for _, name := range []string{"logIn", "logInByPopup", "done"} {
		if !strings.Contains(script, "export async function "+name+"(") {
			t.Errorf("there is no %s", name)
		}
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("the rest needs Node")
	}
	file := filepath.Join(t.TempDir(), "social.mjs")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), node, "--check", file).CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s\n%s", err, out, script)
	}
}

// browser follows redirects and keeps cookies.
func (a *app) browser(t *testing.T) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

func get(t *testing.T, c *http.Client, at string) (status int, end *url.URL, text string) {
	t.Helper()
	r, err := c.Get(at)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.Request.URL, string(body)
}

// choose logs in as a user of the page, and returns where that ends.
func (a *app) choose(t *testing.T, c *http.Client, query string) *url.URL {
	t.Helper()
	status, at, text := get(t, c, a.url+"/auth/dev/login/?next=/front")
	if status != 200 || at.Path != "/dev-provider/authorize" || !strings.Contains(text, "Ann Archer") {
		t.Fatalf("%d %s: %s", status, at, text)
	}
	_, end, _ := get(t, c, at.String()+query)
	return end
}

// TestUsersLogIn: each choice ends at the front end, and each login of one user is the same account.
func TestUsersLogIn(t *testing.T) {
	t.Parallel()
	a := start(t)
	for _, user := range []string{"ann", "eve", "zoe", "ann"} {
		browser := a.browser(t)
		if end := a.choose(t, browser, "&user="+user); end.String() != a.url+"/front" {
			t.Errorf("%s ends at %s", user, end)
		}
		if status, _, text := get(t, browser, a.url+"/auth/user/"); status != 200 || !strings.Contains(text, `"username":"`+user+`"`) {
			t.Errorf("%s is %s", user, text)
		}
	}
	if end := a.choose(t, a.browser(t), "&cancel=1"); end.RawQuery != "error=social_cancelled" {
		t.Errorf("cancel ends at %s", end)
	}
	if status, at, _ := get(t, a.browser(t), a.url+"/dev-provider/authorize?client_id=application&code_challenge_method=S256&redirect_uri=https://evil.example/&user=ann"); status != 400 {
		t.Errorf("%d %s", status, at)
	}
}

// TestStaffIsNotLoggedIn: the provider asks for no password, so it leads to no account that matters.
func TestStaffIsNotLoggedIn(t *testing.T) {
	t.Parallel()
	a := start(t)
	browser := a.browser(t)
	a.choose(t, browser, "&user=ann")
	if err := a.db.Model(&models.User{}).Where("username_key = ?", "ann").Update("is_staff", true).Error; err != nil {
		t.Fatal(err)
	}
	if end := a.choose(t, a.browser(t), "&user=ann"); end.Query().Get("error") == "" {
		t.Errorf("staff ends at %s", end)
	}
	for _, path := range []string{"/auth/dev/connect/login/", "/auth/dev/connect/"} { // of the logged-in user
		r, err := browser.Post(a.url+path, "application/json", strings.NewReader(`{"id_token":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		if _ = r.Body.Close(); r.StatusCode != 404 {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	if _, _, text := get(t, browser, a.url+"/auth/config/"); !strings.Contains(text, `"redirect":"dev/login/"`) || strings.Contains(text, "connect") {
		t.Errorf("config/ lists routes that answer 404: %s", text)
	}
}

// TestOtherMachinesGet404: a proxy on this machine connects from 127.0.0.1 as well.
func TestOtherMachinesGet404(t *testing.T) {
	t.Parallel()
	a := start(t)
	forms := map[string]func(*http.Request){
		"a proxy": func(r *http.Request) { r.Header.Set("X-Forwarded-For", "203.0.113.7") }, "Forwarded": func(r *http.Request) { r.Header.Set("Forwarded", "for=203.0.113.7") },
		"Via": func(r *http.Request) { r.Header.Set("Via", "1.1 proxy") }, "X-Forwarded-Proto": func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") },
		"another host": func(r *http.Request) { r.Host = "app.example.com" }, "rebinding": func(r *http.Request) { r.Host = "localhost.evil.example:80" },
		"another page": func(r *http.Request) { r.Header.Set("Referer", "https://app.example.com/") }, "another origin": func(r *http.Request) { r.Header.Set("Origin", "https://app.example.com") },
		"itself": func(*http.Request) {},
	}
	for _, path := range []string{
		"GET /auth/dev/login/", "GET /auth/dev/callback/", "POST /auth/dev/", "GET /dev-provider/authorize", "GET /dev-provider/keys",
		"GET /dev-provider/.well-known/openid-configuration", "POST /dev-provider/token",
	} {
		method, path, _ := strings.Cut(path, " ")
		for name, change := range forms {
			r, err := http.NewRequest(method, a.url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			change(r)
			answer, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			if _ = answer.Body.Close(); (answer.StatusCode == 404 || answer.StatusCode == 403 && name == "another origin") == (name == "itself") {
				t.Errorf("%s: %s gets %d", path, name, answer.StatusCode)
			}
		}
	}
	conn, err := net.Dial("tcp", a.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /auth/dev/login/ HTTP/1.0\r\nHost: localhost\r\n\r\n")
	if answer, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.0 404") {
		t.Errorf("HTTP/1.0, which nginx speaks, gets %.40q, %v", answer, err)
	}
	for _, at := range []string{"https://localhost/dev", "http://app.example.com/dev", "http://192.168.1.2/dev", "/dev"} {
		if _, err := dev.New(at); err == nil {
			t.Errorf("New accepts %s", at)
		}
	}
}

// TestFrontEndLogsIn goes through a login in Chromium, by redirect and in a popup, with the keyboard.
func TestFrontEndLogsIn(t *testing.T) {
	browser := chromium.Open(t)
	a := start(t)
	browser.Visit(a.url + "/front")
	browser.Sees("Log in")
	browser.Press("#redirect")
	browser.Sees("Ann Archer")
	for _, width := range []int{390, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			picture := browser.Picture(width, scheme)
			if *pictures != "" {
				if err := os.WriteFile(filepath.Join(*pictures, fmt.Sprintf("%d-%s.png", width, scheme)), picture, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if wide := browser.Eval("document.documentElement.scrollWidth > innerWidth"); wide != false {
				t.Errorf("the page is wider than %d pixels", width)
			}
		}
	}
	browser.Press("li:nth-child(1) a")
	browser.Sees("Hello ann")
	if at := browser.Eval("location.href"); at != a.url+"/front" {
		t.Errorf("the address bar has %v", at)
	}
	browser.Call(browser.Tab(), "Network.clearBrowserCookies", nil)
	browser.Press("#popup")
	browser.Sees("Bob Baker")
	browser.Press("li:nth-child(2) a")
	browser.Sees("Hello bob")
	browser.Call(browser.Tab(), "Network.clearBrowserCookies", nil)
	browser.Press("#redirect")
	browser.Sees("Ann Archer")
	browser.Press(".cancel")
	browser.Sees("social_cancelled")

	problems, hosts, tabs := browser.Seen()
	if len(problems) > 0 {
		t.Errorf("the console has %q", problems)
	}
	delete(hosts, strings.TrimPrefix(a.url, "http://"))
	if len(hosts) > 0 || tabs != 2 {
		t.Errorf("the browser called %v, and had %d tabs", hosts, tabs)
	}
}
