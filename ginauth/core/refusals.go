package core

// What an operator sees of a limit that is used up: a metric, a count, and a line in the log.

import (
	"context"
	"log/slog"
)

// refused tells observers that a limit was used up, counts it, and logs it once a minute. One for all clients is a warning: it may
// be too low. of is what the limit counts.
func (c *Core) refused(ctx context.Context, setting, of string) {
	c.limited(ctx, setting)
	n, tell := c.refusals.Count(setting)
	if !tell {
		return
	}
	level, text := slog.LevelInfo, "ginauth: a limit is used up"
	switch of {
	case "all sign-ups":
		level, text = slog.LevelWarn, "ginauth: all clients together sign up too often, so sign-ups are refused; if they are no attack, raise Limits.AllSignUps"
	case "all starts":
		level, text = slog.LevelWarn, "ginauth: all clients together start too many logins at other sites, so these are refused; if they are no attack, raise Limits.AllStarts"
	case "all mails":
		level, text = slog.LevelWarn, "ginauth: requests without a login ask for too many mails, so unconfirmed addresses of recent sign-ups get none; "+
			"if it is no attack, raise Limits.AllMails"
	}
	c.cfg.Logger.LogAttrs(ctx, level, text, slog.String("setting", setting), slog.String("of", of), slog.Int64("requests", n))
}

// Refusals implements ginauth.Auth.Refusals, which has the documentation.
func (c *Core) Refusals() map[string]int64 { return c.refusals.Counts() }
