package core

// Observers: how they are added and told.

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/paniclog"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/models"
)

// Observe adds an [Observer]. Several are told in the order of the features.
func (s *Setup) Observe(o Observer) { s.declaring().core.observers = append(s.core.observers, o) }

// observed reports whether there are observers. Without one, nothing is measured.
func (c *Core) observed() bool { return len(c.observers) > 0 }

// observe calls a function with each observer.
func (c *Core) observe(ctx context.Context, call func(*Observer)) {
	for i := range c.observers {
		c.tell(ctx, func() { call(&c.observers[i]) })
	}
}

// tell calls code of an observer, and logs a panic.
func (c *Core) tell(ctx context.Context, call func()) {
	defer func() {
		if p := recover(); p != nil {
			paniclog.Log(ctx, c.cfg.Logger, p, slog.String("in", "an observer of a feature"))
		}
	}()
	call()
}

// start calls Observer.Start of all observers. Call end when the operation has ended.
func (c *Core) start(ctx context.Context, o Operation) (_ context.Context, end func()) {
	var ends []func()
	c.observe(ctx, func(observer *Observer) {
		if observer.Start == nil {
			return
		}
		started, ended := observer.Start(ctx, o)
		if started != nil {
			ctx = started
		}
		if ended != nil {
			ends = append(ends, ended)
		}
	})
	return ctx, func() {
		for i := len(ends) - 1; i >= 0; i-- {
			c.tell(ctx, ends[i])
		}
	}
}

// failed tells observers that a part failed.
func (c *Core) failed(ctx context.Context, part Part) {
	c.observe(ctx, func(o *Observer) {
		if o.Failure != nil {
			o.Failure(ctx, part)
		}
	})
}

// happened tells observers about an event.
func (c *Core) happened(ctx context.Context, name config.EventName) {
	c.observe(ctx, func(o *Observer) {
		if o.Event != nil {
			o.Event(ctx, name)
		}
	})
}

// limited tells observers that a limit refused something.
func (c *Core) limited(ctx context.Context, setting string) {
	c.observe(ctx, func(o *Observer) {
		if o.Limit != nil {
			o.Limit(ctx, setting)
		}
	})
}

func (c *Core) captchaChecked(ctx context.Context, result CheckResult) {
	c.observe(ctx, func(o *Observer) {
		if o.Captcha != nil {
			o.Captcha(ctx, result)
		}
	})
}

// openObservers makes the parts of a Core tell its observers.
func (c *Core) openObservers() error {
	if !c.observed() {
		return nil
	}
	c.authn.Hasher.Watch = c.watchHash
	c.limits.Failed = func(ctx context.Context) { c.failed(ctx, PartLimits) }
	box := c.mails.Outbox
	box.Failed = func(ctx context.Context) { c.failed(ctx, PartOutbox) }
	for _, q := range c.queues {
		q.Failed = box.Failed
	}
	box.Tried = func(ctx context.Context, kind, state string) {
		result := mailResults[state]
		c.observe(ctx, func(o *Observer) {
			if o.Mail != nil {
				o.Mail(ctx, kind, result)
			}
		})
	}
	box.Start = func(ctx context.Context, kind string) (context.Context, func()) {
		return c.start(ctx, Operation{Kind: OperationMail, Name: kind})
	}
	return nil
}

// mailResults has the result of an attempt by the state of the mail after it.
var mailResults = map[string]MailResult{
	models.MailSent: MailSent, models.MailPending: MailRetried, models.MailFailed: MailFailed, models.MailVoid: MailVoid,
}

// watchHash is passhash.Hasher.Watch.
func (c *Core) watchHash(ctx context.Context) func(wait, took time.Duration, err error) {
	ctx, end := c.start(ctx, Operation{Kind: OperationHash})
	return func(wait, took time.Duration, err error) {
		e := HashEnd{Wait: wait, Took: took, Result: HashDone}
		switch {
		case errors.Is(err, passhash.ErrBusy):
			e.Result = HashBusy
		case err != nil:
			e.Result = HashCanceled
		}
		c.observe(ctx, func(o *Observer) {
			if o.Hash != nil {
				o.Hash(ctx, e)
			}
		})
		end()
	}
}

// swept is upkeep.Upkeep.Swept.
func (c *Core) swept(ctx context.Context, took time.Duration, err error) {
	c.observe(ctx, func(o *Observer) {
		if o.Sweep != nil {
			o.Sweep(ctx, took, err)
		}
	})
}

// askRule applies a password rule.
func (c *Core) askRule(ctx context.Context, rule config.PasswordRule, password string, user *models.User) (*binding.Problem, error) {
	slow, is := rule.(*config.NotBreached)
	if !is || !c.observed() {
		return rule.CheckPassword(ctx, password, user)
	}
	ctx, end := c.start(ctx, Operation{Kind: OperationBreached})
	defer end()
	result, problem := CheckPassed, (*binding.Problem)(nil)
	found, err := slow.Breached(ctx, password)
	switch {
	case err != nil: // the rule has logged it, and accepts the password
		result = CheckFailed
	case found:
		result, problem = CheckRefused, &binding.Problem{Code: binding.CodePasswordBreached}
	}
	c.observe(ctx, func(o *Observer) {
		if o.Breached != nil {
			o.Breached(ctx, result)
		}
	})
	return problem, nil
}
