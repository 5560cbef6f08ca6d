package store

// Detecting a pooler that gives each transaction another connection.

import (
	"context"
	"crypto/rand"
	"database/sql"
)

// named counts the statements that the driver prepared under a name for this query. The tag is new each time, because other
// clients of a pooler leave statements on the same connection. Newer pgbouncer versions use their own names, which work.
func (s *Store) named(ctx context.Context) (n int, err error) {
	tag := rand.Text()
	err = s.ask(ctx, &n, "SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE '%"+tag+"%' AND name NOT LIKE 'PGBOUNCER%'")
	return n, err
}

// Pooled returns an error if named prepared statements are used through a pooler in transaction mode, where they are
// missing, or exist already, from one transaction to the next. It can miss a busy pooler. It never reports a pooler that
// does not exist.
func (s *Store) Pooled(ctx context.Context) error {
	pool, err := s.db.DB()
	if s.Kind() != "postgres" || err != nil || pool.Stats().MaxOpenConnections == 1 {
		return nil // not PostgreSQL, or a handle on one connection
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if named, err := s.named(ctx); err != nil || named == 0 {
		return err
	}
	first, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer first.Close()
	second, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer second.Close()
	return explain(shared(ctx, first, second))
}

// shared returns ErrPooler if two connected clients have the same backend.
func shared(ctx context.Context, clients ...*sql.Conn) error {
	seen := map[int]bool{}
	for _, client := range clients {
		var backend int
		if err := client.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&backend); err != nil {
			return err
		}
		if seen[backend] {
			return ErrPooler
		}
		seen[backend] = true
	}
	return nil
}
