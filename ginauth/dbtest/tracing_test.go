package dbtest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/tracing"
)

// TestTracing runs the cases of package tracing on all databases.
func TestTracing(t *testing.T) { onAllDatabases(t, tracingCases) }

var tracingCases = dbtest.Group{Name: "tracing", Cases: []func(*dbtest.Case){
	requestsAndHashesHaveSpans, failuresMarkSpans, mailsHaveTheirOwnTrace, secretsAreNotInSpans, withoutAProviderThereAreNoSpans,
}}

// startTracing starts an application whose spans the exporter keeps. A middleware makes a span around each request.
func startTracing(c *dbtest.Case, change ...func(*config.Config)) *tracetest.InMemoryExporter {
	c.Helper()
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	c.With(tracing.Feature(tracing.Options{TracerProvider: provider})).StartMail(append([]func(*config.Config){withLimits}, change...)...)
	return spans
}

// spanLines returns the spans of an exporter, each with its parent, attributes, events and status, and forgets them.
func spanLines(spans *tracetest.InMemoryExporter) (all []string) {
	names := map[trace.SpanID]string{}
	for _, s := range spans.GetSpans() {
		names[s.SpanContext.SpanID()] = s.Name
	}
	for _, s := range spans.GetSpans() {
		text := s.Name
		if parent := names[s.Parent.SpanID()]; parent != "" {
			text += " in " + parent
		}
		for _, a := range s.Attributes {
			if a.Key != "ginauth.hash.wait_seconds" {
				text += fmt.Sprint(" ", a.Key, "=", a.Value.String())
			}
		}
		for _, e := range s.Events {
			text += fmt.Sprint(" +", e.Name)
			for _, a := range e.Attributes {
				text += fmt.Sprint(":", a.Value.String())
			}
		}
		if s.Status.Code == codes.Error {
			text += " failed" + s.Status.Description
		}
		all = append(all, text)
	}
	spans.Reset()
	return all
}

func wantSpans(c *dbtest.Case, spans *tracetest.InMemoryExporter, want ...string) {
	c.Helper()
	if got := spanLines(spans); !slices.Equal(got, want) {
		c.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// requestsAndHashesHaveSpans: below the span of the application's middleware, and around its hooks.
func requestsAndHashesHaveSpans(c *dbtest.Case) {
	var inHook trace.SpanContext
	spans := startTracing(c, func(cfg *config.Config) {
		cfg.Hooks.AfterLogin = func(ctx context.Context, _ config.Event) error {
			inHook = trace.SpanContextFromContext(ctx)
			return nil
		}
	})
	outer := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
	if err := c.Auth.Migrate(trace.ContextWithSpanContext(c.Context(), outer)); err != nil {
		c.Fatal(err)
	}
	c.User(c.T, "ann")
	engine := gin.New()
	engine.Use(func(g *gin.Context) {
		g.Request = g.Request.WithContext(trace.ContextWithSpanContext(g.Request.Context(), outer))
	})
	engine.Any("/*path", func(g *gin.Context) { c.Router.ServeHTTP(g.Writer, g.Request) })
	authtest.NewClient(c.T, engine).Post("/auth/login/", authtest.Login("ann")).Want(200)
	for _, s := range spans.GetSpans() {
		if s.SpanContext.TraceID() != outer.TraceID() {
			c.Errorf("%s is in another trace", s.Name)
		}
		if s.Name == "ginauth POST login/" && (s.Parent.SpanID() != outer.SpanID() || s.SpanContext.SpanID() != inHook.SpanID()) {
			c.Errorf("parent %v, hook in %v", s.Parent, inHook)
		}
	}
	wantSpans(
		c, spans, "ginauth hash in ginauth POST login/ ginauth.hash.result=done",
		"ginauth POST login/ ginauth.login.method=password ginauth.login.result=ok http.request.method=POST http.route=/auth/login/ "+
			"http.response.status_code=200 +ginauth.event:login",
	)
}

// failuresMarkSpans: only those of the server.
func failuresMarkSpans(c *dbtest.Case) {
	spans := startTracing(c)
	b := c.Client()
	b.Post("/auth/login/", map[string]any{"username": "ann", "password": "Wrong-Password-1"}).Want(400)
	if err := c.DB.Exec("DROP TABLE auth_limit").Error; err != nil {
		c.Fatal(err)
	}
	b.Post("/auth/login/", map[string]any{"username": "ann", "password": "Wrong-Password-1"}).Want(400)
	if err := c.DB.Exec("ALTER TABLE auth_user RENAME TO gone").Error; err != nil {
		c.Fatal(err)
	}
	b.Post("/auth/login/", map[string]any{"username": "ann", "password": "Wrong-Password-1"}).Want(503)
	const request = "ginauth POST login/ ginauth.login.method=password ginauth.login.result=%s http.request.method=POST http.route=/auth/login/ http.response.status_code=%d"
	wantSpans(
		c, spans, "ginauth hash in ginauth POST login/ ginauth.hash.result=done", fmt.Sprintf(request, "wrong_credentials", 400)+" +ginauth.event:login_failed",
		"ginauth hash in ginauth POST login/ ginauth.hash.result=done", fmt.Sprintf(request, "wrong_credentials", 400)+" +ginauth.failure:limits +ginauth.event:login_failed",
		fmt.Sprintf(request, "error", 503)+" failed", // the store of limits is not asked again for a second
	)
}

// mailsHaveTheirOwnTrace: the mailer gets the context of it.
func mailsHaveTheirOwnTrace(c *dbtest.Case) {
	var seen []trace.SpanContext
	broken := true
	spans := startTracing(c, func(cfg *config.Config) {
		cfg.Mail.Sender = config.MailerFunc(func(ctx context.Context, _ config.Message) error {
			seen = append(seen, trace.SpanContextFromContext(ctx))
			if broken {
				return config.Permanent(fmt.Errorf("no mailbox ann@example.com"))
			}
			return nil
		})
	})
	c.SignedUp("ann")
	spans.Reset()
	for range 2 {
		if _, err := c.Auth.SendOutbox(c.Context()); err != nil {
			c.Fatal(err)
		}
		broken = false
		if _, err := c.Auth.RetryFailedMails(c.Context()); err != nil {
			c.Fatal(err)
		}
	}
	for i, s := range spans.GetSpans() {
		if s.SpanContext.SpanID() != seen[i].SpanID() || s.Parent.IsValid() || s.SpanKind != trace.SpanKindClient {
			c.Errorf("span %+v", s)
		}
	}
	wantSpans(
		c, spans, "ginauth mail verify ginauth.mail.kind=verify ginauth.mail.result=failed failed",
		"ginauth mail verify ginauth.mail.kind=verify ginauth.mail.result=sent",
	)
}

// secretsAreNotInSpans: nor names, addresses and what clients sent.
func secretsAreNotInSpans(c *dbtest.Case) {
	spans := startTracing(c, func(cfg *config.Config) { cfg.Audit.Keep = 48 * 3600e9 })
	b := c.Client()
	b.Header.Set("User-Agent", "evil-agent")
	b.Post("/auth/registration/", authtest.SignUp("annabel")).Want(201)
	link := c.Mail("verify").Key(c.T)
	b.Post("/auth/registration/verify-email/", map[string]any{"key": link}).Want(200)
	b.Post("/auth/login/", map[string]any{"username": "annabel", "password": "Wrong-Password-1"}).Want(400)
	b.Do("DELETE", "/auth/sessions/evil-session/?evil-query", nil).Want(404)
	text := fmt.Sprintf("%+v", spans.GetSpans())
	secrets := []string{"annabel", "example.com", authtest.Password, "Wrong-Password-1", link, string(authtest.Secret), "192.0.2", "evil"}
	for _, cookie := range b.Cookies {
		secrets = append(secrets, cookie)
	}
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			c.Errorf("%q is in %s", secret, text)
		}
	}
	if n := len(spans.GetSpans()); n < 7 {
		c.Errorf("%d spans", n)
	}
}

// withoutAProviderThereAreNoSpans: the global one does nothing until the application sets it.
func withoutAProviderThereAreNoSpans(c *dbtest.Case) {
	recording := false
	c.With(tracing.Feature(tracing.Options{})).Start(func(cfg *config.Config) {
		cfg.Hooks.AfterRegister = func(ctx context.Context, _ config.Event) error {
			recording = trace.SpanFromContext(ctx).IsRecording()
			return nil
		}
	})
	c.SignedUp("ann")
	if recording {
		c.Error("there is a span")
	}
}
