package webhook

// Sending: the client, the signatures, and what counts as success.

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"code.dny.dev/ssrf"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// maxHeaders bounds the headers of a response. Its body is not read.
const maxHeaders = 16 << 10

// wireServer is the address of Azure's host, which virtual machines can ask for their credentials. It looks public.
var wireServer = netip.MustParsePrefix("168.63.129.16/32")

// newClient returns the client. The addresses of endpoints are checked when they are dialed, so a name that resolves to
// another address by then gains nothing. Each request has a connection of its own, so none outlives the program's use of it.
func newClient(o Options) *http.Client {
	client := &http.Client{
		Transport:     o.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if o.Transport != nil {
		return client
	}
	dialer := &net.Dialer{}
	if !o.AllowPrivateNetworks {
		dialer.Control = ssrf.New(ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(wireServer)).Safe
	}
	client.Transport = &http.Transport{
		Proxy:       nil, // a proxy of the environment would dial the address without this check
		DialContext: dialer.DialContext, DisableKeepAlives: true, DisableCompression: true,
		ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxHeaders,
	}
	return client
}

// send sends one web-hook. Its errors have no part of the URL or the response, which can have secrets.
func (h *hooks) send(ctx context.Context, d *models.Delivery) error {
	i := slices.IndexFunc(h.endpoints, func(e endpoint) bool { return e.Name == d.Target })
	if i < 0 { // another instance may have it: configurations change one instance at a time
		return errors.New("no endpoint has this name")
	}
	request, err := h.request(ctx, &h.endpoints[i], d)
	if err != nil {
		return err
	}
	response, err := h.client.Do(request)
	if err != nil {
		return reasonOf(err)
	}
	defer func() { _ = response.Body.Close() }()
	switch status := response.StatusCode; {
	case status >= 200 && status <= 299:
		return nil
	case status == http.StatusGone:
		return config.Permanent(errors.New("the endpoint answered 410: it no longer exists"))
	default:
		return fmt.Errorf("the endpoint answered %d", status)
	}
}

// reasonOf returns the error of a request without the URL, and without what the server sent: package http quotes lines that it cannot
// parse. Errors of connections, names and certificates are passed on.
func reasonOf(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err
	}
	_, connection := errors.AsType[net.Error](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	if connection || certificate || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.Is(err, http.ErrSchemeMismatch) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return errors.New("the response is not valid HTTP or has headers that are too large, or Options.Transport failed")
}

// request makes the signed request of one attempt.
func (h *hooks) request(ctx context.Context, to *endpoint, d *models.Delivery) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(d.Body))
	if err != nil {
		return nil, errors.New("the URL of the endpoint is invalid")
	}
	id, now := "msg_"+d.MessageID, h.core.Now()
	signatures := make([]string, len(to.signers))
	for i, signer := range to.signers {
		if signatures[i], err = signer.Sign(id, now, d.Body); err != nil {
			return nil, err
		}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "gin-rest-auth")
	request.Header.Set(standardwebhooks.HeaderWebhookID, id)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return request, nil
}
