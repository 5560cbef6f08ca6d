package ginauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

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

// ErrNoMailer is returned by what needs config.Mail.Sender.
var ErrNoMailer = errors.New("ginauth: config.Mail.Sender is not set")

// RunOutbox sends the mails in the outbox, as they come, until the context ends; then it
// lets mails that are being sent finish, sends what else is due, for at most
// config.Mail.Timeout, and returns nil. What is left waits in the table. Run it beside the
// server, in one instance or in all of them:
//
//	go func() { _ = auth.RunOutbox(ctx) }()
//
// Each mail is tried up to 8 times, 1 minute to 6 hours apart; then it is given up with the
// reason, see OutboxStats. It goes out at least once, and twice only when the process, or
// the database, went away between sending and noting it.
func (a *Auth) RunOutbox(ctx context.Context) error {
	if a.mails == nil {
		return ErrNoMailer
	}
	ticker := time.NewTicker(a.cfg.Mail.Poll)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if _, err := a.SendOutbox(ctx); err != nil && ctx.Err() == nil {
			a.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the outbox could not be read", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
		case <-a.wake:
		case <-ticker.C:
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.Mail.Timeout)
	defer cancel()
	_, err := a.SendOutbox(last)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// SendOutbox tries every mail that is due now, once, and returns how many it sent. It is
// RunOutbox for tests and for those who have a scheduler of their own. A mail that could not
// be sent is no error, it is due again later; an error means that the database failed.
func (a *Auth) SendOutbox(ctx context.Context) (int, error) {
	if a.mails == nil {
		return 0, ErrNoMailer
	}
	total := 0
	for {
		due, err := a.store.DueMails(ctx, a.now(), 16*a.cfg.Mail.Parallel)
		if err != nil || len(due) == 0 {
			return total, err
		}
		claimed, sent, err := a.sendAll(ctx, due)
		total += sent
		if err != nil || claimed == 0 { // all were another instance's
			return total, err
		}
	}
}

// sendAll sends mails side by side. Once the context ends no further one is begun.
func (a *Auth) sendAll(ctx context.Context, due []models.OutboxMail) (claimed, sent int, err error) {
	var (
		mu      sync.Mutex
		running sync.WaitGroup
		slots   = make(chan struct{}, a.cfg.Mail.Parallel)
	)
	for i := range due {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		running.Go(func() {
			defer func() { <-slots }()
			mine, gone, failure := a.sendOne(context.WithoutCancel(ctx), &due[i])
			mu.Lock()
			defer mu.Unlock()
			if mine {
				claimed++
			}
			if gone {
				sent++
			}
			err = errors.Join(err, failure)
		})
	}
	running.Wait()
	return claimed, sent, errors.Join(err, ctx.Err())
}

// sendOne claims a mail, sends it and notes what came of it. The claim lasts longer than
// sending can, so that another instance takes the mail only when this one is gone.
func (a *Auth) sendOne(ctx context.Context, m *models.OutboxMail) (claimed, sent bool, err error) {
	now := a.now()
	claimed, err = a.store.ClaimMail(ctx, m, now, now.Add(2*a.cfg.Mail.Timeout))
	if err != nil || !claimed {
		return false, false, err
	}
	if m.Ticket != "" {
		link, code := a.lifetimes(purposeOf(m.Kind))
		alive, err := a.store.ProlongTicket(ctx, m.Ticket, now.Add(link), now.Add(code))
		if err != nil {
			return true, false, err
		}
		if !alive { // its link would only disappoint
			return true, false, a.store.CloseMail(ctx, m.ID, models.MailVoid, "the link in it was used or replaced", now)
		}
	}
	message, err := a.unseal(m)
	if err == nil {
		err = a.send(ctx, message)
	}
	if err != nil {
		return true, false, a.putBack(ctx, m, err)
	}
	return true, true, a.noteSent(ctx, m)
}

// purposeOf is the purpose of the ticket in a mail.
func purposeOf(kind string) purpose {
	switch kind {
	case mailVerify:
		return forVerify
	case mailReset, mailAccountExists:
		return forReset
	case mailLoginCode:
		return forLogin
	}
	return forNotice
}

func (a *Auth) unseal(m *models.OutboxMail) (config.Message, error) {
	body, err := secret.Open(a.outboxKeys, m.Body, m.MessageID)
	if err != nil {
		return config.Message{}, config.Permanent(err)
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

// send calls the application's mailer, which may panic.
func (a *Auth) send(ctx context.Context, m config.Message) (err error) {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Mail.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			a.logPanic(ctx, p, slog.String("mail", m.Kind))
			err = fmt.Errorf("the mailer panicked with a %T", p)
		}
	}()
	return a.cfg.Mail.Sender.Send(ctx, m)
}

// putBack notes a failed try. The reason is for the operator; a mailer should keep secrets
// out of it.
func (a *Auth) putBack(ctx context.Context, m *models.OutboxMail, reason error) error {
	state, text := models.MailPending, printable(reason.Error(), 500)
	if m.Tries >= maxTries || config.IsPermanent(reason) {
		state = models.MailFailed
		a.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: a mail was given up", slog.Int64("id", m.ID),
			slog.String("kind", m.Kind), slog.Int("tries", m.Tries), slog.String("reason", text))
	}
	return a.store.PutMailBack(ctx, m, state, text, a.now().Add(retryAfter(m.Tries)))
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

// OutboxStats says how the outbox is doing.
type OutboxStats struct {
	Pending int64         // mails that wait, or are being sent
	Oldest  time.Duration // how long the oldest of them has been waiting; 0 for none
	Failed  int64         // mails that were given up; auth_outbox.reason says why
}

// OutboxStats counts the mails in the outbox, for metrics and alarms: an Oldest of more than
// some minutes means that no mail goes out.
func (a *Auth) OutboxStats(ctx context.Context) (OutboxStats, error) {
	pending, failed, oldest, err := a.store.MailCounts(ctx)
	stats := OutboxStats{Pending: pending, Failed: failed}
	if !oldest.IsZero() {
		stats.Oldest = a.now().Sub(oldest)
	}
	return stats, err
}

// RetryFailedMails makes the mails that were given up due again, once what kept them is
// mended, and returns how many. Links in them count from when they go out.
func (a *Auth) RetryFailedMails(ctx context.Context) (int64, error) {
	n, err := a.store.RetryMails(ctx, a.now())
	if n > 0 {
		a.nudge()
	}
	return n, err
}

// nudge tells RunOutbox of this instance that there is work.
func (a *Auth) nudge() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}
