package metrics

// Counters and histograms, and the observer that feeds them.

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// instruments are the metrics that are fed by events.
type instruments struct {
	requests, logins, refusedHashes, limited, captchas, breached, mails, sweeps, events, failures *counter
	requestTime                                                                                   *prometheus.HistogramVec
	hashWait, hashTime, sweepTime                                                                 prometheus.Histogram
}

func newInstruments() *instruments {
	m := &instruments{
		requests:      newCounter("requests_total", "Requests that a route of the library handled.", "method", "route", "status"),
		logins:        newCounter("logins_total", "Logins by how they ended.", "method", "result"),
		refusedHashes: newCounter("hash_refusals_total", "Passwords that were not hashed: too many waited (busy), or the client left (canceled).", "reason"),
		limited:       newCounter("limited_total", "Refusals by a limit, by its setting.", "limit"),
		captchas:      newCounter("captchas_total", "Captchas that were asked for.", "result"),
		breached:      newCounter("breached_checks_total", "New passwords that were looked up in data breaches.", "result"),
		mails:         newCounter("mails_total", "Attempts to send a mail.", "kind", "result"),
		sweeps:        newCounter("sweeps_total", "Sweeps of expired rows by this instance.", "result"),
		events:        newCounter("events_total", "Events of the hooks and of the audit trail.", "event"),
		failures:      newCounter("failures_total", "Failures of a part that the requests did not show.", "part"),
		requestTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "request_duration_seconds", Help: "Duration of requests.", Buckets: prometheus.DefBuckets,
		}, []string{"method", "route"}),
		hashWait:  newHistogram("hash_wait_seconds", "Wait of a password until it is hashed.", prometheus.ExponentialBuckets(0.001, 3, 9)),
		hashTime:  newHistogram("hash_duration_seconds", "Duration of hashing or comparing a password.", prometheus.ExponentialBuckets(0.005, 2, 10)),
		sweepTime: newHistogram("sweep_duration_seconds", "Duration of sweeps by this instance.", prometheus.ExponentialBuckets(0.01, 5, 7)),
	}
	for _, part := range []core.Part{core.PartLimits, core.PartAudit, core.PartOutbox, core.PartHook} {
		m.failures.add(0, string(part)) // so that the first failure is an increase
	}
	for _, reason := range []core.HashResult{core.HashBusy, core.HashCanceled} {
		m.refusedHashes.add(0, string(reason))
	}
	return m
}

func newHistogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets})
}

func (m *instruments) all() []prometheus.Collector {
	return []prometheus.Collector{
		m.requests, m.requestTime, m.logins, m.hashWait, m.hashTime, m.refusedHashes, m.limited, m.captchas, m.breached, m.mails,
		m.sweeps, m.sweepTime, m.events, m.failures,
	}
}

func (m *instruments) observer() core.Observer {
	return core.Observer{
		Request: func(_ context.Context, r core.RequestEnd) {
			m.requests.add(1, r.Method, r.Route, strconv.Itoa(r.Status))
			m.requestTime.WithLabelValues(r.Method, r.Route).Observe(r.Took.Seconds())
		},
		Login: func(_ context.Context, l core.LoginEnd) { m.logins.add(1, l.Method, string(l.Result)) },
		Hash: func(_ context.Context, h core.HashEnd) {
			m.hashWait.Observe(h.Wait.Seconds())
			if h.Result != core.HashDone {
				m.refusedHashes.add(1, string(h.Result))
				return
			}
			m.hashTime.Observe(h.Took.Seconds())
		},
		Limit:    func(_ context.Context, setting string) { m.limited.add(1, setting) },
		Captcha:  func(_ context.Context, r core.CheckResult) { m.captchas.add(1, string(r)) },
		Breached: func(_ context.Context, r core.CheckResult) { m.breached.add(1, string(r)) },
		Mail:     func(_ context.Context, kind string, r core.MailResult) { m.mails.add(1, kind, string(r)) },
		Sweep:    m.swept,
		Event:    func(_ context.Context, name config.EventName) { m.events.add(1, string(name)) },
		Failure:  func(_ context.Context, part core.Part) { m.failures.add(1, string(part)) },
	}
}

func (m *instruments) swept(_ context.Context, took time.Duration, err error) {
	result := "ok"
	if err != nil {
		result = "error"
	}
	m.sweeps.add(1, result)
	m.sweepTime.Observe(took.Seconds())
}
