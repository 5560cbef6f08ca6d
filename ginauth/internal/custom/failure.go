package custom

// Errors of the application's code.

import (
	"context"
	"errors"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Failure keeps what a hook's or form's own statements met from being taken for what ours did: that a
// value of its table exists already, say. Seen are refusals, and what asks for another try.
func Failure(whose string, err error) error {
	if err == nil || store.Retryable(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if refused, ok := errors.AsType[*binding.Error](err); ok {
		if cause := refused.Unwrap(); cause != nil {
			refused = refused.Because(foreignError{whose, cause})
		}
		return refused
	}
	return foreignError{whose, err}
}

// foreignError has no Unwrap.
type foreignError struct {
	whose string
	cause error
}

func (e foreignError) Error() string { return e.whose + ": " + e.cause.Error() }
