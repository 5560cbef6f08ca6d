package core

// How the features of an application reach the core of its Auth.

// A Handle holds the core of an Auth for features and has no methods for applications.
type Handle struct{ core *Core }

// A Holder is a *ginauth.Auth, as functions of features take it:
//
//	func ProviderToken(ctx context.Context, auth core.Holder, userID int64) (string, error)
type Holder interface{ held() *Core }

func (h Handle) held() *Core { return h.core }

// Handle makes the Handle of a core.
func (c *Core) Handle() Handle { return Handle{c} }

// Of returns the core of an Auth.
func Of(auth Holder) *Core { return auth.held() }
