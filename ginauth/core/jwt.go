package core

// JSON Web Tokens: their keys, the pair that a login returns, and the identity in an access token.

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/jwt"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

const tokenTypeAccess = "access"

// openRing makes the key ring, or nil where JSON Web Tokens are off. Without keys in the
// configuration it has one of each secret.
func openRing(cfg *config.Config, secrets []string) (*jwt.Ring, error) {
	if !slices.Contains(cfg.Login, config.JSONWebToken) {
		return nil, nil
	}
	var keys []jwt.Key
	for i, k := range cfg.JWT.Keys {
		var key jwt.Key
		var err error
		if k.Secret != "" {
			key, err = jwt.HMAC(k.ID, []byte(k.Secret))
		} else {
			key, err = jwt.Asymmetric(k.ID, k.Private, k.Public)
		}
		if err != nil {
			return nil, &config.Mistake{Setting: fmt.Sprintf("JWT.Keys[%d]", i), Err: err}
		}
		keys = append(keys, key)
	}
	if len(cfg.JWT.Keys) == 0 {
		for _, s := range secrets {
			derived, err := secret.Derive(s, "access token signature", 32)
			if err != nil {
				return nil, err
			}
			key, err := jwt.HMAC("", derived)
			if err != nil {
				return nil, err
			}
			keys = append(keys, key)
		}
	}
	now := func() time.Time { return cfg.Now().UTC() }
	ring, err := jwt.NewRing(keys, cfg.JWT.Issuer, cfg.JWT.Audience, cfg.JWT.Leeway, now)
	if err != nil {
		return nil, &config.Mistake{Setting: "JWT.Keys", Err: err}
	}
	return ring, nil
}

// TokenPair is what a login or a refresh gives.
type TokenPair struct {
	access, refresh       string
	accessEnd, refreshEnd time.Time
}

// NewPair signs an access token for a session and computes its refresh token.
func (c *Core) NewPair(ctx context.Context, account models.Account, s *models.Session) (*TokenPair, error) {
	now := c.Now().Truncate(time.Second) // a token's times are whole seconds
	id, err := secret.NewID(c.cfg.Rand)
	if err != nil {
		return nil, ErrInternal.Because(err)
	}
	var extra map[string]any
	if c.cfg.JWT.Claims != nil {
		if extra, err = c.cfg.JWT.Claims(ctx, account); err != nil {
			return nil, fmt.Errorf("JWT.Claims: %w", err)
		}
	}
	p := &TokenPair{accessEnd: earlier(now.Add(c.cfg.JWT.AccessLifetime), s.ExpiresAt), refresh: c.refreshOf(s, s.RefreshGeneration)}
	p.refreshEnd = c.refreshEnd(s)
	claims := jwt.Claims{TokenType: tokenTypeAccess, UserID: strconv.FormatInt(s.UserID, 10), SessionID: s.ID, Credential: s.Credential}
	claims.ID, claims.IssuedAt, claims.ExpiresAt = id, jwt.Time(now), jwt.Time(p.accessEnd)
	if p.access, err = c.keyring.Sign(claims, extra); err != nil {
		return nil, ErrInternal.Because(err)
	}
	return p, nil
}

// identifyAccess finds whose an access token is. What it returns may be dead, unless
// stateless, when it is not looked up at all.
func (c *Core) identifyAccess(ctx context.Context, token string, stateless bool) (*Identity, error) {
	claims, err := c.keyring.Verify(token, false)
	if err != nil || claims.TokenType != tokenTypeAccess {
		return nil, ErrInvalidToken.Because(err)
	}
	userID, err := strconv.ParseInt(claims.UserID, 10, 64)
	if err != nil || !secret.IsID(claims.SessionID) {
		return nil, ErrInvalidToken.Because(err)
	}
	if stateless {
		account := c.cfg.NewUser()
		account.Base().ID = userID
		return &Identity{Account: account, Session: &models.Session{ID: claims.SessionID, UserID: userID, Credential: claims.Credential}}, nil
	}
	session, account, err := c.store.SessionByID(ctx, claims.SessionID)
	if err != nil {
		return nil, NotFoundAs(err, ErrInvalidToken)
	}
	if session.UserID != userID || session.Personal {
		return nil, ErrInvalidToken
	}
	return &Identity{Account: account, Session: session}, nil
}

// wholeSeconds rounds up: a token's times are whole seconds, and the clock's are not.
func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// escaped is a path as browsers send it.
func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }
