package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
)

// serve runs until the context ends, then lets requests finish.
func serve(ctx context.Context, s settings, stdout io.Writer) error {
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("ADDR: %w", err)
	}
	defer listener.Close()
	s.addr = listener.Addr().String() // links in mails lead here
	db, auth, err := open(ctx, s, stdout)
	if err != nil {
		return err
	}
	router, err := newRouter(auth, s)
	if err != nil {
		return err
	}
	server := newServer(router)
	background := make(chan error, 1)
	go func() { background <- auth.Run(ctx) }()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	greet(stdout, listener.Addr().String(), s)

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(stdout, "Shutting down.")
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.shutdown)
	defer cancel()
	late := server.Shutdown(grace) // an error if a client does not end its request
	if late != nil {
		_ = server.Close()
	}
	select { // mails in flight had the same time, less what noting them takes
	case err := <-background:
		late = errors.Join(late, err)
	case <-grace.Done():
	}
	if pool, err := db.DB(); err == nil {
		late = errors.Join(late, pool.Close())
	}
	return late
}

// newServer has the time-outs that a server on the internet needs.
func newServer(router http.Handler) *http.Server {
	return &http.Server{
		Handler:           router,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
}

// open connects to the database and prepares accounts on it.
func open(ctx context.Context, s settings, console io.Writer) (*gorm.DB, *ginauth.Auth, error) {
	cfg, err := s.config(console)
	if err != nil {
		return nil, nil, err
	}
	db, err := openDatabase(s.databaseURL)
	if err != nil {
		return nil, nil, err
	}
	auth, err := ginauth.New(db, cfg, openapi.Serve())
	if err != nil {
		return nil, nil, err
	}
	return db, auth, auth.Migrate(ctx)
}

func newRouter(auth *ginauth.Auth, s settings) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	if err := router.SetTrustedProxies(split(s.proxies)); err != nil {
		return nil, fmt.Errorf("TRUSTED_PROXIES: %w", err)
	}
	router.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) {
		slog.ErrorContext(c.Request.Context(), "panic", "route", c.FullPath())
		c.AbortWithStatusJSON(http.StatusInternalServerError, gin.H{"detail": "Something went wrong. Please try again later.", "code": "internal"})
	}))
	if err := auth.Register(router); err != nil {
		return nil, err
	}
	addPages(router)
	router.GET("/healthz", func(c *gin.Context) { health(c, auth) })

	api := router.Group("/api", auth.RequireUser())
	api.GET("/me", func(c *gin.Context) {
		user, session := ginauth.User(c), ginauth.Session(c)
		c.JSON(http.StatusOK, gin.H{"id": user.ID, "username": user.Username, "since": session.CreatedAt})
	})
	return router, nil
}

// health asks for a row of the library's, so that a balancer stops sending requests that would fail.
func health(c *gin.Context, auth *ginauth.Auth) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*time.Second)
	defer cancel()
	if err := auth.Ping(ctx); err != nil {
		slog.ErrorContext(ctx, "health", "error", err)
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "database unavailable"})
		return
	}
	c.JSON(http.StatusOK, gin.H{"status": "ok"})
}

// greet prints what to try. The URL goes out only when the server answers.
func greet(w io.Writer, addr string, s settings) {
	u := cmp.Or(strings.TrimRight(s.publicURL, "/"), "http://"+addr)
	login := "username=ann"
	if !strings.Contains(s.loginMethods, "username") {
		login = "email=ann@example.com"
	}
	save, show := "-c jar ", "-b jar"
	if !strings.Contains(s.modes, "session") {
		save, show = "", `-H "Authorization: Bearer $TOKEN"` // the key or access token that a login answers
	}
	fmt.Fprintf(w, `Listening on http://%[1]s

Try:
  curl %[4]s-d username=ann -d email=ann@example.com -d password1=Looking-Glass-7 -d password2=Looking-Glass-7 %[2]s/auth/registration/
  curl %[4]s-d %[3]s -d password=Looking-Glass-7 %[2]s/auth/login/
  curl %[5]s %[2]s/api/me
  curl %[4]s%[5]s -X POST %[2]s/auth/logout/
  %[2]s/auth/docs/ in a browser

`, addr, u, login, save, show)
	if s.mail.url == "" && s.publicURL == "" || s.mail.url == "log:" {
		fmt.Fprintln(w, "Mails are printed here. MAIL_URL=smtp://... sends them.")
	}
	if s.publicURL == "" {
		fmt.Fprintln(w, "Cookies are sent over plain http. Behind https, set PUBLIC_URL=https://...")
	}
}
