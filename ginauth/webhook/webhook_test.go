package webhook_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
	"github.com/ginauth/gin-rest-auth/models"
)

const secret = config.Secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD2rEyZAGFJvI=")

// proxied counts the requests that reach the proxy of the environment.
var proxied atomic.Int64

// TestMain sets a proxy in the environment for all tests, before net/http reads it. It fails if a goroutine is left after them.
func TestMain(m *testing.M) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied.Add(1) }))
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		_ = os.Setenv(name, proxy.URL) // fails only for an invalid name
	}
	testdb.Main(m, proxy.Close)
}

// start returns an application with a user whose web-hooks wait.
func start(t *testing.T, o webhook.Options) (*authtest.App, func() []models.Delivery) {
	t.Helper()
	db := memory.Open(t)
	app := authtest.With(webhook.Feature(o)).New(t, db)
	if err := app.Auth.CreateUser(t.Context(), &models.User{Username: "ann", Email: "ann@example.com"}, authtest.Password); err != nil {
		t.Fatal(err)
	}
	return app, func() (rows []models.Delivery) {
		if _, err := app.Auth.SendOutbox(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := db.Order("id").Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		return rows
	}
}

// TestPrivateAddresses covers T149: addresses that are not public are refused when they are dialed, also those to which a name
// resolves. The library's own list has none; a module keeps it.
func TestPrivateAddresses(t *testing.T) {
	t.Parallel()
	var hits atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	t.Cleanup(server.Close)
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	o := webhook.Options{InsecureAllowHTTP: true}
	for _, host := range []string{
		"127.0.0.1", "localhost", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.100.100.200",
		"169.254.169.254", "168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1",
		"[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[64:ff9b::7f00:1]",
		"[2002:7f00:1::]", "[2001::1]", "[fec0::1]", "[ff02::1]",
	} {
		o.Endpoints = append(o.Endpoints, webhook.Endpoint{URL: "http://" + host + port, Secrets: []config.Secret{secret}})
	}
	_, send := start(t, o)
	rows := send()
	if len(rows) != len(o.Endpoints) || hits.Load() > 0 {
		t.Fatalf("%d of %d rows, %d requests", len(rows), len(o.Endpoints), hits.Load())
	}
	for _, d := range rows {
		if d.State != models.MailPending || !strings.Contains(d.Reason, "prohibited IP address") {
			t.Errorf("%s: %s %s", d.Target, d.State, d.Reason)
		}
	}
	o.AllowPrivateNetworks, o.Endpoints = true, o.Endpoints[:2]
	_, send = start(t, o)
	for _, d := range send() {
		if d.State != models.MailSent {
			t.Errorf("%s: %s %s", d.Target, d.State, d.Reason)
		}
	}
}

// TestProxiesOfTheEnvironment are not used: they would resolve and dial names without a check.
func TestProxiesOfTheEnvironment(t *testing.T) {
	t.Parallel()
	if proxy, err := http.ProxyFromEnvironment(httptest.NewRequest("GET", "http://receiver.invalid/", nil)); proxy == nil || err != nil {
		t.Fatalf("the environment has no proxy: %v, %v", proxy, err)
	}
	to := webhook.Endpoint{URL: "http://receiver.invalid/?token=canary", Name: "crm", Secrets: []config.Secret{secret}}
	app, send := start(t, webhook.Options{Endpoints: []webhook.Endpoint{to}, InsecureAllowHTTP: true, AllowPrivateNetworks: true})
	d := send()[0]
	if d.State != models.MailPending || d.Reason == "" || proxied.Load() > 0 {
		t.Errorf("%s %s, %d requests of the proxy", d.State, d.Reason, proxied.Load())
	}
	if text := d.Reason + app.Log.String(); strings.Contains(text, "canary") {
		t.Errorf("has the query: %s", text)
	}
}

// TestTransport: the application's transport gets the requests, and Check says what it has to do.
func TestTransport(t *testing.T) {
	t.Parallel()
	var got []string
	o := webhook.Options{Endpoints: []webhook.Endpoint{{URL: "https://crm.invalid/hooks", Secrets: []config.Secret{secret}}}}
	o.Transport = transport(func(r *http.Request) (*http.Response, error) {
		got = append(got, r.URL.String())
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	})
	app, send := start(t, o)
	if d := send()[0]; d.State != models.MailSent || !slices.Equal(got, []string{"https://crm.invalid/hooks"}) {
		t.Error(d.State, d.Reason, got)
	}
	o.Transport, o.AllowPrivateNetworks, o.InsecureAllowHTTP = nil, true, true
	weak, _ := start(t, o)
	for text, auth := range map[string]*ginauth.Auth{"Transport is set": app.Auth, "AllowPrivateNetworks is set": weak.Auth, "InsecureAllowHTTP is set": weak.Auth} {
		if found := fmt.Sprint(auth.Check(t.Context())); !strings.Contains(found, text) {
			t.Errorf("Check says %s", found)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestOptions: mistakes are errors of New, which name the setting and have no secret.
func TestOptions(t *testing.T) {
	t.Parallel()
	db, ok := memory.Open(t), webhook.Endpoint{URL: "https://crm.example.com/", Secrets: []config.Secret{secret}}
	with := func(change func(*webhook.Endpoint)) webhook.Options {
		e := ok
		change(&e)
		return webhook.Options{Endpoints: []webhook.Endpoint{e}}
	}
	for want, o := range map[string]webhook.Options{
		"":                                {Endpoints: []webhook.Endpoint{ok}},
		"Options.Endpoints":               {},
		"Options.Timeout":                 {Endpoints: []webhook.Endpoint{ok}, Timeout: time.Hour},
		"Endpoints[1].Name":               {Endpoints: []webhook.Endpoint{ok, ok}},
		"Endpoints[0].URL: must begin":    with(func(e *webhook.Endpoint) { e.URL = "http://crm.example.com/canary" }),
		"Endpoints[0].URL: webhook: must": with(func(e *webhook.Endpoint) { e.URL = "https://user:canary@crm.example.com/" }),
		"Endpoints[0].URL":                with(func(e *webhook.Endpoint) { e.URL = "://canary" }),
		"Endpoints[0].Events":             with(func(e *webhook.Endpoint) { e.Events = []webhook.Event{"user.unknown"} }),
		"Endpoints[0].Secrets: webhook":   with(func(e *webhook.Endpoint) { e.Secrets = nil }),
		"Endpoints[0].Secrets":            with(func(e *webhook.Endpoint) { e.Secrets = []config.Secret{"whsec_Y2FuYXJ5"} }),
	} {
		_, err := ginauth.New(db, config.Config{Secret: authtest.Secret}, webhook.Feature(o))
		setting, _, _ := strings.Cut(want, ": ")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), setting) || strings.Contains(fmt.Sprint(err), "canary") {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	app := authtest.New(t, db)
	if _, err := webhook.Failed(context.Background(), app.Auth, 0); err != webhook.ErrNotListed { //nolint:errorlint // it is returned as it is
		t.Error(err)
	}
	if _, err := webhook.Retry(context.Background(), app.Auth); err != webhook.ErrNotListed { //nolint:errorlint // it is returned as it is
		t.Error(err)
	}
	if _, err := webhook.Stats(context.Background(), app.Auth); err != webhook.ErrNotListed { //nolint:errorlint // it is returned as it is
		t.Error(err)
	}
}

// notTold are the events of the library without a web-hook: strangers cause them at will.
var notTold = []config.EventName{config.EventLoginFailed, config.EventRateLimited}

// TestEventsAreComplete: each event of package config has a web-hook, or is in notTold. Each web-hook of the library has a constant.
func TestEventsAreComplete(t *testing.T) {
	t.Parallel()
	app, _ := start(t, webhook.Options{Endpoints: []webhook.Endpoint{{URL: "https://crm.invalid/", Secrets: []config.Secret{secret}}}})
	for _, name := range constants(t, "../../config/hooks.go", "EventName") {
		kind, declared := core.Of(app.Auth).EventKind(config.EventName(name))
		if told := kind.WebHook != ""; !declared || told == slices.Contains(notTold, kind.Name) {
			t.Errorf("the event %q is declared: %v, and has a web-hook: %v; add one, or list it in notTold", name, declared, told)
		}
	}
	events := constants(t, "event.go", "Event")
	slices.Sort(events)
	var all []string
	for _, e := range webhook.Events(app.Auth) {
		all = append(all, string(e))
	}
	if !slices.Equal(all, events) {
		t.Errorf("Events returns %q, and the constants are %q", all, events)
	}
}

// constants returns the values of the constants of a type in a file.
func constants(t *testing.T, file, kind string) (all []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == kind {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, value)
		}
		return true
	})
	if len(all) == 0 {
		t.Fatalf("%s has no constants of %s", file, kind)
	}
	return all
}
