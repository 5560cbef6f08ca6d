package social

// Outbound requests: one client for all providers, with limits, and the two kinds of failure.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	maxResponse    = 1 << 20 // bytes of a provider's response
	defaultTimeout = 5 * time.Second
)

var (
	// ErrRefused means that the provider does not accept a token or code, or that its response proves nothing. Functions of a
	// [Provider] return it, and the client gets 400.
	ErrRefused = errors.New("social: refused by the provider")
	// ErrUnavailable means that the provider did not answer, or not as it should. The client gets 503.
	ErrUnavailable = errors.New("social: the provider is not available")

	errTooLarge = errors.New("the response is larger than 1 MiB")
	errRedirect = errors.New("the provider redirects, which is not followed")
)

// newClient returns the client for all requests to providers. It follows no redirect, and neither waits nor reads longer
// than its limits.
func newClient(transport http.RoundTripper, timeout time.Duration) *http.Client {
	if transport == nil {
		transport = http.DefaultTransport
	}
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return &http.Client{
		Transport: bounded{transport}, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
	}
}

// bounded limits the size of responses, also of those that libraries read.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err == nil {
		res.Body = &boundedBody{res.Body, maxResponse}
	}
	return res, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// API calls a provider for one login. Functions of a [Provider] get it, and use it from one goroutine.
type API struct {
	Token    string   // the user's access token
	ClientID string   // of the application
	Secret   string   // of the application; never put it in a URL that could be logged elsewhere
	Clients  []string // ClientID and Provider.Audiences

	client *http.Client
	first  json.RawMessage // the first response
}

// IsOurs reports whether a client ID is one of the application's.
func (a *API) IsOurs(clientID string) bool {
	for _, own := range a.Clients {
		if clientID != "" && clientID == own {
			return true
		}
	}
	return false
}

// Get sends a GET with the access token as a bearer token (RFC 6750), and decodes the JSON of the response into into. It
// returns an error as [API.Do] does.
func (a *API) Get(ctx context.Context, url string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("%w: the URL is invalid", ErrUnavailable)
	}
	r.Header.Set("Authorization", "Bearer "+a.Token)
	return a.Do(r, into)
}

// PostForm sends a form without credentials, as [API.Get] does.
func (a *API) PostForm(ctx context.Context, url string, form url.Values, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("%w: the URL is invalid", ErrUnavailable)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return a.Do(r, into)
}

// Do sends a request and decodes the JSON of the response into into, a pointer. The error is [ErrRefused] for a status
// of 400 to 499 other than 408 and 429, and [ErrUnavailable] for every other status but 200, for a response that is not JSON, is
// too large or comes too late, and for a redirect. It has no URL, because URLs can contain tokens.
func (a *API) Do(r *http.Request, into any) error {
	r.Header.Set("Accept", "application/json")
	res, err := a.client.Do(r)
	if err != nil {
		return unavailable(err)
	}
	defer res.Body.Close()
	switch {
	case isRefusal(res.StatusCode):
		return fmt.Errorf("%w: status %d of %s", ErrRefused, res.StatusCode, r.URL.Host)
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("%w: status %d of %s", ErrUnavailable, res.StatusCode, r.URL.Host)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return unavailable(err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%w: %s sent no valid JSON", ErrUnavailable, r.URL.Host)
	}
	if a.first == nil {
		a.first = body
	}
	return nil
}

// isRefusal reports whether a status says that the request, and not the provider, is at fault.
func isRefusal(status int) bool {
	return status >= 400 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests
}

// unavailable returns [ErrUnavailable] with the cause, without its URL.
func unavailable(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// issuedTo returns err, or [ErrRefused] unless the client for which an access token was issued is one of the application's.
func (a *API) issuedTo(err error, clientID string) error {
	if err == nil && !a.IsOurs(clientID) {
		err = fmt.Errorf("%w: the access token was issued to another application", ErrRefused)
	}
	return err
}
