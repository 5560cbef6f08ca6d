package tokens

// Refresh tokens: computing, recognizing and expiring them.

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clock"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// RefreshPrefix begins every refresh token. A refresh token names its session and its generation, which counts the refreshes
// of the session, under a MAC with a key from Secret and the session's salt:
//
//	grt_<session>.<generation>.<mac>
//
// So only the generation is stored. Every token that was ever issued is recognized, which reveals reuse, and two requests
// with the same token get the same next token although it is not stored.
const RefreshPrefix = "grt_"

// refreshWith computes the refresh token of a session and a generation.
func (i *Issuer) refreshWith(key []byte, s *models.Session, generation int64) string {
	text := s.ID + "." + strconv.FormatInt(generation, 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text + "." + s.RefreshSalt))
	return RefreshPrefix + text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// made reports whether this server once issued a refresh token of this generation for a session.
func (i *Issuer) made(token string, s *models.Session, generation int64) bool {
	return s.RefreshSalt != "" && generation <= s.RefreshGeneration && slices.ContainsFunc(i.refreshKeys, func(key []byte) bool {
		return hmac.Equal([]byte(token), []byte(i.refreshWith(key, s, generation)))
	})
}

// parseRefresh parses a refresh token.
func parseRefresh(token string) (session string, generation int64, ok bool) {
	rest, ok := strings.CutPrefix(token, RefreshPrefix)
	parts := strings.Split(rest, ".")
	if !ok || len(rest) > 128 || len(parts) != 3 || !secret.IsID(parts[0]) {
		return "", 0, false
	}
	generation, err := strconv.ParseInt(parts[1], 10, 64)
	return parts[0], generation, err == nil && generation >= 0 && strconv.FormatInt(generation, 10) == parts[1]
}

// refreshEnd returns when the current refresh token of a session expires if it is not used.
func (i *Issuer) refreshEnd(s *models.Session) time.Time {
	made := s.CreatedAt
	if s.RefreshedAt != nil {
		made = *s.RefreshedAt
	}
	end := earlier(made.Add(i.cfg.JWT.RefreshLifetime), s.ExpiresAt)
	if s.Credential == config.AskFixedJWT { // the setting may have been lowered since
		end = earlier(end, s.CreatedAt.Add(i.cfg.JWT.AllowFixedRefresh))
	}
	return end.UTC()
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// grace is how long after a rotation the previous token is accepted and the current one is not replaced. JWT.Leeway is
// added, since another instance may have rotated.
const grace = 10 * time.Second

// inGrace reports whether the refresh token of a session was replaced within the grace.
func (i *Issuer) inGrace(s *models.Session, now time.Time) bool {
	return s.RefreshedAt != nil && clock.Age(*s.RefreshedAt, now) <= grace+i.cfg.JWT.Leeway
}

// isCurrent reports whether a refresh token of this generation is accepted.
func (i *Issuer) isCurrent(s *models.Session, generation int64, now time.Time) bool {
	return generation == s.RefreshGeneration || generation == s.RefreshGeneration-1 && i.inGrace(s, now)
}
