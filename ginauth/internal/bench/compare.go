package main

// The command without a name: every system in one process, compared with bare Gin.

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

func compare(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	rounds := flags.Int("rounds", 25, "`number` of rounds")
	each := flags.Duration("duration", 80*time.Millisecond, "how long a round measures one system")
	users := flags.Int("users", 1000, "`number` of users, each with one session a system")
	only := flags.String("only", "", "measure only systems whose name contains this `text`")
	dir := flags.String("dir", os.TempDir(), "`directory` of the SQLite file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // gin-contrib logs each forged cookie; failures show in the status
	db, drop, err := openFile(*dir)
	if err != nil {
		return err
	}
	defer drop()
	if err := prepare(ctx, db, *users); err != nil {
		return err
	}
	systems, err := allSystems(db, *only)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d rounds of %v, %d users, SQLite in %s\n", machine(), *rounds, *each, *users, *dir)
	if err := compareRequests(os.Stdout, db, systems, *users, *rounds, *each); err != nil {
		return err
	}
	return compareLogins(ctx, os.Stdout, db, systems, *users, *rounds, *each)
}

// openFile opens a new SQLite file as the README's program does. drop deletes it.
func openFile(dir string) (db *gorm.DB, drop func(), err error) {
	folder, err := os.MkdirTemp(dir, "ginauth-bench-")
	if err != nil {
		return nil, nil, err
	}
	file := filepath.Join(folder, "app.db")
	db, err = gorm.Open(sqlite.Open(sqliteDSN(file)), &gorm.Config{})
	return db, func() {
		if pool, err := db.DB(); err == nil {
			_ = pool.Close()
		}
		_ = os.RemoveAll(folder)
	}, err
}

// allSystems sets up and verifies the systems to measure.
func allSystems(db *gorm.DB, only string) ([]*system, error) {
	ab, err := newAuthboss(db)
	if err != nil {
		return nil, err
	}
	ginJWT, err := newGinJWT(db)
	if err != nil {
		return nil, err
	}
	all := []*system{ginJWT, newPkgz(db), newSCS(db), newContrib(db), ab, newContribGORM(db)}
	for _, m := range modes {
		s, err := newOurs(db, m)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	var chosen []*system
	for _, s := range all {
		if !strings.Contains(s.name, only) {
			continue
		}
		if err := s.verify(db); err != nil {
			return nil, err
		}
		chosen = append(chosen, s)
	}
	return chosen, nil
}

// bare is Gin without middleware.
func bare() http.Handler {
	router := gin.New()
	router.GET("/me", func(c *gin.Context) { answer(c, "user1", "user1@example.com") })
	router.POST("/login", func(c *gin.Context) {
		var body struct{ Username, Password string }
		if err := c.ShouldBindJSON(&body); err != nil {
			c.AbortWithStatus(http.StatusBadRequest)
			return
		}
		answer(c, body.Username, "user1@example.com")
	})
	return router
}

// compareRequests measures GET /me.
func compareRequests(w io.Writer, db *gorm.DB, systems []*system, users, rounds int, each time.Duration) error {
	router := bare()
	subjects := []subject{{"bare Gin", requests(router, func(int) *http.Request { return request(http.MethodGet, "/me", "", nil) })}}
	for _, s := range systems {
		credentials, err := s.logInAll(users)
		if err != nil {
			return err
		}
		subjects = append(subjects, subject{s.name, requests(s.handler, func(i int) *http.Request {
			return request(http.MethodGet, "/me", "", credentials[i%users])
		})})
	}
	samples, err := interleave(subjects, rounds, each)
	if err != nil {
		return err
	}
	added := mapped(samples[1:], func(list []sample) []sample { return minus(list, samples[0]) })
	fmt.Fprintf(w, "\nGET /me, added to bare Gin, which takes %.1f µs, %.0f bytes, %.0f allocations:\n\n",
		median(samples[0], nanos)/1000, median(samples[0], bytesOf), median(samples[0], allocs))
	writeSystems(w, systems, added, true)
	writeRatios(w, systems, added)
	return nil
}

// compareLogins measures logins and the limits.
func compareLogins(ctx context.Context, w io.Writer, db *gorm.DB, systems []*system, users, rounds int, each time.Duration) error {
	bound, closeAll, err := limits(ctx, db, users)
	if err != nil {
		return err
	}
	defer closeAll()
	logins := func(h http.Handler, path string, body func(string) string) func(int) error {
		return requests(h, func(i int) *http.Request { return request(http.MethodPost, path, body(username(1+i%users)), nil) })
	}
	subjects := append(bound, subject{"a login on bare Gin, which checks nothing", logins(bare(), "/login", namePassword)})
	first := len(subjects)
	for _, s := range systems {
		subjects = append(subjects, subject{s.name, logins(s.handler, s.loginPath, s.loginBody)})
	}
	samples, err := interleave(subjects, rounds, each)
	if err != nil {
		return err
	}
	hash := samples[len(bound)-1]
	fmt.Fprintf(w, "\nLogin, without the password hash:\n\n")
	writeSystems(w, systems, mapped(samples[first:], func(list []sample) []sample { return minus(list, hash) }), false)
	fmt.Fprintf(w, "\nLimits:\n\n")
	writeRows(w, mapped(subjects[:first], func(s subject) string { return s.name }), samples[:first])
	return nil
}

// requests returns a subject's operation: it sends one request, which must succeed.
func requests(h http.Handler, next func(i int) *http.Request) func(int) error {
	return func(i int) error {
		w := send(h, next(i))
		if status := cmp.Or(w.status, http.StatusOK); status >= http.StatusBadRequest {
			return fmt.Errorf("got %d %s", status, w.body.String())
		}
		return nil
	}
}

func minus(list, from []sample) []sample {
	out := make([]sample, len(list))
	for i := range list {
		out[i] = list[i].minus(from[i])
	}
	return out
}
