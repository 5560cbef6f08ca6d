package metrics

// Gauges: numbers that are read when a scrape asks for them.

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// gauges reads numbers of a core at each scrape. Those of the database are kept for Options.StatsEvery.
type gauges struct {
	core    *core.Core
	every   time.Duration
	timeout time.Duration
	failed  prometheus.Counter

	mu   sync.Mutex // a second scrape waits for the numbers of the first one
	at   time.Time  // when they were read, or could not be
	ok   bool
	last core.Stats
}

func newGauges(c *core.Core, every, timeout time.Duration) *gauges {
	return &gauges{core: c, every: every, timeout: timeout, failed: prometheus.NewCounter(prometheus.CounterOpts{
		Namespace: namespace, Name: "stats_failures_total", Help: "Scrapes that could not count rows of the database.",
	})}
}

// gauge is one number of a snapshot.
type gauge[T any] struct {
	desc  *prometheus.Desc
	value func(T) float64
}

func newGauge[T any](name, help string, value func(T) float64) gauge[T] {
	return gauge[T]{prometheus.NewDesc(namespace+"_"+name, help, nil, nil), value}
}

func send[T any](out chan<- prometheus.Metric, all []gauge[T], snapshot T) {
	for _, g := range all {
		out <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, g.value(snapshot))
	}
}

var hashGauges = []gauge[core.HashStats]{
	newGauge("hash_slots", "Passwords that this instance can hash at once.", func(s core.HashStats) float64 { return float64(s.Slots) }),
	newGauge("hash_running", "Passwords that this instance hashes now.", func(s core.HashStats) float64 { return float64(s.Running) }),
	newGauge("hash_waiting", "Passwords that wait to be hashed by this instance.", func(s core.HashStats) float64 { return float64(s.Waiting) }),
}

var rowGauges = []gauge[core.Stats]{
	newGauge("mails_pending", "Mails in the outbox that wait, or are being sent.", func(s core.Stats) float64 { return float64(s.MailsPending) }),
	newGauge("mails_oldest_seconds", "How long the oldest mail in the outbox has been waiting.", func(s core.Stats) float64 { return s.MailsOldest.Seconds() }),
	newGauge("mails_failed", "Mails in the outbox that were given up.", func(s core.Stats) float64 { return float64(s.MailsFailed) }),
	newGauge("sessions", "Sessions and personal tokens that have not expired.", func(s core.Stats) float64 { return float64(s.Sessions) }),
	newGauge("tickets", "One-time links and codes that are neither used nor expired.", func(s core.Stats) float64 { return float64(s.Tickets) }),
	newGauge("limit_rows", "Names, networks and users that limits count something for.", func(s core.Stats) float64 { return float64(s.Limits) }),
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, one := range hashGauges {
		out <- one.desc
	}
	if g.every < 0 {
		return
	}
	for _, one := range rowGauges {
		out <- one.desc
	}
	g.failed.Describe(out)
}

// Collect implements prometheus.Collector. It never fails: numbers that cannot be read are left out.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	send(out, hashGauges, g.core.HashStats())
	if g.every < 0 {
		return
	}
	if stats, ok := g.stats(); ok {
		send(out, rowGauges, stats)
	}
	g.failed.Collect(out)
}

// stats returns the numbers of the database, read at most once in every. After a failure it waits as long.
func (g *gauges) stats() (core.Stats, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.core.Now()
	if age := now.Sub(g.at); g.at.IsZero() || age >= g.every || age < 0 {
		stats, err := g.read()
		if err != nil {
			g.failed.Inc()
		}
		g.at, g.ok, g.last = now, err == nil, stats
	}
	return g.last, g.ok
}

func (g *gauges) read() (stats core.Stats, err error) {
	defer func() {
		if p := recover(); p != nil { // of a database driver
			err = fmt.Errorf("panic of type %T", p)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), g.timeout)
	defer cancel()
	return g.core.Stats(ctx)
}
