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
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth"
)

// serve runs the server until the context ends, lets load balancers notice, then waits for requests and mails in flight.
func serve(ctx context.Context, s *settings, stdout io.Writer) error {
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("ADDR: %w", err)
	}
	defer listener.Close()
	s.addr = listener.Addr().String() // links in mails use it; the port is known now
	defer s.stopDev()
	if err := s.startDev(); err != nil {
		return err
	}
	db, auth, err := open(ctx, s, stdout)
	if err != nil {
		return err
	}
	router, err := newRouter(db, auth, s)
	if err != nil {
		return err
	}
	server := newServer(router)
	background := make(chan error, 1)
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	go func() { background <- auth.Run(running) }()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	greet(stdout, s)

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(stdout, "Shutting down.")
	failed := s.leave(served)
	stop()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.shutdown)
	defer cancel()
	late := errors.Join(failed, server.Shutdown(grace)) // an error if a request is still in flight
	if late != nil {
		_ = server.Close()
	}
	select { // mails in flight have Mail.ShutdownTimeout, which is shorter
	case err := <-background:
		late = errors.Join(late, err)
	case <-grace.Done():
	}
	if pool, err := db.DB(); err == nil {
		late = errors.Join(late, pool.Close())
	}
	return late
}

// leave waits for SHUTDOWN_DELAY. Requests are still served, but /readyz responds with 503 and no connection is kept open, so that load
// balancers send no more of them. Without it, a request that comes before their next probe finds the port closed. A second signal ends the
// wait, and so does the end of the server, whose error leave returns.
func (s *settings) leave(served <-chan error) error {
	again, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	s.leaving.Store(true)
	select {
	case err := <-served:
		return err
	case <-again.Done():
	case <-time.After(s.delay):
	}
	return nil
}

// closing makes clients open a new connection, to another process, when this one is leaving.
func (s *settings) closing(c *gin.Context) {
	if s.leaving.Load() {
		c.Header("Connection", "close")
	}
}

// newServer sets the timeouts that a server on the internet needs.
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

// open connects to the database, creates the Auth and migrates its tables.
func open(ctx context.Context, s *settings, console io.Writer) (*gorm.DB, *ginauth.Auth, error) {
	db, auth, err := connect(s, console)
	if err != nil {
		return nil, nil, err
	}
	return db, auth, errors.Join(auth.Migrate(ctx), migrateItems(db))
}

// connect is open without migrating.
func connect(s *settings, console io.Writer) (*gorm.DB, *ginauth.Auth, error) {
	cfg, err := s.config(console)
	if err != nil {
		return nil, nil, err
	}
	db, err := openDatabase(s.databaseURL, s.replicaURL)
	if err != nil {
		return nil, nil, err
	}
	auth, err := ginauth.New(db, cfg, s.features()...)
	if err != nil {
		return nil, nil, err
	}
	return db, auth, err
}

func newRouter(db *gorm.DB, auth *ginauth.Auth, s *settings) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	if err := router.SetTrustedProxies(split(s.proxies)); err != nil {
		return nil, fmt.Errorf("TRUSTED_PROXIES: %w", err)
	}
	router.Use(s.closing, gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) {
		slog.ErrorContext(c.Request.Context(), "panic", "route", c.FullPath())
		c.AbortWithStatusJSON(http.StatusInternalServerError, gin.H{"detail": "Something went wrong. Please try again later.", "code": "internal"})
	}))
	if err := auth.Register(router); err != nil {
		return nil, err
	}
	if err := addPages(router, auth, s); err != nil {
		return nil, err
	}
	router.GET("/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) }) // alive; restart the process if not
	router.GET("/readyz", func(c *gin.Context) { s.ready(c, auth) })

	api := router.Group("/api", auth.RequireUser())
	api.GET("/me", func(c *gin.Context) {
		user, session := ginauth.User(c), ginauth.Session(c)
		c.JSON(http.StatusOK, gin.H{"id": user.ID, "username": user.Username, "since": session.CreatedAt})
	})
	addItems(router.Group("/api/items"), db, auth)
	return router, nil
}

// ready lets a load balancer stop sending requests that would fail. Ready responds within 2 seconds.
func (s *settings) ready(c *gin.Context, auth *ginauth.Auth) {
	if s.leaving.Load() {
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "shutting down"})
		return
	}
	if err := auth.Ready(c.Request.Context()); err != nil {
		slog.ErrorContext(c.Request.Context(), "not ready", "error", err)
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "database unavailable"})
		return
	}
	c.JSON(http.StatusOK, gin.H{"status": "ok"})
}

// commands returns what to try first: registration, login, a request of the user, and logout.
func commands(s *settings) []string {
	u := s.shownURL()
	login := "username=ann"
	if !strings.Contains(s.loginMethods, "username") {
		login = "email=ann@example.com"
	}
	save, show := "-c jar ", "-b jar "
	if !strings.Contains(s.modes, "session") {
		save, show = "", `-H "Authorization: Bearer $TOKEN" ` // the key or access token of the login's response
	}
	return []string{
		"curl " + save + "-d username=ann -d email=ann@example.com -d password1=Looking-Glass-7 -d password2=Looking-Glass-7 " + u + "/auth/registration/",
		"curl " + save + "-d " + login + " -d password=Looking-Glass-7 " + u + "/auth/login/",
		"curl " + show + u + "/api/me",
		"curl " + save + show + "-X POST " + u + "/auth/logout/",
	}
}

// shownURL returns the URL of this server in what it prints and shows.
func (s *settings) shownURL() string {
	return cmp.Or(strings.TrimRight(s.publicURL, "/"), "http://"+s.addr)
}

// greet prints what to try. It prints the URL only when the server accepts connections.
func greet(w io.Writer, s *settings) {
	fmt.Fprintf(w, "Listening on http://%s\n\nOpen %s/ in a browser, or try:\n  %s\n\n",
		s.addr, s.public(), strings.Join(commands(s), "\n  "))
	if s.inbox != nil {
		fmt.Fprintf(w, "Mails are shown at %s/dev/mail, and printed here. MAIL_URL=smtp://... sends them.\n", s.public())
	} else if s.printsMails() {
		fmt.Fprintln(w, "Mails are printed here. MAIL_URL=smtp://... sends them.")
	}
	if s.publicURL == "" {
		fmt.Fprintln(w, "Cookies are sent over plain http. Behind https, set PUBLIC_URL=https://...")
	}
}
