package custom

// After hooks: their errors and panics are only logged.

import (
	"context"
	"log/slog"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/paniclog"
)

// After calls an After hook once a change is committed. It reports whether the hook succeeded.
func After(ctx context.Context, logger *slog.Logger, hook config.After, e config.Event) (ok bool) {
	ctx = config.WithLanguage(ctx, e.Language)
	defer func() {
		if p := recover(); p != nil {
			paniclog.Log(ctx, logger, p, slog.String("in", "an After hook"), slog.String("event", string(e.Name)))
		}
	}()
	err := hook(ctx, e)
	if err != nil {
		logger.LogAttrs(ctx, slog.LevelError, "ginauth: an After hook failed",
			slog.String("event", string(e.Name)), slog.String("error", err.Error()))
	}
	return err == nil
}
