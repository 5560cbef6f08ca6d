// Package metrics counts what the library does, for Prometheus: logins, hashes, limits, mails, requests, and what failed
// without an error for the client. README.md in this folder lists the metrics, and alerts worth setting.
package metrics

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Options are the settings of [Feature].
type Options struct {
	// Registerer gets the metrics, such as your *prometheus.Registry. Required: pass prometheus.DefaultRegisterer for the
	// registry that all packages of the process share.
	//
	// Two Auths in one registry each need a label: pass prometheus.WrapRegistererWith(prometheus.Labels{"auth": "staff"},
	// registerer) to one, and the same with another value to the other.
	Registerer prometheus.Registerer

	// StatsEvery is how often a scrape counts rows of the database: mails in the outbox, sessions, tickets, limits. Scrapes in
	// between get the same numbers. Counting 1 million sessions takes up to half a second on the database, so raise it if many
	// instances are scraped. A negative value leaves these metrics out. Default: 1 minute.
	StatsEvery time.Duration

	// StatsTimeout is how long a scrape waits for these numbers. If the database is slower or fails, the scrape has all
	// metrics but these. It must be shorter than the time-out of the scrape. Default: 2 seconds.
	StatsTimeout time.Duration
}

// Feature returns the feature for ginauth.New. It adds no route: serve the registry behind your own guard, as README.md shows.
//
// New returns an error if the registry has the metrics of another Auth.
func Feature(o Options) core.Feature {
	return func(s *core.Setup) error {
		s.Name("metrics")
		if o.StatsEvery == 0 {
			o.StatsEvery = time.Minute
		}
		if o.StatsTimeout == 0 {
			o.StatsTimeout = 2 * time.Second
		}
		if o.StatsTimeout < 0 {
			s.Refuse("metrics.Options.StatsTimeout", errors.New("must not be negative"))
		}
		if o.Registerer == nil {
			s.Refuse("metrics.Options.Registerer", errors.New("is nil; pass a *prometheus.Registry, or prometheus.DefaultRegisterer"))
			return nil
		}
		m := newInstruments()
		s.Observe(m.observer())
		all := append(m.all(), newGauges(s.Core(), o.StatsEvery, o.StatsTimeout))
		s.Finish(func() error { return register(o.Registerer, all) })
		return nil
	}
}

// register adds all metrics or none.
func register(r prometheus.Registerer, all collectors) error {
	err := r.Register(all)
	if err == nil {
		return nil
	}
	return &config.Mistake{Setting: "metrics.Options.Registerer", Err: fmt.Errorf("the registry has metrics of these names already; give each Auth a label, as in "+
		`prometheus.WrapRegistererWith(prometheus.Labels{"auth": "staff"}, registerer): %w`, err)}
}

// collectors are collectors that are registered together.
type collectors []prometheus.Collector

// Describe implements prometheus.Collector.
func (all collectors) Describe(out chan<- *prometheus.Desc) {
	for _, c := range all {
		c.Describe(out)
	}
}

// Collect implements prometheus.Collector.
func (all collectors) Collect(out chan<- prometheus.Metric) {
	for _, c := range all {
		c.Collect(out)
	}
}
