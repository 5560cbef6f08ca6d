// Package tracing makes OpenTelemetry spans of what the library does: requests, hashes, mails, and calls of captcha and breach
// services. It uses the API of OpenTelemetry only; the application chooses the SDK.
package tracing

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Options are the settings of [Feature].
type Options struct {
	// TracerProvider makes the spans. Default: the one that the application passes to otel.SetTracerProvider, before or after
	// ginauth.New. Without one, no spans are made.
	TracerProvider trace.TracerProvider
}

// Feature returns the feature for ginauth.New. Spans have no personal data: no name, address, token, IP address or user agent,
// and no text of an error.
//
// A request of a library route has a span, whose parent is the span in the context of the request, such as that of otelgin.
// Your hooks, password rules and captcha verifier get the context of the span around them. A mail is sent by the worker, so its
// span is the root of a trace, and config.Mail.Sender gets its context.
func Feature(o Options) core.Feature {
	return func(s *core.Setup) error {
		s.Name("tracing")
		if o.TracerProvider == nil {
			o.TracerProvider = otel.GetTracerProvider()
		}
		t := tracer{s.Core(), o.TracerProvider.Tracer(scope)}
		s.Observe(t.observer())
		return nil
	}
}

const scope = "github.com/ginauth/gin-rest-auth/ginauth/tracing"

type tracer struct {
	core   *core.Core
	tracer trace.Tracer
}

// Attributes, and names of span events. The first three are conventions of OpenTelemetry.
const (
	keyMethod      = attribute.Key("http.request.method")
	keyRoute       = attribute.Key("http.route")
	keyStatus      = attribute.Key("http.response.status_code")
	keyLoginMethod = attribute.Key("ginauth.login.method")
	keyLogin       = attribute.Key("ginauth.login.result")
	keyHashWait    = attribute.Key("ginauth.hash.wait_seconds")
	keyHash        = attribute.Key("ginauth.hash.result")
	keyCheck       = attribute.Key("ginauth.check.result")
	keyMailKind    = attribute.Key("ginauth.mail.kind")
	keyMail        = attribute.Key("ginauth.mail.result")
	keyLimit       = attribute.Key("ginauth.limit")
	keyPart        = attribute.Key("ginauth.part")
	keyEvent       = attribute.Key("ginauth.event")

	eventHappened = "ginauth.event"
	eventLimited  = "ginauth.limited"
	eventFailure  = "ginauth.failure"
)

// start is core.Observer.Start.
func (t tracer) start(ctx context.Context, o core.Operation) (context.Context, func()) {
	name, kind := "ginauth "+string(o.Kind), trace.SpanKindInternal
	switch o.Kind {
	case core.OperationRequest:
		name = "ginauth " + o.Name
	case core.OperationMail:
		name, kind = name+" "+o.Name, trace.SpanKindClient
	case core.OperationCaptcha, core.OperationBreached:
		kind = trace.SpanKindClient
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(kind))
	return ctx, func() { span.End() }
}

func (t tracer) observer() core.Observer {
	return core.Observer{
		Start: t.start,
		Request: func(ctx context.Context, r core.RequestEnd) {
			note(ctx, r.Status >= 500, keyMethod.String(r.Method), keyRoute.String(t.core.Base()+"/"+r.Route), keyStatus.Int(r.Status))
		},
		Login: func(ctx context.Context, l core.LoginEnd) {
			note(ctx, false, keyLoginMethod.String(l.Method), keyLogin.String(string(l.Result)))
		},
		Hash: func(ctx context.Context, h core.HashEnd) {
			note(ctx, h.Result == core.HashBusy, keyHashWait.Float64(h.Wait.Seconds()), keyHash.String(string(h.Result)))
		},
		Captcha: func(ctx context.Context, r core.CheckResult) {
			if r != core.CheckMissing { // nothing was asked
				note(ctx, r == core.CheckFailed, keyCheck.String(string(r)))
			}
		},
		Breached: func(ctx context.Context, r core.CheckResult) {
			note(ctx, r == core.CheckFailed, keyCheck.String(string(r)))
		},
		Mail: func(ctx context.Context, kind string, r core.MailResult) {
			note(ctx, r == core.MailRetried || r == core.MailFailed, keyMailKind.String(kind), keyMail.String(string(r)))
		},
		Limit:   func(ctx context.Context, setting string) { event(ctx, eventLimited, keyLimit.String(setting)) },
		Failure: func(ctx context.Context, part core.Part) { event(ctx, eventFailure, keyPart.String(string(part))) },
		Event: func(ctx context.Context, name config.EventName) {
			event(ctx, eventHappened, keyEvent.String(string(name)))
		},
	}
}

// note adds attributes to the span of a context.
func note(ctx context.Context, failed bool, attributes ...attribute.KeyValue) {
	span := trace.SpanFromContext(ctx)
	span.SetAttributes(attributes...)
	if failed {
		span.SetStatus(codes.Error, "")
	}
}

func event(ctx context.Context, name string, attributes ...attribute.KeyValue) {
	trace.SpanFromContext(ctx).AddEvent(name, trace.WithAttributes(attributes...))
}
