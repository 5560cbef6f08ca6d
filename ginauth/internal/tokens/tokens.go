// Package tokens makes and reads JSON Web Tokens: access tokens, refresh tokens, and the cookies that carry them.
package tokens

// Issuer: its keys, and the content of access tokens.

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/jwt"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

const typeAccess = "access"

// Issuer makes and reads the tokens of one configuration. It is safe for concurrent use.
type Issuer struct {
	cfg         *config.Config
	keyring     *jwt.Keyring
	refreshKeys [][]byte

	AMR func(*models.Session) []string // the methods that a session has proven; set after Open
	ACR func(*models.Session) string   // and how many factors
}

// Open returns an Issuer, or nil if JSON Web Tokens are off.
func Open(cfg *config.Config, secrets []string) (*Issuer, error) {
	if !slices.Contains(cfg.Login, config.JSONWebToken) {
		return nil, nil
	}
	keyring, err := openKeyring(cfg, secrets)
	if err != nil {
		return nil, err
	}
	refreshKeys, err := secret.DeriveAll(secrets, "refresh token", secret.SealKey)
	return &Issuer{cfg: cfg, keyring: keyring, refreshKeys: refreshKeys}, err
}

// openKeyring makes the keyring. Without configured keys, it has one key from each secret.
func openKeyring(cfg *config.Config, secrets []string) (*jwt.Keyring, error) {
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
	keyring, err := jwt.NewKeyring(keys, cfg.JWT.Issuer, cfg.JWT.Audience, cfg.JWT.Leeway, now)
	if err != nil {
		return nil, &config.Mistake{Setting: "JWT.Keys", Err: err}
	}
	return keyring, nil
}

// Public returns the public keys that access tokens are signed with.
func (i *Issuer) Public() binding.KeySet {
	set := binding.KeySet{Keys: []binding.JWK{}}
	for _, key := range i.keyring.Public() {
		set.Keys = append(set.Keys, binding.JWK(key))
	}
	return set
}

// Access is the content of an access token.
type Access struct {
	UserID     int64
	SessionID  string
	Credential string // models.Session.Credential
	ActorID    int64  // models.Session.ActorID
}

// Read returns the content of an access token that has not expired.
func (i *Issuer) Read(token string) (Access, error) {
	claims, err := i.keyring.Verify(token, false)
	if err != nil {
		return Access{}, err
	}
	userID, err := strconv.ParseInt(claims.UserID, 10, 64)
	if err == nil && (claims.TokenType != typeAccess || !secret.IsID(claims.SessionID)) {
		err = errors.New("not an access token")
	}
	out := Access{UserID: userID, SessionID: claims.SessionID, Credential: claims.Credential}
	if err == nil && claims.Actor != nil {
		out.ActorID, err = strconv.ParseInt(claims.Actor.Subject, 10, 64)
	}
	return out, err
}

// sessionNamed returns the ID of the session that an access token names, expired or not, or "" for any other text.
func (i *Issuer) sessionNamed(token string) string {
	if claims, err := i.keyring.Verify(token, true); err == nil && claims.TokenType == typeAccess {
		return claims.SessionID
	}
	return ""
}
