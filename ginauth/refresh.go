package ginauth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// A refresh token names its session and its number in the row of refreshes, under a MAC
// with a key from Secret and the session's salt:
//
//	grt_<session>.<generation>.<mac>
//
// So nothing of it is stored, every token that was ever given out is known again, which
// is what reuse is told by, and two requests with the same token get the same successor
// without one of them having to keep it.
const refreshPrefix = "grt_"

// refreshOf computes the refresh token of a session by its number.
func (a *Auth) refreshOf(s *models.Session, generation int64) string {
	return a.refreshWith(a.refreshKeys[0], s, generation)
}

func (a *Auth) refreshWith(key []byte, s *models.Session, generation int64) string {
	text := s.ID + "." + strconv.FormatInt(generation, 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text + "." + s.RefreshSalt))
	return refreshPrefix + text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// findRefresh returns the session, its user and the number of a refresh token that this
// server gave out at some time. Anything else is errInvalidToken.
func (a *Auth) findRefresh(ctx context.Context, token string) (*models.Session, models.Account, int64, error) {
	id, generation, ok := parseRefresh(token)
	if !ok {
		return nil, nil, 0, errInvalidToken
	}
	session, account, err := a.store.SessionByID(ctx, id)
	if err != nil {
		return nil, nil, 0, notFoundAs(err, errInvalidToken)
	}
	if session.RefreshSalt == "" || generation > session.RefreshGeneration {
		return nil, nil, 0, errInvalidToken
	}
	for _, key := range a.refreshKeys {
		if hmac.Equal([]byte(token), []byte(a.refreshWith(key, session, generation))) {
			return session, account, generation, nil
		}
	}
	return nil, nil, 0, errInvalidToken
}

// parseRefresh reads what a refresh token says of itself.
func parseRefresh(token string) (session string, generation int64, ok bool) {
	rest, ok := strings.CutPrefix(token, refreshPrefix)
	parts := strings.Split(rest, ".")
	if !ok || len(rest) > 128 || len(parts) != 3 || !secret.IsID(parts[0]) {
		return "", 0, false
	}
	generation, err := strconv.ParseInt(parts[1], 10, 64)
	return parts[0], generation, err == nil && generation >= 0 && strconv.FormatInt(generation, 10) == parts[1]
}

// openRefreshKeys derives the keys of refresh tokens: the first makes, all verify.
func openRefreshKeys(secrets ...string) ([][]byte, error) {
	var keys [][]byte
	for _, s := range secrets {
		key, err := secret.Derive(s, "refresh token", 32)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// notFoundAs replaces "no such row" and leaves failures as they are.
func notFoundAs(err, as error) error {
	if errors.Is(err, store.ErrNotFound) {
		return as
	}
	return err
}
