// Package paniclog logs panics of the application's code without the secrets that they may hold.
package paniclog

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
)

// Log logs where a panic came from. Call it in the deferred function that recovered p. The value
// of a panic may hold anything, so only the runtime's own errors are logged as text.
func Log(ctx context.Context, logger *slog.Logger, p any, attrs ...slog.Attr) {
	text := fmt.Sprintf("panic of type %T", p)
	if err, ok := p.(runtime.Error); ok {
		text = err.Error()
	}
	logger.LogAttrs(ctx, slog.LevelError, "ginauth: panic",
		append(attrs, slog.String("error", text), slog.String("stack", string(debug.Stack())))...)
}
