package core

// The outbox for applications: RunOutbox, SendOutbox, OutboxStats, RetryFailedMails.

import (
	"context"
	"errors"
	"time"
)

// ErrNoMailer is returned by calls that need config.Mail.Sender.
var ErrNoMailer = errors.New("ginauth: config.Mail.Sender is not set")

// RunOutbox implements the method RunOutbox of ginauth.Auth, which documents it.
func (c *Core) RunOutbox(ctx context.Context) error {
	if c.mails == nil {
		return ErrNoMailer
	}
	c.outbox.Run(ctx)
	return nil
}

// SendOutbox implements the method SendOutbox of ginauth.Auth, which documents it.
func (c *Core) SendOutbox(ctx context.Context) (int, error) {
	if c.mails == nil {
		return 0, ErrNoMailer
	}
	return c.outbox.Send(ctx)
}

// OutboxStats says how the outbox is doing.
type OutboxStats struct {
	Pending int64         // mails that wait, or are being sent
	Oldest  time.Duration // how long the oldest of them has been waiting; 0 for none
	Failed  int64         // mails that were given up; auth_outbox.reason says why
}

// OutboxStats implements the method OutboxStats of ginauth.Auth, which documents it.
func (c *Core) OutboxStats(ctx context.Context) (OutboxStats, error) {
	stats, err := c.outbox.Stats(ctx)
	return OutboxStats(stats), err
}

// RetryFailedMails implements the method RetryFailedMails of ginauth.Auth, which documents it.
func (c *Core) RetryFailedMails(ctx context.Context) (int64, error) {
	return c.outbox.RetryFailed(ctx)
}
