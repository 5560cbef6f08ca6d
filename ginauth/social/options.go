package social

// Options: the settings of the feature.

import (
	"context"
	"net/http"
	"time"
)

// Options are the settings of the feature. Only Providers is required.
type Options struct {
	Providers []Provider

	// URL is the public URL of the library's routes, such as "https://app.example.com/auth". It adds the routes for logging in by
	// redirect. Register URL + "/{provider}/callback/" at each provider. http is for this machine only. Default: no such routes.
	URL string
	// Pages are the pages of your front end where a login by redirect can end, such as "https://app.example.com/login/done". A URL without
	// a path allows all pages of its origin. Native apps list "com.example.app:/login" or "http://127.0.0.1/login", with any port (RFC
	// 8252). The first is the default. Required with URL.
	Pages []string

	// AskUsername lets new users choose their user name, if SignUpFields.Username requires one: their first login then asks for it,
	// with suggestions. Default: they get the name that the provider suggests, with a number if it is taken.
	AskUsername bool

	// StoreTokens keeps the providers' access and refresh tokens, encrypted with a key derived from Config.Secret. Set it if your
	// application calls the providers' APIs. Default: no token is stored.
	StoreTokens bool

	// OnNotification is called after a notification of Apple was handled; see [Notification]. It is for what only the application can do,
	// such as asking for another address. Default: nil.
	OnNotification func(ctx context.Context, n Notification)

	// Transport sends the requests to providers, for a proxy or your own certificates. Default: http.DefaultTransport. Whatever it
	// does, no redirect is followed, and a response has at most 1 MiB.
	Transport http.RoundTripper
	// Timeout is how long one request to a provider can take: up to a minute. Default: 5 seconds.
	Timeout time.Duration
}
