package social

// Options: the settings of the feature.

import (
	"net/http"
	"time"
)

// Options are the settings of the feature. Only Providers is required.
type Options struct {
	Providers []Provider

	// StoreTokens keeps the providers' access and refresh tokens, encrypted with a key derived from Config.Secret. Set it if your
	// application calls the providers' APIs. Default: no token is stored.
	StoreTokens bool

	// Transport sends the requests to providers, for a proxy or your own certificates. Default: http.DefaultTransport. Whatever it
	// does, no redirect is followed, and a response has at most 1 MiB.
	Transport http.RoundTripper
	// Timeout is how long one request to a provider can take: up to a minute. Default: 5 seconds.
	Timeout time.Duration
}
