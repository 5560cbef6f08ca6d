package core

// Access to the core of an Auth, for functions of features.

import "reflect"

// A Holder is a *ginauth.Auth. Functions of features take it as a parameter, because features cannot import
// ginauth:
//
//	func ProviderToken(ctx context.Context, auth core.Holder, userID int64) (string, error)
//
// It has no methods for applications. It has nothing to do with [Core.Held].
type Holder interface{ held() *Core }

func (c *Core) held() *Core { return c }

// Of returns the core of an Auth.
func Of(auth Holder) *Core { return auth.held() }

// Provide keeps a value of the feature for its functions that take a [Holder]; see [Provided]. Use a type of the feature's
// own package: there is one value of each type.
func Provide[T any](s *Setup, value T) {
	core := s.declaring().core
	if core.provided == nil {
		core.provided = map[reflect.Type]any{}
	}
	core.provided[reflect.TypeFor[T]()] = value
}

// Provided returns the value that a feature has kept with [Provide], or false if the feature is not listed.
func Provided[T any](auth Holder) (T, bool) {
	value, ok := Of(auth).provided[reflect.TypeFor[T]()].(T)
	return value, ok
}
