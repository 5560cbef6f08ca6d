package testdb

import (
	"slices"
	"testing"
)

// migrations is the table with the record of migrations.
const migrations = "auth_migration"

// shapes are queries for everything that a migration creates in a schema or database.
var shapes = map[string]string{
	"postgres": `WITH own AS (SELECT * FROM pg_class WHERE relnamespace = CAST(@name AS regnamespace))
SELECT concat_ws(' ', 'table', relname) FROM own WHERE relkind = 'r'
UNION ALL SELECT concat_ws(' ', 'column', relname, relkind, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, pg_get_expr(adbin, adrelid))
	FROM own JOIN pg_attribute ON attrelid = own.oid LEFT JOIN pg_attrdef ON adrelid = own.oid AND adnum = attnum WHERE attnum > 0
UNION ALL SELECT concat_ws(' ', 'rights', relname, relacl) FROM own WHERE relacl IS NOT NULL
UNION ALL SELECT pg_get_indexdef(indexrelid) FROM own JOIN pg_index ON indrelid = own.oid
UNION ALL SELECT concat_ws(' ', relname, pg_get_constraintdef(c.oid)) FROM own JOIN pg_constraint c ON conrelid = own.oid
UNION ALL SELECT pg_get_triggerdef(g.oid) FROM own JOIN pg_trigger g ON tgrelid = own.oid
UNION ALL SELECT concat_ws(' ', 'function', proname) FROM pg_proc WHERE pronamespace = CAST(@name AS regnamespace)`,
	"mysql": `SELECT concat_ws(' ', 'table', table_name) FROM information_schema.tables WHERE table_schema = @name
UNION ALL SELECT concat_ws(' ', 'kind', table_name, table_type, engine, table_collation) FROM information_schema.tables WHERE table_schema = @name
UNION ALL SELECT concat_ws(' ', 'column', table_name, column_name, column_type, is_nullable, column_default, extra, collation_name)
	FROM information_schema.columns WHERE table_schema = @name
UNION ALL SELECT concat_ws(' ', 'index', table_name, index_name, non_unique, seq_in_index, column_name, sub_part) FROM information_schema.statistics WHERE table_schema = @name
UNION ALL SELECT concat_ws(' ', 'constraint', table_name, constraint_name, constraint_type) FROM information_schema.table_constraints WHERE table_schema = @name
UNION ALL SELECT concat_ws(' ', 'trigger', trigger_name) FROM information_schema.triggers WHERE trigger_schema = @name
UNION ALL SELECT concat_ws(' ', 'routine', routine_name) FROM information_schema.routines WHERE routine_schema = @name`,
}

// shape returns what a schema or database consists of, and the migrations that it records.
func (s *Server) shape(t testing.TB, name string) []string {
	t.Helper()
	var lines, ids []string
	if err := s.admin.Raw(shapes[s.admin.Name()], map[string]any{"name": name}).Scan(&lines).Error; err != nil {
		t.Error(err)
	}
	if slices.Contains(lines, "table "+migrations) {
		if err := s.admin.Raw("SELECT id FROM " + name + "." + migrations).Scan(&ids).Error; err != nil {
			t.Error(err)
		}
	}
	lines = append(lines, ids...)
	slices.Sort(lines)
	return lines
}
