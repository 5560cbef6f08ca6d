package upkeep

// Background work: mails and sweeps as one call, and the mails alone.

import (
	"context"
	"sync"
)

// Run sends mails, if there is a sender, and sweeps hourly, until the context ends.
func (u Upkeep) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { u.hourly(ctx) })
	if u.Config.Mail.Sender != nil {
		running.Go(func() { u.Outbox.Run(ctx) })
	}
	running.Wait()
	return nil
}

// RunOutbox sends mails as they are written, until the context ends.
func (u Upkeep) RunOutbox(ctx context.Context) error {
	if u.Config.Mail.Sender == nil {
		return ErrNoMailer
	}
	u.Outbox.Run(ctx)
	return nil
}

// SendOutbox tries every due mail once.
func (u Upkeep) SendOutbox(ctx context.Context) (int, error) {
	if u.Config.Mail.Sender == nil {
		return 0, ErrNoMailer
	}
	return u.Outbox.Send(ctx)
}
