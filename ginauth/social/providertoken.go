package social

// ProviderToken: the access token with which the application calls a provider's API.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/oauth2"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

var (
	// ErrNotConnected means that the user has no account of the provider.
	ErrNotConnected = errors.New("social: the user has no account of the provider")
	// ErrReconnect means that no token is stored that works: it was revoked or has expired and cannot be refreshed, or the user logged in
	// with an ID token alone. Ask the user to log in with the provider, or to connect it, again.
	ErrReconnect = errors.New("social: the user must connect the account of the provider again")

	errBusy = errors.New("social: another request refreshes the token")
)

const (
	expiresSoon = time.Minute            // a token that is returned is valid for this long
	leasePoll   = 100 * time.Millisecond // between two looks at whether another request has refreshed the token
)

// ProviderToken returns an access token of a user's account at a provider, for the APIs of the provider. It refreshes the token if it
// expires within a minute, and stores the new one. It needs Options.StoreTokens. auth is a *ginauth.Auth, and provider is
// Provider.Name. If the user has several accounts of the provider, it is that of the last login.
//
// Concurrent calls, also of several instances, send one request to the provider. A refresh does not end when ctx does, because a
// provider can replace the refresh token before it answers: the call then takes some seconds longer.
//
// The error is [ErrNotConnected], [ErrReconnect], [ErrUnavailable] if the provider does not answer, [ErrRefused] if it refuses the
// application itself, for example its secret, or one of the database. The token has no refresh token: it can be valid once.
func ProviderToken(ctx context.Context, auth core.Holder, userID int64, provider string) (*oauth2.Token, error) {
	f, listed := core.Provided[*feature](auth)
	if !listed || !f.options.StoreTokens {
		return nil, errors.New("social: ProviderToken needs social.Feature in ginauth.New, with Options.StoreTokens")
	}
	s := f.sources[provider]
	if s == nil {
		return nil, fmt.Errorf("%w: %q is not in Options.Providers", ErrNotConnected, provider)
	}
	for {
		token, err := f.tokenOf(ctx, s, userID)
		if !errors.Is(err, errBusy) {
			return token, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(leasePoll):
		}
	}
}

// tokenOf is one attempt of ProviderToken.
func (f *feature) tokenOf(ctx context.Context, s *source, userID int64) (*oauth2.Token, error) {
	row, t, err := f.tokensOf(ctx, s, userID)
	if err != nil {
		return nil, err
	}
	if t.Access != "" && (t.Expiry.IsZero() || f.core.Now().Add(expiresSoon).Before(t.Expiry)) {
		return t.token(), f.renewSeal(ctx, row)
	}
	if t.Refresh == "" {
		return nil, ErrReconnect
	}
	by, err := f.random()
	if err != nil {
		return nil, err
	}
	lease := spent{Hash: fmt.Sprint("refresh ", row.ID), By: by[:32]}
	if won, err := f.lease(ctx, lease, s); err != nil || !won {
		return nil, cmp.Or(err, errBusy)
	}
	// From here on, the provider may have replaced the refresh token, so the caller's context counts no more.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseLasts(s))
	defer cancel()
	token, err := f.renew(ctx, s, row, t)
	_ = f.core.Tx(ctx, func(tx *core.Tx) error { return tx.Where(&lease).Delete(&spent{}).Error }) // otherwise it ends by itself
	return token, err
}

// tokensOf returns the identity whose tokens count, and its tokens.
func (f *feature) tokensOf(ctx context.Context, s *source, userID int64) (*models.Identity, storedTokens, error) {
	var rows []models.Identity
	err := f.core.DB(ctx).Where("user_id = ? AND provider = ?", userID, s.Name).Order("id").Find(&rows).Error
	if err == nil && len(rows) == 0 {
		err = ErrNotConnected
	}
	if err != nil {
		return nil, storedTokens{}, err
	}
	best := &rows[0]
	for i := range rows[1:] {
		if r := &rows[i+1]; best.Tokens == "" || r.Tokens != "" && lastUse(r).After(lastUse(best)) {
			best = r
		}
	}
	t, err := f.opened(best)
	if err != nil {
		err = fmt.Errorf("%w: its tokens were encrypted with a secret that is no longer in OldSecrets", ErrReconnect)
	}
	return best, t, err
}

// leaseLasts is longer than a refresh can take: discovery, the request, and the transactions.
func leaseLasts(s *source) time.Duration { return 3*s.client.Timeout + 10*time.Second }

// lease reports whether this request may refresh a token.
func (f *feature) lease(ctx context.Context, lease spent, s *source) (won bool, err error) {
	now := f.core.Now()
	lease.ExpiresAt = now.Add(leaseLasts(s))
	err = f.core.Tx(ctx, func(tx *core.Tx) error {
		err := tx.Where("hash = ? AND expires_at <= ?", lease.Hash, now).Delete(&spent{}).Error
		if err == nil {
			won, err = spend(tx, lease)
		}
		return err
	})
	return won, err
}

// renew refreshes the tokens of an identity, with the lease. Another request may have done so before it.
func (f *feature) renew(ctx context.Context, s *source, seen *models.Identity, t storedTokens) (*oauth2.Token, error) {
	var now models.Identity
	if err := f.core.DB(ctx).Where("id = ?", seen.ID).Limit(1).Find(&now).Error; err != nil {
		return nil, err
	}
	if now.Tokens != seen.Tokens {
		return nil, errBusy // look again
	}
	settings, err := s.registration(ctx)
	if err != nil {
		return nil, err
	}
	fresh, err := s.issued(settings.TokenSource(context.WithValue(ctx, oauth2.HTTPClient, s.client), &oauth2.Token{RefreshToken: t.Refresh}).Token())
	switch {
	case errors.Is(err, errGrant):
		return nil, cmp.Or(f.replace(ctx, seen, t, storedTokens{}), ErrReconnect)
	case errors.Is(err, errCode):
		return nil, fmt.Errorf("%w: it refuses to refresh a token; check ClientID and ClientSecret: %w", ErrRefused, err)
	case err != nil:
		return nil, err
	}
	next := storedTokens{fresh.AccessToken, cmp.Or(fresh.RefreshToken, t.Refresh), fresh.Expiry}
	if err := f.replace(ctx, seen, t, next); err != nil {
		return nil, err
	}
	return next.token(), nil
}

// replace stores tokens in place of others. If a login has brought another refresh token since then, it stays. If the account was
// disconnected, the new tokens are revoked, and the error is [ErrNotConnected].
func (f *feature) replace(ctx context.Context, seen *models.Identity, used, next storedTokens) error {
	gone := false
	err := f.core.Tx(ctx, func(tx *core.Tx) error {
		gone = false
		if err := tx.LockUser(seen.UserID); err != nil {
			return err
		}
		var row models.Identity
		if err := tx.Where("id = ? AND user_id = ?", seen.ID, seen.UserID).Limit(1).Find(&row).Error; err != nil {
			return err
		}
		if gone = row.ID == 0; gone {
			row.Provider = seen.Provider
			return f.revokeToken(tx, &row, next.Refresh)
		}
		now, err := f.opened(&row)
		if err != nil || now.Refresh != used.Refresh || used.Refresh == "" && now.Access != used.Access {
			return nil
		}
		sealed, err := f.seal(next, row.ID)
		if err != nil {
			return err
		}
		return tx.Model(&models.Identity{}).Where("id = ?", row.ID).Update("tokens", sealed).Error
	})
	if err == nil && gone {
		err = ErrNotConnected
	}
	return err
}

// renewSeal encrypts the tokens of an identity anew, if that was done with an old secret.
func (f *feature) renewSeal(ctx context.Context, seen *models.Identity) error {
	if f.keys.IsCurrent(seen.Tokens, aboutTokens(seen.ID)) {
		return nil
	}
	t, err := f.opened(seen)
	if err != nil {
		return err
	}
	err = f.replace(ctx, seen, t, t)
	if errors.Is(err, ErrNotConnected) { // it was a moment ago
		err = nil
	}
	return err
}

func (t storedTokens) token() *oauth2.Token {
	return &oauth2.Token{AccessToken: t.Access, TokenType: "Bearer", Expiry: t.Expiry}
}
