package outbox

// The warning that mails wait and no process sends them.

import (
	"context"
	"log/slog"
	"time"
)

// MaxWait is how long a due mail may wait before the library assumes that no worker runs.
const MaxWait = 5 * time.Minute

// WarnIdle logs once that mails wait and no worker takes them. Call it when a request has written a mail and its response is
// decided. It does nothing in an instance with its own worker, and queries at most once per MaxWait. An application without
// a worker is warned at the second mail. One whose worker is in another process is not warned.
func (o *Outbox) WarnIdle(ctx context.Context) {
	now := o.Now()
	if o.worked.Load() {
		return
	}
	looked := o.looked.Load()
	if looked == nil {
		o.looked.CompareAndSwap(nil, &now)
		return
	}
	if now.Sub(*looked) < MaxWait || !o.looked.CompareAndSwap(looked, &now) {
		return
	}
	waits, err := o.Store.HasUntakenMail(ctx, now.Add(-MaxWait))
	if err != nil || !waits || o.worked.Swap(true) {
		return
	}
	o.Logger.LogAttrs(ctx, slog.LevelWarn, "ginauth: mails are waiting, but no process sends them; run auth.Run next to the server",
		slog.String("longer_than", MaxWait.String()))
}
