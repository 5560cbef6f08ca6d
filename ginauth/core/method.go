package core

// Who made a change, and how, for events: an operator, or a command that makes it without a request.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

type methodKey struct{}

// ByCommand is the method of changes that a command of package cmd makes: config.Event.Method and models.Event.Method have it.
const ByCommand = "command"

// WithMethod returns a context with which calls record how something was changed: events that have no method of a login get this one,
// of at most 32 bytes.
func WithMethod(ctx context.Context, method string) context.Context {
	return context.WithValue(ctx, methodKey{}, method)
}

// operatorKey has the account of the operator in the context of a request that was admitted as one.
type operatorKey struct{}

// withOperator returns a context with the operator of another one: a new deadline is made from the context of the request, which has none.
func withOperator(ctx, from context.Context) context.Context {
	if operator := from.Value(operatorKey{}); operator != nil {
		return context.WithValue(ctx, operatorKey{}, operator)
	}
	return ctx
}

// withOrigin returns an event with the method and the operator of a context, if it has them and the event has none. An operator is
// none in events about themselves.
func withOrigin(ctx context.Context, e config.Event) config.Event {
	if method, ok := ctx.Value(methodKey{}).(string); ok && e.Method == "" {
		e.Method = method
	}
	operator, found := ctx.Value(operatorKey{}).(models.Account)
	if found && e.Actor == nil && (e.User == nil || e.User.Base().ID != operator.Base().ID) {
		e.Actor = operator
	}
	return e
}
