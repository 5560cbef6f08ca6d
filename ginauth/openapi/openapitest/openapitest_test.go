package openapitest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi/openapitest"
)

func newApp(t *testing.T, change ...func(*config.Config)) *authtest.App {
	t.Helper()
	db, err := gorm.Open(sqlite.Open(filepath.Join(t.TempDir(), "test.db")), &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if pool, err := db.DB(); err == nil {
			_ = pool.Close()
		}
	})
	return authtest.New(t, db, change...)
}

// observer is a test whose failures are recorded.
type observer struct {
	testing.TB
	mu     sync.Mutex
	errors []string
}

func (o *observer) Errorf(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.errors = append(o.errors, fmt.Sprintf(format, args...))
}

// TestMismatches: responses that do not match the document are reported, and others are not.
func TestMismatches(t *testing.T) {
	t.Parallel()
	app := newApp(t, func(cfg *config.Config) {
		cfg.Login, cfg.AllowTokensWithCookies = []config.Credential{config.SessionCookie, config.OpaqueToken}, true
	})
	const (
		user    = `{"pk":1,"username":"ann","email":"","first_name":"","last_name":""}`
		session = `{"id":"x","current":true,"method":"password","created_at":"2026-03-01T12:00:00Z","last_seen_at":"2026-03-01T12:00:00.5Z","expires_at":"%s","ip":"","user_agent":"","amr":["pwd"],"acr":"aal1","auth_time":"2026-03-01T12:00:00Z"}`
		problem = `{"type":"about:blank","title":"Bad Request","status":400,"detail":"x","code":"%s"}`
	)
	at := func(end string) string { return "[" + fmt.Sprintf(session, end) + "]" }
	for _, c := range []struct {
		request     string
		status      int
		media, body string
		wrong       string // a part of the report; empty without a report
	}{
		{"GET /auth/user/", 200, "application/json", user, ""},
		{"GET /auth/user", 200, "application/json; charset=utf-8", user, ""},
		{"GET /auth/user/", 200, "application/json", strings.Replace(user, "1", `"1"`, 1), "/pk"},
		{"GET /auth/user/", 200, "application/json", strings.Replace(user, `"pk":1,`, ``, 1), "missing property 'pk'"},
		{"GET /auth/user/", 200, "application/json", strings.Replace(user, `{`, `{"is_superuser":false,`, 1), "is_superuser"},
		{"GET /auth/user/", 200, "application/json", strings.Replace(user, `"ann"`, `null`, 1), "/username"},
		{"GET /auth/user/", 200, "application/json", "[" + user + "]", "got array"},
		{"GET /auth/user/", 200, "application/json", "", "EOF"},
		{"GET /auth/user/", 200, "text/html", user, "text/html"},
		{"GET /auth/user/", 200, "", user, "there is no body"},
		{"GET /auth/user/", 201, "application/json", user, "no response with status 201"},
		{"GET /auth/user/", 404, "application/json", `{"detail":"x","code":"not_found"}`, "no response with status 404"},
		{"GET /auth/user/", 401, "application/json", `{"detail":"x","code":"not_authenticated"}`, "WWW-Authenticate"},
		{"GET /auth/sessions/", 200, "application/json", at("2026-03-01T12:00:00Z"), ""},
		{"GET /auth/sessions/", 200, "application/json", "[]", ""},
		{"GET /auth/sessions/", 200, "application/json", "null", "got null"},
		{"GET /auth/sessions/", 200, "application/json", at("2026-03-01 12:00"), "date-time"},
		{"DELETE /auth/sessions/x/", 204, "", "", ""},
		{"DELETE /auth/sessions/x/", 204, "application/json", "{}", "there is a body"},
		{"DELETE /auth/sessions/x/", 200, "application/json", "{}", "no response with status 200"},
		{"POST /auth/login/", 200, "application/json", `{"key":"gat_x"}`, ""},
		{"POST /auth/login/", 200, "application/json", `{"key":"gat_x","user":` + user + `}`, ""}, // the response to a client that asks for a token
		{"POST /auth/login/", 400, "application/json", `{"password":["x"]}`, ""},
		{"POST /auth/login/", 400, "application/json", `{"password":"x"}`, "oneOf"},
		{"POST /auth/login/", 400, "application/problem+json", fmt.Sprintf(problem, "invalid"), ""},
		{"POST /auth/login/", 400, "application/problem+json", fmt.Sprintf(problem, "unheard_of"), "/code"},
		{"POST /auth/login/", 418, "application/json", `{"detail":"x","code":"busy"}`, ""}, // an error of the application
		{"PUT /auth/login/", 405, "application/json", `{"detail":"x","code":"method_not_allowed"}`, ""},
		{"PUT /auth/login/", 405, "text/plain", `no`, "text/plain"},
		{"PUT /auth/login/", 200, "application/json", `{}`, "does not have this method"},
		{"GET /elsewhere", 200, "text/plain", "hello", ""},
	} {
		found := &observer{TB: t}
		handler := openapitest.Check(found, app.Auth, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.media)
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		method, path, _ := strings.Cut(c.request, " ")
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, httptest.NewRequest(method, path, nil))
		if response.Code != c.status || response.Body.String() != c.body {
			t.Errorf("%s: the response was changed", c.request)
		}
		said := strings.Join(found.errors, "\n")
		if (said == "") != (c.wrong == "") || !strings.Contains(said, c.wrong) {
			t.Errorf("%s %d %s %s: want %q, got %q", c.request, c.status, c.media, c.body, c.wrong, said)
		}
	}
}

// TestConcurrentRequests: one Checker serves concurrent requests. Missing does not list the responses they received.
func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	app := newApp(t)
	checker := openapitest.New(app.Auth)
	handler := checker.Handler(t, app.Router)
	ann := authtest.NewClient(t, handler)
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			browser := ann.Clone()
			for range 5 {
				if r := browser.Get("/auth/user/"); r.StatusCode != 200 {
					t.Errorf("got %d", r.StatusCode)
				}
			}
		})
	}
	all.Wait()
	missing, err := checker.Missing()
	if err != nil {
		t.Fatal(err)
	}
	left := strings.Join(missing, ", ")
	if strings.Contains(left, "GET /user/") || !strings.Contains(left, "PATCH /user/ 200") {
		t.Errorf("missing: %s", left)
	}
}

// BenchmarkCheck measures a test with one Auth and two requests.
func BenchmarkCheck(b *testing.B) {
	db, err := gorm.Open(sqlite.Open(filepath.Join(b.TempDir(), "test.db")), &gorm.Config{})
	if err != nil {
		b.Fatal(err)
	}
	app := authtest.New(b, db)
	for b.Loop() {
		browser := authtest.NewClient(b, openapitest.Check(b, app.Auth, app.Router))
		browser.Post("/auth/login/", authtest.Login("ann"))
		browser.Get("/auth/user/")
	}
}
