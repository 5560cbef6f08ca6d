package main

// The server under load is a separate process, so that its work is measured without the generator's.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

const kindVariable, dsnVariable, hashVariable = "GINAUTH_BENCH_KIND", "GINAUTH_BENCH_DSN", "GINAUTH_BENCH_HASH"

// serve is the command that load and scale start.
func serve(ctx context.Context) error {
	db, pool, err := database{os.Getenv(kindVariable), os.Getenv(dsnVariable)}.open()
	if err != nil {
		return err
	}
	defer pool.Close()
	auth, err := newAuth(db, func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken, config.JSONWebToken}
		cfg.AllowTokensWithCookies = true // one login gives a credential of each kind
		cfg.JWT.AccessLifetime, cfg.Session.Touch = time.Hour, time.Hour
		if os.Getenv(hashVariable) != "cheap" {
			cfg.Hash = config.Hash{}
		}
	})
	if err != nil {
		return err
	}
	router := gin.New()
	if err := auth.Register(router); err != nil {
		return err
	}
	router.GET("/bare", func(c *gin.Context) {
		c.JSON(http.StatusOK, binding.User{PK: 1, Username: "user1", Email: "user1@example.com", FirstName: "Ann", LastName: "Liddell"})
	})
	return listen(ctx, router)
}

// listen prints its address, and serves until the input ends.
func listen(ctx context.Context, router http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: router, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	fmt.Println("Listening on http://" + listener.Addr().String())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
