package main

// This library, as one system for each kind of login.

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
)

// A mode is one kind of login with this library.
type mode struct {
	name       string
	stateless  bool // neither loads the user nor can be revoked
	credential func(*recorder) http.Header
	configure  func(*config.Config)
}

// modes lists all modes.
var modes = []mode{
	{name: "ours: session", credential: cookies, configure: func(*config.Config) {}},
	{name: "ours: session, cached", credential: cookies, configure: func(cfg *config.Config) { cfg.Session.CacheFor = 30 * time.Second }},
	{name: "ours: opaque token", credential: bearer("key"), configure: func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.OpaqueToken}
	}},
	{name: "ours: JWT", credential: bearer("access"), configure: func(cfg *config.Config) {
		cfg.Login, cfg.JWT.AccessLifetime = []config.Credential{config.JSONWebToken}, time.Hour
	}},
	{name: "ours: stateless JWT", stateless: true, credential: bearer("access"), configure: func(cfg *config.Config) {
		cfg.Login, cfg.JWT.Stateless, cfg.JWT.AccessLifetime = []config.Credential{config.JSONWebToken}, true, 15*time.Minute
	}},
}

// newAuth calls New as the README's program does, with the cheap hash.
func newAuth(db *gorm.DB, configure func(*config.Config)) (*ginauth.Auth, error) {
	cfg := config.Config{
		Secret: "a secret that only the benchmark has", Cookie: config.Cookie{InsecureHTTP: true}, Hash: cheapHash,
		Limits: config.Limits{AllowUnlimited: true}, // the other systems have no limits
	}
	configure(&cfg)
	return ginauth.New(db, cfg)
}

func newOurs(db *gorm.DB, m mode) (*system, error) {
	auth, err := newAuth(db, m.configure)
	if err != nil {
		return nil, err
	}
	router := gin.New()
	if err := auth.Register(router); err != nil {
		return nil, err
	}
	router.GET("/me", auth.RequireUser(), func(c *gin.Context) {
		user := ginauth.User(c)
		if m.stateless {
			answer(c, strconv.FormatInt(user.ID, 10), "")
			return
		}
		answer(c, user.Username, user.Email)
	})
	return &system{
		name: m.name, ours: true, loadsUser: !m.stateless, revocable: !m.stateless, handler: router,
		loginPath: "/auth/login/", logoutPath: "/auth/logout/", loginBody: namePassword, credential: m.credential,
	}, nil
}

// bearer is a credential that is a field of the login's body.
func bearer(field string) func(*recorder) http.Header {
	return func(login *recorder) http.Header {
		var body map[string]any
		_ = json.Unmarshal(login.body.Bytes(), &body) // a response without the field gives no credential
		token, _ := body[field].(string)
		return http.Header{"Authorization": {"Bearer " + token}}
	}
}

// prepare makes the tables and the users.
func prepare(ctx context.Context, db *gorm.DB, users int) error {
	auth, err := newAuth(db, func(*config.Config) {})
	if err != nil {
		return err
	}
	if err := auth.Migrate(ctx); err != nil {
		return err
	}
	return fillAccounts(ctx, db, auth, users)
}
