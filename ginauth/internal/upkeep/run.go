package upkeep

// Background work: mails, deliveries and sweeps as one call, and the sending alone.

import (
	"context"
	"errors"
	"sync"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/outbox"
)

// Run sends mails, if there is a sender, and deliveries, and sweeps hourly, until the context ends.
func (u Upkeep) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { u.hourly(ctx) })
	for _, q := range u.queues() {
		running.Go(func() { q.Run(ctx) })
	}
	running.Wait()
	return nil
}

// RunOutbox sends mails and deliveries as they are written, until the context ends.
func (u Upkeep) RunOutbox(ctx context.Context) error {
	queues := u.queues()
	if len(queues) == 0 {
		return ErrNoMailer
	}
	var running sync.WaitGroup
	for _, q := range queues {
		running.Go(func() { q.Run(ctx) })
	}
	running.Wait()
	return nil
}

// SendOutbox tries every due mail and delivery once.
func (u Upkeep) SendOutbox(ctx context.Context) (sent int, err error) {
	queues := u.queues()
	if len(queues) == 0 {
		return 0, ErrNoMailer
	}
	for _, q := range queues {
		n, failed := q.Send(ctx)
		sent, err = sent+n, errors.Join(err, failed)
	}
	return sent, err
}

// queues returns the outbox, if there is a sender, and the queues of features.
func (u Upkeep) queues() []*outbox.Queue {
	if u.Config.Mail.Sender == nil {
		return u.Queues
	}
	return append([]*outbox.Queue{u.Outbox.Queue}, u.Queues...)
}
