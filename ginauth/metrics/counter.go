package metrics

// Counters with labels of a limited number of values.

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// namespace is the first word of each name.
const namespace = "ginauth"

// counter is a counter with labels. The core passes no text of a request, but a feature can choose a method or an event by one:
// a label has at most maxValues values, and further ones are "other".
type counter struct {
	*prometheus.CounterVec
	mu     sync.RWMutex
	labels []map[string]bool
}

const (
	maxValues = 100
	other     = "other"
)

func newCounter(name, help string, labels ...string) *counter {
	c := &counter{CounterVec: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)}
	for range labels {
		c.labels = append(c.labels, map[string]bool{})
	}
	return c
}

func (c *counter) add(n float64, values ...string) {
	for i, value := range values {
		values[i] = c.bounded(i, value)
	}
	c.WithLabelValues(values...).Add(n)
}

func (c *counter) bounded(label int, value string) string {
	c.mu.RLock()
	known := c.labels[label][value]
	c.mu.RUnlock()
	if known {
		return value
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.labels[label][value] && len(c.labels[label]) >= maxValues {
		return other
	}
	c.labels[label][value] = true
	return value
}
