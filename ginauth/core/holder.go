package core

// How the features of an application reach the core of its Auth.

// A Holder is a *ginauth.Auth, as functions of features take it:
//
//	func ProviderToken(ctx context.Context, auth core.Holder, userID int64) (string, error)
//
// It has no methods for applications.
type Holder interface{ held() *Core }

func (c *Core) held() *Core { return c }

// Of returns the core of an Auth.
func Of(auth Holder) *Core { return auth.held() }
