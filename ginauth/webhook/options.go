package webhook

// Checks of the options.

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

const (
	secretPrefix       = "whsec_"
	maxSecrets         = 4
	maxName            = 255 // the size of models.Delivery.Target
	minBytes, maxBytes = 24, 64
)

// check returns the endpoints, and reports mistakes in them.
func check(s *core.Setup, o Options) (all []endpoint) {
	if len(o.Endpoints) == 0 {
		s.Refuse("webhook.Options.Endpoints", errors.New("is empty; list the servers that get web-hooks, or remove the feature"))
	}
	names := map[string]bool{}
	for i, e := range o.Endpoints {
		setting := fmt.Sprintf("webhook.Options.Endpoints[%d].", i)
		e.Name, e.Events = cmp.Or(e.Name, e.URL), slices.Clone(e.Events)
		if err := checkURL(e.URL, o.InsecureAllowHTTP); err != nil {
			s.Refuse(setting+"URL", err)
		}
		if names[e.Name] || len(e.Name) > maxName {
			s.Refuse(setting+"Name", fmt.Errorf("must be another one for each endpoint, and have at most %d bytes", maxName))
		}
		names[e.Name] = true
		made := endpoint{Endpoint: e}
		for _, secret := range e.Secrets {
			signer, err := newSigner(secret)
			if err != nil {
				s.Refuse(setting+"Secrets", err)
			}
			made.signers = append(made.signers, signer)
		}
		if len(e.Secrets) == 0 || len(e.Secrets) > maxSecrets {
			s.Refuse(setting+"Secrets", fmt.Errorf("must have 1 to %d secrets; make one with: echo whsec_$(openssl rand -base64 32)", maxSecrets))
		}
		all = append(all, made)
	}
	return all
}

// checkEvents returns an error if an endpoint has an event that neither the library nor a feature has. It needs all features, which
// can come after this one.
func (h *hooks) checkEvents() error {
	known := events(h.core)
	for i, e := range h.endpoints {
		for _, event := range e.Events {
			if !slices.Contains(known, event) {
				setting := fmt.Sprintf("webhook.Options.Endpoints[%d].Events", i)
				return &config.Mistake{Setting: setting, Err: fmt.Errorf("has %q, which is not an event of the library or of a listed feature", event)}
			}
		}
	}
	return nil
}

func checkURL(text string, allowHTTP bool) error {
	u, err := url.Parse(text)
	switch {
	case err != nil: // the error repeats the URL, which can have a secret
		return errors.New("is no URL")
	case u.Host == "" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || len(text) > maxName:
		return fmt.Errorf("must have a host, no user and no fragment, and at most %d bytes", maxName)
	case u.Scheme != "https" && (u.Scheme != "http" || !allowHTTP):
		return errors.New("must begin with https://; for development, set InsecureAllowHTTP")
	}
	return nil
}

// newSigner returns the signer of a secret.
func newSigner(secret config.Secret) (*standardwebhooks.Webhook, error) {
	text, found := strings.CutPrefix(string(secret), secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !found || err != nil || len(key) < minBytes || len(key) > maxBytes {
		return nil, fmt.Errorf("has a secret that is not %s and the base64 of %d to %d random bytes; make one with: echo whsec_$(openssl rand -base64 32)",
			secretPrefix, minBytes, maxBytes)
	}
	return standardwebhooks.NewWebhookRaw(key)
}
