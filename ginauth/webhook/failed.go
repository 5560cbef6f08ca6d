package webhook

// Calls for operators: counting, listing and retrying.

import (
	"context"
	"errors"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// ErrNotListed is returned by calls for an Auth without the feature.
var ErrNotListed = errors.New("webhook: ginauth.New did not get webhook.Feature")

// Stats counts web-hooks, for metrics and alarms. auth is a *ginauth.Auth.
func Stats(ctx context.Context, auth core.Holder) (core.QueueStats, error) {
	queue := core.Of(auth).QueueOf(name)
	if queue == nil {
		return core.QueueStats{}, ErrNotListed
	}
	return queue.Stats(ctx)
}

// Failed returns web-hooks that were given up after 8 tries, or because the endpoint answered 410: at most 100, the oldest
// first, with an ID above behind. For the next page, pass the last ID of this one. They are kept for 30 days.
func Failed(ctx context.Context, auth core.Holder, behind int64) ([]models.Delivery, error) {
	queue := core.Of(auth).QueueOf(name)
	if queue == nil {
		return nil, ErrNotListed
	}
	return queue.Failed(ctx, behind)
}

// Retry queues failed web-hooks again, by models.Delivery.ID, and returns how many. Without IDs, these are all. Call it after
// you fixed the cause. They keep the header webhook-id.
func Retry(ctx context.Context, auth core.Holder, ids ...int64) (int64, error) {
	queue := core.Of(auth).QueueOf(name)
	if queue == nil {
		return 0, ErrNotListed
	}
	return queue.Retry(ctx, ids...)
}
