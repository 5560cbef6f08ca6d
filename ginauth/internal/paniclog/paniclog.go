// Package paniclog logs panics of the application's code without the secrets that they may hold.
package paniclog

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
)

// Relayed is a panic of another goroutine that the one which waits for it passes on.
type Relayed interface {
	Panicked() (value any, stack []byte)
}

// Into logs a panic and turns it into an error. Defer it. It is for work outside of requests: without it, a panic would end the process.
func Into(ctx context.Context, logger *slog.Logger, err *error, attrs ...slog.Attr) {
	if p := recover(); p != nil {
		Log(ctx, logger, p, attrs...)
		*err = fmt.Errorf("panic of type %T", p)
	}
}

// Log logs where a panic came from. Call it in the deferred function that recovered p. The value
// of a panic may hold anything, so only the runtime's own errors are logged as text.
func Log(ctx context.Context, logger *slog.Logger, p any, attrs ...slog.Attr) {
	stack := debug.Stack()
	if other, is := p.(Relayed); is {
		p, stack = other.Panicked()
	}
	text := fmt.Sprintf("panic of type %T", p)
	if err, ok := p.(runtime.Error); ok {
		text = err.Error()
	}
	logger.LogAttrs(ctx, slog.LevelError, "ginauth: panic",
		append(attrs, slog.String("error", text), slog.String("stack", string(stack)))...)
}
