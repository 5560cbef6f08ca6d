package custom

// Errors of the application's code.

import (
	"context"
	"errors"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Failure hides store errors of the statements in a hook or form, such as a duplicate value in the application's table, so
// that they are not mistaken for errors of the library's statements. Rejections and retryable errors stay visible.
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

// foreignError has no Unwrap, so errors.Is cannot see its cause.
type foreignError struct {
	whose string
	cause error
}

func (e foreignError) Error() string { return e.whose + ": " + e.cause.Error() }
