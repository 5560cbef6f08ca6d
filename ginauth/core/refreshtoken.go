package core

// Refresh tokens: computed from their session, found again, and when they expire.

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// refreshPrefix begins every refresh token. A refresh token names its session and its number in the row of refreshes, under a MAC
// with a key from Secret and the session's salt:
//
//	grt_<session>.<generation>.<mac>
//
// So nothing of it is stored, every token that was ever given out is known again, which
// is what reuse is told by, and two requests with the same token get the same successor
// without one of them having to keep it.
const refreshPrefix = "grt_"

// refreshOf computes the refresh token of a session by its number.
func (c *Core) refreshOf(s *models.Session, generation int64) string {
	return c.refreshWith(c.refreshKeys[0], s, generation)
}

func (c *Core) refreshWith(key []byte, s *models.Session, generation int64) string {
	text := s.ID + "." + strconv.FormatInt(generation, 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text + "." + s.RefreshSalt))
	return refreshPrefix + text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// openRefresh is findRefresh for tokens that are used. It fails if the user has a factor that no feature declares.
func (c *Core) openRefresh(ctx context.Context, token string) (*models.Session, models.Account, int64, error) {
	session, account, generation, err := c.findRefresh(ctx, token)
	if err == nil {
		err = c.checkFactors(ctx, account.Base())
	}
	return session, account, generation, err
}

// findRefresh returns the session, its user and the number of a refresh token that this
// server gave out at some time. Anything else is ErrInvalidToken.
func (c *Core) findRefresh(ctx context.Context, token string) (*models.Session, models.Account, int64, error) {
	id, generation, ok := parseRefresh(token)
	if !ok {
		return nil, nil, 0, ErrInvalidToken
	}
	session, account, err := c.store.SessionByID(ctx, id)
	if err != nil {
		return nil, nil, 0, NotFoundAs(err, ErrInvalidToken)
	}
	if session.RefreshSalt == "" || generation > session.RefreshGeneration {
		return nil, nil, 0, ErrInvalidToken
	}
	for _, key := range c.refreshKeys {
		if hmac.Equal([]byte(token), []byte(c.refreshWith(key, session, generation))) {
			return session, account, generation, nil
		}
	}
	return nil, nil, 0, ErrInvalidToken
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

// refreshEnd is when the good refresh token of a session ends if it is not used.
func (c *Core) refreshEnd(s *models.Session) time.Time {
	made := s.CreatedAt
	if s.RefreshedAt != nil {
		made = *s.RefreshedAt
	}
	end := earlier(made.Add(c.cfg.JWT.RefreshLifetime), s.ExpiresAt)
	if s.Credential == config.AskFixedJWT { // the setting may be lower by now
		end = earlier(end, s.CreatedAt.Add(c.cfg.JWT.AllowFixedRefresh))
	}
	return end.UTC()
}
