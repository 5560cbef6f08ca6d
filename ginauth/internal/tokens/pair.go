package tokens

// Pairs of an access token and a refresh token.

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/jwt"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// Pair has the tokens that a login or a refresh returns.
type Pair struct {
	AccessEnd time.Time

	access, refresh string
	refreshEnd      time.Time
	short           bool // the cookies end when the browser closes
}

// Issue signs an access token for a session and computes its refresh token.
func (i *Issuer) Issue(ctx context.Context, now time.Time, account models.Account, s *models.Session) (*Pair, error) {
	now = now.Truncate(time.Second) // a token's times are whole seconds
	id, err := secret.NewID(i.cfg.Rand)
	if err != nil {
		return nil, respond.ErrInternal.Because(err)
	}
	var extra map[string]any
	if i.cfg.JWT.Claims != nil {
		if extra, err = i.cfg.JWT.Claims(ctx, account); err != nil {
			return nil, fmt.Errorf("JWT.Claims: %w", err)
		}
	}
	p := &Pair{AccessEnd: earlier(now.Add(i.cfg.JWT.AccessLifetime), s.ExpiresAt), refresh: i.refreshWith(i.refreshKeys[0], s, s.RefreshGeneration), short: s.Short}
	p.refreshEnd = i.refreshEnd(s)
	claims := jwt.Claims{TokenType: typeAccess, UserID: strconv.FormatInt(s.UserID, 10), SessionID: s.ID, Credential: s.Credential}
	if s.ActorID != 0 { // the user has not authenticated
		claims.Actor = &jwt.Actor{Subject: strconv.FormatInt(s.ActorID, 10)}
	} else {
		claims.AuthTime, claims.AMR, claims.ACR = jwt.Time(s.AuthenticatedAt()), i.AMR(s), i.ACR(s)
	}
	claims.ID, claims.IssuedAt, claims.ExpiresAt = id, jwt.Time(now), jwt.Time(p.AccessEnd)
	if p.access, err = i.keyring.Sign(claims, extra); err != nil {
		return nil, respond.ErrInternal.Because(err)
	}
	return p, nil
}
