package ginauth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// refreshToken answers POST token/refresh/. One conditional update decides: the current
// token becomes the next one. Within the grace after that, the token before it and the
// current one both get the current one, so that parallel requests, a second tab and a lost
// answer log no client out. Any older token means that somebody has a copy, and ends the
// session (RFC 9700, section 4.14; T124 to T126).
func (a *Auth) refreshToken(c *gin.Context, in *binding.RefreshToken) (*binding.Tokens, error) {
	token, fromCookie := a.refreshTokenOf(c, in)
	ctx, now := c.Request.Context(), a.now()
	session, account, generation, err := a.findRefresh(ctx, token)
	if err != nil {
		return nil, err
	}
	if !a.canRefresh(session, account, now) || fromCookie && !gave(session, config.AskCookie) {
		return nil, errInvalidToken
	}
	if generation == session.RefreshGeneration && !a.inGrace(session, now) && session.Credential != config.AskFixedJWT {
		p, won, err := a.rotate(ctx, account, session, now)
		if err != nil {
			return nil, err
		}
		if won {
			return a.writeRefresh(c, session, p), nil
		}
		if session, account, err = a.store.SessionByID(ctx, session.ID); err != nil { // as another request left it
			return nil, notFoundAs(err, errInvalidToken)
		}
	}
	if !a.currentRefresh(session, generation, now) {
		return nil, a.endReused(ctx, account, session)
	}
	p, err := a.newPair(ctx, account, session)
	if err != nil {
		return nil, err
	}
	return a.writeRefresh(c, session, p), nil
}

// rotate makes the next refresh token of a session the current one. It reports false if
// another request did so first.
func (a *Auth) rotate(ctx context.Context, account models.Account, s *models.Session, now time.Time) (*pair, bool, error) {
	next, generation := *s, s.RefreshGeneration
	next.RefreshGeneration, next.RefreshedAt = generation+1, &now
	p, err := a.newPair(ctx, account, &next) // before the current token is spent: it may fail
	if err != nil {
		return nil, false, err
	}
	won, err := a.store.Rotate(ctx, s.ID, generation, now)
	return p, won, err
}

// writeRefresh answers a refresh: as in dj-rest-auth, access_expiration is always there.
func (a *Auth) writeRefresh(c *gin.Context, s *models.Session, p *pair) *binding.Tokens {
	out := a.writePair(c, s, p, a.cfg.JWT.ReturnExpiration)
	out.AccessExpiration = &p.accessEnd
	return out
}

// refreshGrace is how long after a rotation the token before the current one is accepted
// and the current one stays. JWT.Leeway is added, since another instance may have rotated.
const refreshGrace = 10 * time.Second

func (a *Auth) inGrace(s *models.Session, now time.Time) bool {
	return s.RefreshedAt != nil && now.Sub(*s.RefreshedAt) <= refreshGrace+a.cfg.JWT.Leeway
}

// canRefresh reports whether a session has refresh tokens that are accepted.
func (a *Auth) canRefresh(s *models.Session, account models.Account, now time.Time) bool {
	return a.alive(s, account.Base(), now) && now.Before(a.refreshEnd(s).Add(a.cfg.JWT.Leeway))
}

// currentRefresh reports whether a refresh token of this number is accepted.
func (a *Auth) currentRefresh(s *models.Session, generation int64, now time.Time) bool {
	return generation == s.RefreshGeneration || generation == s.RefreshGeneration-1 && a.inGrace(s, now)
}

// endReused ends the session of a refresh token that was used again.
func (a *Auth) endReused(ctx context.Context, account models.Account, s *models.Session) error {
	if err := a.store.EndSessionByID(ctx, s.ID); notFoundAs(err, nil) != nil {
		return err
	}
	a.after(ctx, config.EventRefreshReuse, config.Event{User: account, Session: s})
	return errInvalidToken
}

// refreshTokenOf returns the refresh token of a request, or "". With cookies, that of the body
// wins where there is one, as in dj-rest-auth. Two cookies are none (T045).
func (a *Auth) refreshTokenOf(c *gin.Context, in *binding.RefreshToken) (token string, fromCookie bool) {
	if in.Refresh != "" {
		return in.Refresh, false
	}
	if a.tokenCookies() {
		if all := distinct(c.Request.CookiesNamed(a.cfg.JWT.RefreshCookie.Name)); len(all) == 1 {
			return all[0], true
		}
	}
	return "", false
}

// refreshEnd is when the good refresh token of a session ends if it is not used.
func (a *Auth) refreshEnd(s *models.Session) time.Time {
	made := s.CreatedAt
	if s.RefreshedAt != nil {
		made = *s.RefreshedAt
	}
	end := earlier(made.Add(a.cfg.JWT.RefreshLifetime), s.ExpiresAt)
	if s.Credential == config.AskFixedJWT { // the setting may be lower by now
		end = earlier(end, s.CreatedAt.Add(a.cfg.JWT.AllowFixedRefresh))
	}
	return end.UTC()
}

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

// distinct returns the different values of cookies of one name, the first maxTwins of them.
func distinct(cookies []*http.Cookie) []string {
	var values []string
	for _, cookie := range cookies {
		if len(values) < maxTwins && !slices.Contains(values, cookie.Value) {
			values = append(values, cookie.Value)
		}
	}
	return values
}

// notFoundAs replaces "no such row" and leaves failures as they are.
func notFoundAs(err, as error) error {
	if errors.Is(err, store.ErrNotFound) {
		return as
	}
	return err
}
