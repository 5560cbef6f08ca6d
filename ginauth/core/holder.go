package core

// Access to the core of an Auth, for functions of features.

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
