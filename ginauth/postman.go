package ginauth

// Sending mails from the outbox, several concurrently, and retrying the ones that fail.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// postman sends mails side by side, as many as config.Mail.Parallel.
type postman struct {
	*Auth
	slots   chan struct{}
	running sync.WaitGroup
	sent    atomic.Int64
	emptied time.Time   // void mails from before have no bodies any more
	failed  func(error) // is told that the database failed, from several goroutines

	sending   context.Context // ends at interrupt
	interrupt context.CancelFunc
}

func (a *Auth) newPostman(failed func(error)) *postman {
	a.worked.Store(true)
	sending, interrupt := context.WithCancel(context.Background())
	return &postman{Auth: a, slots: make(chan struct{}, a.cfg.Mail.Parallel), failed: failed, sending: sending, interrupt: interrupt}
}

// round begins to send everything that is due, and returns when the last of it has begun. A
// slow mail keeps one slot, not the others.
func (p *postman) round(ctx context.Context) error {
	now := p.now()
	if err := p.store.EmptyVoid(ctx, p.emptied); err != nil {
		return err
	}
	p.emptied = now.Add(-time.Minute) // clocks of instances differ
	for {
		due, err := p.store.DueMails(ctx, p.now(), cap(p.slots))
		if err != nil || len(due) == 0 {
			return err
		}
		claimed := 0
		for i := range due {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case p.slots <- struct{}{}:
			}
			mine, err := p.begin(ctx, &due[i])
			if err != nil {
				return err
			}
			if mine {
				claimed++
			}
		}
		if claimed == 0 { // all were another instance's
			return nil
		}
	}
}

// begin claims a mail and sends it in the slot that was taken. The claim lasts longer than
// sending can, so that another instance takes the mail only when this one is gone.
func (p *postman) begin(ctx context.Context, m *models.OutboxMail) (claimed bool, err error) {
	now := p.now()
	if claimed, err = p.store.ClaimMail(ctx, m, now, now.Add(2*p.cfg.Mail.Timeout)); err != nil || !claimed {
		<-p.slots
		return false, err
	}
	p.running.Go(func() {
		defer func() { <-p.slots }()
		if err := p.finish(context.WithoutCancel(ctx), m); err != nil {
			p.failed(fmt.Errorf("mail %d: %w", m.ID, err))
		}
	})
	return true, nil
}

// wait lets what has begun finish, unless the context ends before.
func (p *postman) wait(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		p.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// finish sends a claimed mail and notes what came of it.
func (p *postman) finish(ctx context.Context, m *models.OutboxMail) error {
	if m.Tries > maxTries { // the process died each time it was tried
		return p.putBack(ctx, m, config.Permanent(errors.New("sending it never ended")))
	}
	now, purpose := p.now(), purposeOf(m.Kind)
	if m.Ticket != "" {
		link, code := p.lifetimes(purpose)
		alive, err := p.store.ProlongTicket(ctx, m.Ticket, now.Add(link), now.Add(code))
		if err != nil {
			return err
		}
		if !alive && purpose != forNotice { // its link would only disappoint; a notice still tells something
			return p.store.CloseMail(ctx, m.ID, models.MailVoid, "the link in it was used or replaced", now)
		}
	}
	message, err := p.unseal(m)
	if err == nil {
		err = p.send(p.sending, message)
	}
	if err != nil {
		return p.putBack(ctx, m, err)
	}
	p.sent.Add(1)
	return p.noteSent(ctx, m)
}

func (a *Auth) unseal(m *models.OutboxMail) (config.Message, error) {
	body, err := secret.Open(a.outboxKeys, m.Body, m.MessageID)
	if err != nil { // another instance may have the key, which has the new Secret already
		return config.Message{}, err
	}
	var text mailtext.Mail
	if err := json.Unmarshal(body, &text); err != nil {
		return config.Message{}, config.Permanent(err)
	}
	return config.Message{
		ID: m.MessageID, Kind: m.Kind, Lang: m.Lang, From: a.cfg.Mail.From, To: m.Recipient,
		Subject: text.Subject, Text: text.Text, HTML: text.HTML,
	}, nil
}

// send calls the application's mailer, which may panic, or not come back. One that does not
// come back when the context ends is left behind with its goroutine.
func (a *Auth) send(ctx context.Context, m config.Message) error {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Mail.Timeout)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				a.logPanic(ctx, p, slog.String("mail", m.Kind))
				done <- fmt.Errorf("the mailer panicked with a %T", p)
			}
		}()
		done <- a.cfg.Mail.Sender.Send(ctx, m)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // it may have been just in time
	case err := <-done:
		return err
	case <-time.After(sendGrace):
		return fmt.Errorf("the mailer did not come back within Mail.Timeout: %w", ctx.Err())
	}
}

// sendGrace is how long a mailer may take to notice that the context has ended.
const sendGrace = 200 * time.Millisecond

// putBack notes a failed try, and logs it, for a mail server that is not there is known
// nowhere else. The reason is for the operator; a mailer should keep secrets out of it.
func (p *postman) putBack(ctx context.Context, m *models.OutboxMail, reason error) error {
	state, text := models.MailPending, client.Printable(reason.Error(), 500)
	if p.sending.Err() != nil && !config.IsPermanent(reason) { // says nothing of the mail server
		return p.store.ReturnMail(ctx, m, "the process was shut down while it was sent", p.now())
	}
	level, what := slog.LevelWarn, "ginauth: a mail was not sent, and will be tried again"
	if m.Tries >= maxTries || config.IsPermanent(reason) {
		state = models.MailFailed
		level, what = slog.LevelError, "ginauth: a mail was given up"
	}
	p.cfg.Logger.LogAttrs(ctx, level, what, slog.Int64("id", m.ID), slog.String("kind", m.Kind),
		slog.Int("tries", m.Tries), slog.String("reason", text))
	return p.store.PutMailBack(ctx, m, state, text, p.now().Add(retryAfter(m.Tries)))
}

// noteSent keeps trying for as long as the claim lasts: a mail that is not noted goes out
// again.
func (a *Auth) noteSent(ctx context.Context, m *models.OutboxMail) error {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Mail.Timeout)
	defer cancel()
	for pause := 10 * time.Millisecond; ; pause *= 2 {
		err := a.store.CloseMail(ctx, m.ID, models.MailSent, "", a.now())
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// maxTries is how often a mail is tried, over about nine and a half hours.
const maxTries = 8

// retryAfter is how long a mail waits after so many tries: 1 minute to 6 hours, each pause
// 2.67 times the one before.
func retryAfter(tries int) time.Duration {
	pause := time.Minute
	for range tries - 1 {
		pause = pause * 8 / 3
	}
	return min(pause.Truncate(time.Second), 6*time.Hour)
}
