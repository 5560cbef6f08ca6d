package store

// Finding out with one read that Migrate has nothing to add.

import (
	"context"
	"sync"

	"gorm.io/gorm/schema"

	"github.com/ginauth/gin-rest-auth/models"
)

// part is a column or an index of a table.
type part struct {
	Table string `gorm:"column:of_table"`
	Kind  string `gorm:"column:kind"`
	Name  string `gorm:"column:name"`
}

// partsOf are queries for the columns and indexes of tables. GORM's migrator asks for each of them, which takes
// up to 150 statements.
var partsOf = map[string]string{
	"sqlite": "SELECT m.name AS of_table, 'column' AS kind, c.name AS name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name IN ? " +
		"UNION ALL SELECT tbl_name, 'index', name FROM sqlite_master WHERE type = 'index' AND tbl_name IN ?",
	"postgres": "SELECT t.relname AS of_table, 'column' AS kind, a.attname AS name FROM pg_namespace n JOIN pg_class t ON t.relnamespace = n.oid JOIN pg_attribute a ON a.attrelid = t.oid " +
		"WHERE n.nspname = CURRENT_SCHEMA() AND t.relname IN ? AND a.attnum > 0 AND NOT a.attisdropped " + // information_schema takes ten times as long
		"UNION ALL SELECT t.relname, 'index', i.relname FROM pg_namespace n JOIN pg_class t ON t.relnamespace = n.oid JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid " +
		"WHERE n.nspname = CURRENT_SCHEMA() AND t.relname IN ?",
	"mysql": "SELECT table_name AS of_table, 'column' AS kind, column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN ? " +
		"UNION ALL SELECT DISTINCT table_name, 'index', index_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name IN ?",
}

// whole reports whether the tables have all that complete would create. It is false if that takes more than one read to
// find out, as for relations and constraints of the application's user.
func (s *Store) whole(ctx context.Context) bool {
	var want []part
	var tables []string
	for _, model := range append([]any{s.newUser()}, models.All()...) {
		table, err := schema.Parse(model, &sync.Map{}, s.db.NamingStrategy)
		if err != nil || len(table.Relationships.Relations) > 0 || len(table.ParseCheckConstraints()) > 0 || len(table.ParseUniqueConstraints()) > 0 {
			return false
		}
		tables = append(tables, table.Table)
		for _, f := range table.Fields {
			if f.DBName != "" && !f.IgnoreMigration {
				want = append(want, part{table.Table, "column", f.DBName})
			}
		}
		for _, index := range table.ParseIndexes() {
			want = append(want, part{table.Table, "index", index.Name})
		}
	}
	var found []part
	if query, known := partsOf[s.Kind()]; !known || s.ask(ctx, &found, query, tables, tables) != nil {
		return false
	}
	have := map[part]bool{}
	for _, p := range found {
		have[p] = true
	}
	for _, p := range want {
		if !have[p] {
			return false
		}
	}
	if s.Kind() == "mysql" {
		if narrow, err := s.Narrow(ctx); err != nil || len(narrow) > 0 {
			return false
		}
	}
	return s.readUsers(ctx) == nil // a table that another transaction has locked is the migrator's, which gives up at the deadline
}
