package dbtest_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/plugin/dbresolver"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
)

// TestMigrateTogether: several instances start concurrently, each with a pool of one open connection, with and without
// replicas. All of them return, and so does one that starts later (D1).
func TestMigrateTogether(t *testing.T) {
	t.Parallel()
	databases := map[string]func(testing.TB) *gorm.DB{
		"postgres": testdb.Postgres(t, "").Open, "mysql": testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4").Open,
	}
	if os.Getenv("GINAUTH_CI_MATRIX") == "1" {
		databases["pgbouncer"] = openPgbouncer(t, "read committed")
		databases["galera"] = func(t testing.TB) *gorm.DB {
			return testdb.MySQL(t.(*testing.T), "GINAUTH_TEST_GALERA", "utf8mb4").Open(t)
		}
	}
	with := authtest.With(roles.Feature(roles.Options{
		Permissions: []roles.Permission{{Name: "orders.view_order"}}, Groups: []roles.Group{{Name: "Sales", Permissions: []string{"orders.view_order"}}},
	}))
	for name, fresh := range databases {
		for replicas := range 3 {
			t.Run(name, func(t *testing.T) { // one by one: each has up to 30 connections
				first := fresh(t)
				const instances = 4
				failed := make(chan error, instances)
				for range instances {
					app := with.Unmigrated(t, again(t, first, replicas))
					go func() {
						ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
						defer cancel()
						failed <- app.Auth.Migrate(ctx)
					}()
				}
				for range instances {
					if err := <-failed; err != nil {
						t.Error(err)
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := with.Unmigrated(t, again(t, first, replicas)).Auth.Migrate(ctx); err != nil {
					t.Errorf("later: %v", err)
				}
			})
		}
	}
}

// again opens a database again with one connection, and one to each replica, which is the same database.
func again(t testing.TB, db *gorm.DB, replicas int) *gorm.DB {
	t.Helper()
	dialector := func() gorm.Dialector {
		if d, ok := db.Dialector.(*mysql.Dialector); ok {
			return mysql.Open(d.DSN)
		}
		return postgres.Open(db.Dialector.(*postgres.Dialector).DSN)
	}
	other := testdb.Open(t, dialector())
	pool, err := other.DB()
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	if replicas == 0 {
		return other
	}
	cfg := dbresolver.Config{Policy: dbresolver.StrictRoundRobinPolicy()}
	for range replicas {
		cfg.Replicas = append(cfg.Replicas, dialector())
	}
	if replicas > 1 {
		cfg.Sources = []gorm.Dialector{dialector(), dialector()}
	}
	plugin := dbresolver.Register(cfg).SetMaxOpenConns(1)
	if err := other.Use(plugin); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = plugin.Call(func(p gorm.ConnPool) error { return p.(interface{ Close() error }).Close() })
	})
	return other
}

// TestMigrateAfterItsHolderDied: an instance stopped while it migrated and left its lock. Others continue soon, or
// return an error by their deadline, which is ten seconds if the context has none (D1).
func TestMigrateAfterItsHolderDied(t *testing.T) {
	t.Parallel()
	t.Run("mysql", func(t *testing.T) {
		t.Parallel()
		db := testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4").Open(t)
		auth := authtest.Prepare(t, db).Auth
		left := func(seconds int) {
			testdb.Exec(t, db, "DELETE FROM auth_migration WHERE id = '0002_factors'")
			testdb.Exec(t, db, fmt.Sprintf("REPLACE INTO auth_counter VALUES ('migrate', 42, UTC_TIMESTAMP(3) + INTERVAL %d SECOND)", seconds))
		}
		left(3)
		if took, err := timed(auth.Migrate, context.Background()); err != nil || took < time.Second {
			t.Errorf("after %s: %v", took, err)
		}
		left(600)
		ctx, cancel := context.WithTimeout(t.Context(), 12*time.Second) // time enough to find the other instance on a busy machine
		defer cancel()
		if took, err := timed(auth.Migrate, ctx); err == nil || took > 40*time.Second || !strings.Contains(err.Error(), "another instance") {
			t.Errorf("after %s: %v", took, err)
		}
		if took, err := timed(auth.Migrate, context.Background()); err == nil || took > 40*time.Second {
			t.Errorf("after %s: %v", took, err)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db := testdb.Postgres(t, "").Open(t)
		auth := authtest.Prepare(t, db).Auth
		testdb.Exec(t, db, "DELETE FROM auth_migration WHERE id = '0002_factors'")
		holder := db.Begin()
		testdb.Exec(t, holder, "LOCK TABLE auth_user") // as a migration does that changes the table
		if took, err := timed(auth.Migrate, context.Background()); err == nil || took > 40*time.Second {
			t.Errorf("after %s: %v", took, err)
		}
		if err := holder.Rollback().Error; err != nil {
			t.Error(err)
		}
		if took, err := timed(auth.Migrate, context.Background()); err != nil {
			t.Errorf("after %s: %v", took, err)
		}
	})
}

// TestMigrateBesideAnotherSchema: a migration that hangs in one schema of a PostgreSQL database stops none in another.
func TestMigrateBesideAnotherSchema(t *testing.T) {
	t.Parallel()
	server := testdb.Postgres(t, "")
	hangs, ended := make(chan struct{}), make(chan error, 1)
	release := sync.OnceFunc(func() { close(hangs) })
	defer release()
	began := make(chan struct{})
	slow := authtest.With(func(s *core.Setup) error {
		s.Name("slow")
		s.Migration("1", func(*gorm.DB) error { close(began); <-hangs; return nil })
		return nil
	}).Unmigrated(t, server.Open(t)).Auth
	go func() { ended <- slow.Migrate(context.Background()) }()
	<-began
	if _, err := timed(authtest.Unmigrated(t, server.Open(t)).Auth.Migrate, context.Background()); err != nil {
		t.Error(err)
	}
	release()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func timed(migrate func(context.Context) error, ctx context.Context) (time.Duration, error) {
	began := time.Now()
	err := migrate(ctx)
	return time.Since(began), err
}
