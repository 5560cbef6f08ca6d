// Package webhook tells other servers what happens to users, by web-hooks in the format of Standard Webhooks
// (https://www.standardwebhooks.com): a signed POST for each event, that is tried again until the server accepts it.
//
//	hooks := webhook.Feature(webhook.Options{Endpoints: []webhook.Endpoint{{
//		URL: "https://crm.example.com/hooks", Secrets: []config.Secret{"whsec_..."},
//	}}})
//	auth, err := ginauth.New(db, cfg, hooks)
//
// auth.Run sends them. The README of this package lists the events and shows how a server verifies a web-hook.
package webhook

// Feature: the settings, and what the feature declares.

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Options are the settings of the feature. Only Endpoints is required.
type Options struct {
	// Endpoints are the servers that get web-hooks.
	Endpoints []Endpoint

	// Data adds to the data of each web-hook: its result is merged into [Payload].Data, and a nil value removes a field. It
	// runs in the transaction of the event, so an error, which is logged, undoes the change. It must not return secrets.
	// Default: nil.
	Data func(ctx context.Context, event Event, e config.Event) (map[string]any, error)

	// Timeout ends one attempt. From 1 second to 1 minute. Default: 10 seconds.
	Timeout time.Duration

	// Transport sends the requests, for example through a proxy. It then has to refuse private addresses itself. Default: a
	// transport of the library that does, and that ignores the proxies of the environment.
	Transport http.RoundTripper

	// AllowPrivateNetworks lets endpoints have addresses that are not public, such as 127.0.0.1 and 10.0.0.1. The name of an
	// endpoint can then lead to any server of your network. Default: false.
	AllowPrivateNetworks bool

	// InsecureAllowHTTP allows URLs with http. Everyone between the two servers can then read names and addresses of users.
	// Default: false, only https.
	InsecureAllowHTTP bool
}

// Endpoint is a server that gets web-hooks. URL and Secrets are required.
type Endpoint struct {
	// URL gets the POST requests: "https://crm.example.com/hooks", at most 255 bytes. Redirects are not followed.
	URL string

	// Secrets sign web-hooks: "whsec_" and the base64 of 24 to 64 random bytes. Make one with
	// `echo whsec_$(openssl rand -base64 32)`. Each web-hook has a signature with every secret, so to replace one, list the new
	// one and the old one until the endpoint has the new one. At most 4.
	Secrets []config.Secret

	// Events are the events that the endpoint gets: constants of this package, and types of features such as "totp.enabled".
	// Default: all.
	Events []Event

	// Name names the endpoint in auth_delivery, so that waiting web-hooks follow it to another URL. At most 255 bytes.
	// Default: URL.
	Name string
}

// name is the name of the feature, and of its queue.
const name = "webhook"

type hooks struct {
	core      *core.Core
	queue     *core.Queue
	options   Options
	endpoints []endpoint
	client    *http.Client
}

// endpoint is a checked Endpoint.
type endpoint struct {
	Endpoint
	signers []*standardwebhooks.Webhook
}

// Feature returns the feature. Mistakes in the options are errors of ginauth.New.
func Feature(o Options) core.Feature {
	return func(s *core.Setup) error {
		s.Name(name)
		h := &hooks{core: s.Core(), options: o}
		timeout := cmp.Or(o.Timeout, 10*time.Second)
		if timeout < time.Second || timeout > time.Minute {
			s.Refuse("webhook.Options.Timeout", errors.New("must be between 1 second and 1 minute"))
		}
		h.client = newClient(o)
		h.endpoints = check(s, o)
		h.queue = s.Queue(core.QueueOptions{Send: h.send, Timeout: timeout})
		s.Listen(core.Listener{Record: h.record})
		s.WebHooks(o.Data != nil)
		s.Finish(h.checkEvents)
		s.Check("webhook.Options", h.findings)
		return nil
	}
}

// findings reports to auth.Check what weakens web-hooks.
func (h *hooks) findings(_ context.Context, r *core.Report) error {
	if err := h.checkEvents(); err != nil { // New says so as well, but ginauth.Check does not get that far
		r.Error(err.Error(), "remove it, or list its feature in ginauth.New")
	}
	if h.options.InsecureAllowHTTP {
		r.Warning("InsecureAllowHTTP is set: web-hooks can be sent without encryption", "use https, and remove it")
	}
	if h.options.AllowPrivateNetworks {
		r.Warning("AllowPrivateNetworks is set: the name of an endpoint can lead to any server of your network", "remove it, unless an endpoint is in your own network")
	}
	if h.options.Transport != nil {
		r.Note("Transport is set, so the library does not refuse private addresses", "let the transport or its proxy refuse them")
	}
	return nil
}
