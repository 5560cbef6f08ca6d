package ginauth

// Ready, for the probes of a load balancer or orchestrator.

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// readyTimeout is the longest wait of Ready, below the timeouts that probes usually have.
const readyTimeout = 2 * time.Second

// Ready returns nil if this instance can serve requests: the database answers, and has had all migrations of this
// version. Otherwise it returns an error for operators, within 2 seconds, or within Config.Timeout if that is less. Do
// not show the error to clients, since it can name hosts.
//
// It does not look at what requests do not need: the mail server, the outbox, and the counts of rate limits, which
// continue in memory. Otherwise an outage of these would take all instances out of service. Watch [Auth.OutboxStats]
// for mails. For a probe that restarts the process, do not use Ready: a restart does not bring a database back.
func (a *Auth) Ready(ctx context.Context) error {
	if ctx == nil {
		return a.Ping(ctx) // which explains it
	}
	ctx, cancel := context.WithTimeout(ctx, min(readyTimeout, a.cfg.Timeout))
	defer cancel()
	pending, err := a.PendingMigrations(ctx)
	if err == nil && len(pending) == 0 {
		err = a.Ping(ctx)
	}
	switch {
	case err != nil:
		return fmt.Errorf("ginauth: not ready: the database does not answer: %w", err)
	case len(pending) > 0:
		return fmt.Errorf("ginauth: not ready: the database has not had the migrations %s; call Auth.Migrate", strings.Join(pending, ", "))
	}
	return nil
}
