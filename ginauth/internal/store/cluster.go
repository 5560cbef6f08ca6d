package store

// A Galera cluster of MariaDB, found by asking the database.

import (
	"context"
	"database/sql"
	"strings"

	"gorm.io/gorm"
)

// Cluster is what Check needs to know about a Galera cluster. The zero value means that there is no cluster.
type Cluster struct {
	Nodes    int
	Prepared bool // statements are prepared on the server
	Stale    bool // connections go to several nodes, and reads miss what another node wrote
}

// Cluster queries the database. It can miss a load balancer that sends both of its connections to the same node.
func (s *Store) Cluster(ctx context.Context) (c Cluster, err error) {
	pool, err := s.db.DB()
	if err != nil || s.Kind() != "mysql" {
		return c, err
	}
	var size status
	if err := s.ask(ctx, &size, "SHOW GLOBAL STATUS LIKE 'wsrep_cluster_size'"); err != nil || size.Value < 2 {
		return c, err
	}
	c.Nodes = size.Value
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if c.Prepared, err = s.prepares(ctx); err != nil || pool.Stats().MaxOpenConnections == 1 {
		return c, err
	}
	c.Stale, err = stale(ctx, pool)
	return c, err
}

// The values of Store.galera.
const (
	notAsked int32 = iota
	alone
	clustered
)

// inCluster reports whether the database is a node of a Galera cluster, even of one node. It asks once, and takes a failure for yes.
func (s *Store) inCluster(ctx context.Context) bool {
	if s.Kind() != "mysql" {
		return false
	}
	if known := s.galera.Load(); known != notAsked {
		return known == clustered
	}
	var on setting // not the size of the cluster, which is 0 while the node has no connection to the others
	if err := s.ask(ctx, &on, "SHOW GLOBAL VARIABLES LIKE 'wsrep_on'"); err != nil {
		return true
	}
	known := alone
	if strings.EqualFold(on.Value, "ON") {
		known = clustered
	}
	s.galera.Store(known)
	return known == clustered
}

// status is a row of SHOW STATUS.
type status struct{ Value int }

// setting is a row of SHOW VARIABLES.
type setting struct{ Value string }

// prepares reports whether a statement with a value is prepared on the server: by the driver, unless it
// interpolates, or by GORM's PrepareStmt.
func (s *Store) prepares(ctx context.Context) (bool, error) {
	var one int
	var count status
	err := s.db.WithContext(ctx).Transaction(func(db *gorm.DB) error { // on one connection
		if err := db.Raw("SELECT ?", 1).Scan(&one).Error; err != nil {
			return err
		}
		return db.Raw("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'").Scan(&count).Error
	})
	return count.Value > 0, explain(err)
}

// stale reports whether two connections go to different nodes and do not wait for each other's writes.
func stale(ctx context.Context, pool *sql.DB) (bool, error) {
	nodes := map[string]bool{}
	for range 2 {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return false, err
		}
		defer conn.Close()
		var node string
		var waits int
		if err := conn.QueryRowContext(ctx, "SELECT @@wsrep_node_name, @@wsrep_sync_wait").Scan(&node, &waits); err != nil {
			return false, err
		}
		if waits == 0 {
			nodes[node] = true
		}
	}
	return len(nodes) > 1, nil
}
