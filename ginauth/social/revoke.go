package social

// Revoking tokens at the provider (RFC 7009), by the queue of the feature.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	revokeKind  = "token.revoked"
	aboutRevoke = "revocation"
)

// openRevocation declares the queue, if a provider needs it.
func (f *feature) openRevocation(s *core.Setup) {
	if !slices.ContainsFunc(f.options.Providers, func(p Provider) bool { return p.RevokeURL != "" }) {
		return
	}
	f.queue = s.Queue(core.QueueOptions{Send: f.revoke, Timeout: cmp.Or(f.options.Timeout, defaultTimeout) + 5*time.Second})
}

// revokeLater revokes the tokens of an identity after the transaction, if its provider can.
func (f *feature) revokeLater(tx *core.Tx, row *models.Identity) error {
	t, err := f.opened(row)
	if err != nil { // of a secret that is not configured any more
		return nil
	}
	return f.revokeToken(tx, row, cmp.Or(t.Refresh, t.Access))
}

// revokeToken revokes a token of an identity after the transaction. The delivery does not name the user, who may be deleted.
func (f *feature) revokeToken(tx *core.Tx, row *models.Identity, token string) error {
	s := f.sources[string(row.Provider)]
	if s == nil || s.RevokeURL == "" || token == "" {
		return nil
	}
	sealed, err := f.keys.Seal([]byte(token), aboutRevoke)
	if err != nil {
		return err
	}
	return f.queue.Add(tx, models.Delivery{Target: s.Name, Kind: revokeKind, Body: []byte(sealed)})
}

// revoke sends one request. A token that is not valid any more is a success for the provider (RFC 7009, section 2.2).
func (f *feature) revoke(ctx context.Context, d *models.Delivery) error {
	s := f.sources[d.Target]
	if s == nil || s.RevokeURL == "" { // another instance may have it: configurations change one instance at a time
		return errors.New("no provider with RevokeURL has this name")
	}
	token, err := f.keys.Open(string(d.Body), aboutRevoke)
	if err != nil {
		return config.Permanent(errors.New("the token was encrypted with a secret that is no longer in OldSecrets"))
	}
	secret, err := s.clientSecret(f.core.Now())
	if err != nil {
		return errors.New("Provider.Secret failed")
	}
	form := url.Values{"token": {string(token)}, "token_type_hint": {"refresh_token"}}
	if s.Endpoint.AuthStyle != oauth2.AuthStyleInHeader {
		form.Set("client_id", s.ClientID)
		form.Set("client_secret", secret)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.RevokeURL, strings.NewReader(form.Encode()))
	if err != nil {
		return errors.New("RevokeURL is invalid")
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if s.Endpoint.AuthStyle == oauth2.AuthStyleInHeader {
		r.SetBasicAuth(url.QueryEscape(s.ClientID), url.QueryEscape(secret))
	}
	res, err := s.client.Do(r)
	if err != nil {
		return unavailable(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the provider answered %d", res.StatusCode)
	}
	return nil
}
