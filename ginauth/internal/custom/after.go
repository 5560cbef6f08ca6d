package custom

// After hooks: their errors and panics are only logged.

import (
	"context"
	"log/slog"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/paniclog"
)

// After calls an After hook once a change is committed, even if the client has disconnected.
func After(ctx context.Context, logger *slog.Logger, hook config.After, e config.Event) {
	ctx = config.WithLanguage(context.WithoutCancel(ctx), e.Language)
	defer func() {
		if p := recover(); p != nil {
			paniclog.Log(ctx, logger, p)
		}
	}()
	if err := hook(ctx, e); err != nil {
		logger.LogAttrs(ctx, slog.LevelError, "ginauth: an After hook failed", slog.String("error", err.Error()))
	}
}
