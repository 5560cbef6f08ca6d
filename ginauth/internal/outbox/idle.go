package outbox

// The idle warning: mails wait, and no process sends them.

import (
	"context"
	"log/slog"
	"time"
)

// MaxWait is how long a due mail may wait before the library assumes that no worker runs.
const MaxWait = 5 * time.Minute

// WarnIdle logs once that mails wait and no worker takes them. Call it when a request has written
// a mail and its response is decided. It does nothing in an instance that has a worker of its own,
// and looks at most every MaxWait. So an application without a worker is warned at the second
// mail, and one whose worker is in another process is not warned.
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
	o.Logger.LogAttrs(ctx, slog.LevelWarn, "ginauth: mails have been waiting, and no process sends them; run auth.Run beside the server",
		slog.String("longer_than", MaxWait.String()))
}
