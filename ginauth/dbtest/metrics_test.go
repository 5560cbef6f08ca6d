package dbtest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/metrics"
	"github.com/ginauth/gin-rest-auth/ginauth/tracing"
)

// TestMetrics runs the cases of package metrics on all databases.
func TestMetrics(t *testing.T) { onAllDatabases(t, metricsCases) }

func onAllDatabases(t *testing.T, group dbtest.Group) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) { dbtest.Run(t, testdb.SQLite, group) })
	t.Run("Postgres", func(t *testing.T) { dbtest.RunReusing(t, testdb.Postgres(t, ""), group) })
	t.Run("MySQL", func(t *testing.T) { dbtest.RunReusing(t, testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4"), group) })
}

var metricsCases = dbtest.Group{Name: "metrics", Cases: []func(*dbtest.Case){
	whatHappensIsCounted, hostileRequestsMakeNoSeries, secretsAreNotInMetrics, slowDatabaseFailsNoScrape, rowsAreCountedOnceAMinute,
	secondAuthNeedsALabel, refusedAuthRegistersNothing, conventionsHold, labelsAreBounded, metricsCostNoStatement,
}}

func withLimits(cfg *config.Config) {
	cfg.Limits = config.Limits{}
	cfg.TrustedProxies = []string{"192.0.2.0/24"} // where httptest's requests come from
}

// startMetrics starts an application whose metrics are in the registry that it returns.
func startMetrics(c *dbtest.Case, change ...func(*config.Config)) *prometheus.Registry {
	c.Helper()
	r := prometheus.NewPedanticRegistry()
	c.With(metrics.Feature(metrics.Options{Registerer: r})).StartMail(append([]func(*config.Config){withLimits}, change...)...)
	return r
}

// series returns the values of all series but those of time: "ginauth_logins_total method=password result=ok".
func series(c *dbtest.Case, r prometheus.Gatherer) map[string]float64 {
	c.Helper()
	families, err := r.Gather()
	if err != nil {
		c.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetName() + "=" + l.GetValue()
			}
			switch {
			case m.GetHistogram() != nil:
				all[name] = float64(m.GetHistogram().GetSampleCount())
			case m.GetGauge() != nil:
				all[name] = m.GetGauge().GetValue()
			default:
				all[name] = m.GetCounter().GetValue()
			}
		}
	}
	return all
}

func wantMetrics(c *dbtest.Case, r prometheus.Gatherer, wanted map[string]float64) {
	c.Helper()
	got := series(c, r)
	for name, value := range wanted {
		if v, found := got["ginauth_"+name]; !found || v != value {
			c.Errorf("%s is %v (found %v), want %v", name, v, found, value)
		}
	}
}

// whatHappensIsCounted: one thing of each kind.
func whatHappensIsCounted(c *dbtest.Case) {
	r := startMetrics(c, func(cfg *config.Config) { cfg.Audit.Keep = time.Hour * 24 })
	wantMetrics(c, r, map[string]float64{
		"failures_total part=limits": 0, "failures_total part=audit": 0, "hash_refusals_total reason=busy": 0, "sessions": 0, "mails_oldest_seconds": 0,
	})
	b := c.Client()
	b.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200)
	for range 6 {
		c.Client().Post("/auth/login/", map[string]any{"username": "ann", "password": "Wrong-Password-1"})
	}
	b.Get("/auth/user/").Want(200)
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Fatal(err)
	}
	c.Clock.Advance(time.Minute)
	wantMetrics(c, r, map[string]float64{
		"logins_total method=register result=ok": 1, "logins_total method=password result=ok": 1,
		"logins_total method=password result=wrong_credentials": 5, "logins_total method=password result=limited": 1,
		"limited_total limit=Limits.Login": 1, "hash_wait_seconds": 7, "hash_duration_seconds": 7,
		"requests_total method=POST route=login/ status=200": 1, "requests_total method=POST route=login/ status=400": 5,
		"requests_total method=POST route=login/ status=429": 1, "requests_total method=GET route=user/ status=200": 1,
		"request_duration_seconds method=POST route=login/": 7, "events_total event=login": 2, "events_total event=login_failed": 5,
		"events_total event=register": 1, "sweeps_total result=ok": 1, "sweep_duration_seconds": 1,
		"sessions": 2, "mails_pending": 2, "mails_oldest_seconds": 60, "mails_failed": 0, "hash_running": 0, "hash_waiting": 0,
	})
	c.Box.Break(true)
	if _, err := c.Auth.SendOutbox(c.Context()); err != nil {
		c.Fatal(err)
	}
	c.Box.Break(false)
	c.Clock.Advance(time.Hour)
	c.Mails()
	for _, table := range []string{"auth_limit", "auth_event"} {
		if err := c.DB.Exec("DROP TABLE " + table).Error; err != nil {
			c.Fatal(err)
		}
	}
	c.Client().Post("/auth/login/", map[string]any{"username": "joe", "password": "Wrong-Password-1"}).Want(400)
	wantMetrics(c, r, map[string]float64{
		"mails_total kind=verify result=retried": 1, "mails_total kind=verify result=sent": 1, "failures_total part=limits": 1, "failures_total part=audit": 1,
	})
}

// hostileRequestsMakeNoSeries: after one request of each kind, no text of a client makes another series.
func hostileRequestsMakeNoSeries(c *dbtest.Case) {
	r := startMetrics(c, func(cfg *config.Config) { cfg.Limits.AllowUnlimited = true })
	send := func(evil string) {
		b := authtest.NewClient(c.T, c.Router)
		b.Header.Set("User-Agent", evil)
		b.Header.Set("X-Forwarded-For", evil)
		b.Header.Set("Accept-Language", evil)
		b.Post("/auth/login/", map[string]any{"username": evil, "password": evil})
		b.Post("/auth/login/", map[string]any{"email": evil + "@example.com", "password": evil})
		b.Post("/auth/registration/", map[string]any{"username": evil, "email": evil, "password1": evil, "password2": evil})
		b.Post("/auth/password/reset/", map[string]any{"email": evil + "@example.com"})
		b.Post("/auth/password/reset/confirm/", map[string]any{"uid": evil, "token": evil, "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"})
		b.Do("DELETE", "/auth/sessions/"+evil+"/", nil)
		b.Do("GET", "/auth/"+evil+"/", nil)
		b.Do("GET", "/auth/user/?"+evil+"="+evil, nil)
		b.Do(strings.ToUpper(evil), "/auth/login/", nil)
		b.Do("GET", "/auth/user/", nil, "Authorization", "Token "+evil)
	}
	send("first")
	send(strings.Repeat("y", 300))
	names := func() (all []string) {
		for name := range series(c, r) {
			all = append(all, name)
		}
		sort.Strings(all)
		return all
	}
	before := names()
	for _, evil := range []string{"second", "mallory", "or1eq1", strings.Repeat("x", 300), "login", "trace0"} {
		send(evil)
	}
	for i := range 50 {
		send(fmt.Sprint("name", i))
	}
	if after := names(); !slices.Equal(before, after) {
		c.Errorf("got %d series, had %d:\n%s", len(after), len(before), strings.Join(after, "\n"))
	}
}

// secretsAreNotInMetrics: nor names and addresses.
func secretsAreNotInMetrics(c *dbtest.Case) {
	r := startMetrics(c, func(cfg *config.Config) { cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken} })
	b := c.Client()
	b.Post("/auth/registration/", authtest.SignUp("annabel")).Want(201)
	link := c.Mail("verify").Key(c.T)
	b.Post("/auth/registration/verify-email/", map[string]any{"key": link}).Want(200)
	b.Post("/auth/login/", map[string]any{"username": "annabel", "password": "Wrong-Password-1"}).Want(400)
	text := fmt.Sprint(series(c, r))
	secrets := []string{"annabel", "example.com", authtest.Password, "Wrong-Password-1", link, string(authtest.Secret), "192.0.2"}
	for _, cookie := range b.Cookies {
		secrets = append(secrets, cookie)
	}
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			c.Errorf("%q is in %s", secret, text)
		}
	}
}

// slowDatabaseFailsNoScrape: numbers of rows are missing, all others are there.
func slowDatabaseFailsNoScrape(c *dbtest.Case) {
	r := prometheus.NewPedanticRegistry()
	c.With(metrics.Feature(metrics.Options{Registerer: r, StatsTimeout: 50 * time.Millisecond})).StartMail()
	hang := func(db *gorm.DB) {
		<-db.Statement.Context.Done()
		_ = db.AddError(db.Statement.Context.Err())
	}
	if err := c.DB.Callback().Query().Before("*").Register("hang", hang); err != nil {
		c.Fatal(err)
	}
	for range 2 { // the second scrape does not try again
		wantMetrics(c, r, map[string]float64{"stats_failures_total": 1, "hash_running": 0, "failures_total part=hook": 0})
	}
	if _, found := series(c, r)["ginauth_sessions"]; found {
		c.Error("there is a number of sessions")
	}
	if err := c.DB.Callback().Query().Remove("hang"); err != nil {
		c.Fatal(err)
	}
	c.Clock.Advance(time.Minute)
	wantMetrics(c, r, map[string]float64{"stats_failures_total": 1, "sessions": 0})
}

func rowsAreCountedOnceAMinute(c *dbtest.Case) {
	r := startMetrics(c)
	wantMetrics(c, r, map[string]float64{"sessions": 0})
	c.SignedUp("ann")
	c.Clock.Advance(59 * time.Second)
	wantMetrics(c, r, map[string]float64{"sessions": 0})
	c.Clock.Advance(time.Second)
	wantMetrics(c, r, map[string]float64{"sessions": 1})

	without := prometheus.NewPedanticRegistry()
	c.With(metrics.Feature(metrics.Options{Registerer: without, StatsEvery: -1})).Start()
	for name := range series(c, without) {
		if strings.Contains(name, "sessions") || strings.Contains(name, "stats_failures") {
			c.Error(name)
		}
	}
}

func newWithMetrics(c *dbtest.Case, r prometheus.Registerer, change ...func(*config.Config)) error {
	cfg := c.Auth.Config()
	for _, f := range change {
		f(&cfg)
	}
	_, err := ginauth.New(c.DB, cfg, metrics.Feature(metrics.Options{Registerer: r}))
	return err
}

// secondAuthNeedsALabel: New says what to do, and it works.
func secondAuthNeedsALabel(c *dbtest.Case) {
	startMetrics(c)
	labelled := func(r prometheus.Registerer, name string) prometheus.Registerer {
		return prometheus.WrapRegistererWith(prometheus.Labels{"auth": name}, r)
	}
	refused := func(err error) {
		c.Helper()
		mistake, is := errors.AsType[*config.Mistake](err)
		if !is || mistake.Setting != "metrics.Options.Registerer" || !strings.Contains(err.Error(), `WrapRegistererWith(prometheus.Labels{"auth": `) {
			c.Errorf("error %v", err)
		}
	}
	r := prometheus.NewPedanticRegistry()
	if err := newWithMetrics(c, r); err != nil {
		c.Error(err)
	}
	refused(newWithMetrics(c, r))
	refused(newWithMetrics(c, labelled(r, "second"))) // Prometheus wants the label in both

	r = prometheus.NewPedanticRegistry()
	if err := errors.Join(newWithMetrics(c, labelled(r, "first")), newWithMetrics(c, labelled(r, "second"))); err != nil {
		c.Error(err)
	}
	refused(newWithMetrics(c, labelled(r, "second")))
	wantMetrics(c, r, map[string]float64{"failures_total auth=first part=hook": 0, "failures_total auth=second part=hook": 0})
	if err := newWithMetrics(c, nil); err == nil || !strings.Contains(err.Error(), "metrics.Options.Registerer") {
		c.Errorf("error %v", err)
	}
}

// refusedAuthRegistersNothing: a program can correct its settings, or call ginauth.Check, and then make the Auth.
func refusedAuthRegistersNothing(c *dbtest.Case) {
	c.Start()
	r := prometheus.NewPedanticRegistry()
	if err := newWithMetrics(c, r, func(cfg *config.Config) { cfg.Secret = "short" }); err == nil {
		c.Error("no error")
	}
	ginauth.Check(c.Context(), c.DB, c.Auth.Config(), metrics.Feature(metrics.Options{Registerer: r}))
	if err := newWithMetrics(c, r); err != nil {
		c.Error(err)
	}
	if all, err := prometheus.DefaultGatherer.Gather(); err != nil || slices.ContainsFunc(names(all), func(n string) bool { return strings.HasPrefix(n, "ginauth") }) {
		c.Error("metrics are in the global registry", err)
	}
}

func names[T interface{ GetName() string }](all []T) (out []string) {
	for _, one := range all {
		out = append(out, one.GetName())
	}
	return out
}

// conventionsHold: by promlint.
func conventionsHold(c *dbtest.Case) {
	r := startMetrics(c)
	c.SignedUp("ann")
	c.Mails()
	problems, err := testutil.GatherAndLint(r)
	if err != nil || len(problems) > 0 {
		c.Error(problems, err)
	}
}

// labelsAreBounded: a feature that declares many events makes 100 values of a label.
func labelsAreBounded(c *dbtest.Case) {
	r := prometheus.NewPedanticRegistry()
	var held *core.Core
	c.With(metrics.Feature(metrics.Options{Registerer: r}), func(s *core.Setup) error {
		for i := range 150 {
			s.Event(core.EventKind{Name: config.EventName(fmt.Sprint("event", i)), Doc: "one of many"})
		}
		held = s.Core()
		return nil
	}).Start()
	for i := range 150 {
		held.Record(context.Background(), config.EventName(fmt.Sprint("event", i)), config.Event{})
	}
	events := 0
	for name := range series(c, r) {
		if strings.HasPrefix(name, "ginauth_events_total") {
			events++
		}
	}
	if events != 101 {
		c.Error(events)
	}
	wantMetrics(c, r, map[string]float64{"events_total event=other": 50, "events_total event=event99": 1})
}

// metricsCostNoStatement: a login and a GET have the statements that they have without the feature.
func metricsCostNoStatement(c *dbtest.Case) {
	statements := func(features ...core.Feature) (n int) {
		c.With(features...).Start(withLimits)
		b := c.SignedUp("ann")
		count := func(*gorm.DB) { n++ }
		callbacks := c.DB.Callback()
		if err := errors.Join(
			callbacks.Query().Before("*").Register("count", count), callbacks.Row().Before("*").Register("count", count), callbacks.Raw().Before("*").Register("count", count),
			callbacks.Create().Before("*").Register("count", count), callbacks.Update().Before("*").Register("count", count), callbacks.Delete().Before("*").Register("count", count),
		); err != nil {
			c.Fatal(err)
		}
		b.Get("/auth/user/").Want(200)
		b.Post("/auth/login/", authtest.Login("ann")).Want(200)
		return n
	}
	if without, with := statements(), statements(metrics.Feature(metrics.Options{Registerer: prometheus.NewRegistry()})); with != without || with == 0 {
		c.Errorf("%d statements, without the feature %d", with, without)
	}
}

// BenchmarkObserved measures GET user/, which reads a session, on SQLite without features and with each of them.
func BenchmarkObserved(b *testing.B) {
	provider := sdktrace.NewTracerProvider() // spans are recorded, and not exported
	for _, with := range []struct {
		name     string
		features []core.Feature
	}{
		{"without", nil},
		{"metrics", []core.Feature{metrics.Feature(metrics.Options{Registerer: prometheus.NewRegistry()})}},
		{"tracing off", []core.Feature{tracing.Feature(tracing.Options{})}},
		{"tracing", []core.Feature{tracing.Feature(tracing.Options{TracerProvider: provider})}},
	} {
		b.Run(with.name, func(b *testing.B) {
			app := authtest.With(with.features...).New(b, testdb.SQLite(b))
			ann := app.Client(b)
			ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, "/auth/user/", nil)
				r.Header.Set("Cookie", "__Host-session="+ann.Cookies["__Host-session"])
				w := httptest.NewRecorder()
				app.Router.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
