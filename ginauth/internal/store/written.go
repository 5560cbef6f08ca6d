package store

// Statements that are written out when New runs. GORM's callbacks run them, so that plugins see them, but GORM neither
// builds them nor scans their rows.

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"
)

// written is the text of a statement on a table.
type written struct {
	table, text string
	fixed       []any // its first values, which are always the same
}

// write writes a statement for a database, with a question mark in place of each value.
func write(db *gorm.DB, table, text string) written {
	return writeScoped(db, &schema.Schema{Table: table}, table, text, "")
}

// writeScoped is write for a query whose WHERE clause is where. It first adds the conditions that GORM adds to queries of
// the schema, such as that of a soft deletion. They use the table's alias.
func writeScoped(db *gorm.DB, of *schema.Schema, alias, text, where string) written {
	stmt := &gorm.Statement{DB: db, Context: context.Background(), Table: alias, Schema: of, Clauses: map[string]clause.Clause{}}
	for _, c := range of.QueryClauses {
		stmt.AddClause(c)
	}
	expand := func(text string) {
		clause.Expr{SQL: text, Vars: slices.Repeat([]any{""}, strings.Count(text, "?"))}.Build(stmt)
	}
	expand(text)
	var fixed []any
	if scope := stmt.Clauses["WHERE"].Expression; scope != nil {
		scope.Build(stmt)
		_ = stmt.WriteByte(' ')
		fixed, where = slices.Clone(stmt.Vars), "AND "+where
	}
	expand(where)
	return written{of.Table, stmt.SQL.String(), fixed}
}

// runner runs statements on a pool or in a transaction.
type runner struct {
	db   *gorm.DB
	pool gorm.ConnPool
	ctx  context.Context
}

// insert runs an INSERT.
func (r runner) insert(w *written, values ...any) error {
	return r.db.Callback().Create().Execute(r.statement(w, values)).Error
}

// update runs an UPDATE, and returns how many rows it changed.
func (r runner) update(w *written, values ...any) (int64, error) {
	tx, config := r.statement(w, values), *r.db.Config
	config.AllowGlobalUpdate = true // GORM does not see the WHERE
	tx.Config = &config
	tx = tx.Callback().Update().Execute(tx)
	return tx.RowsAffected, tx.Error
}

// first scans the first row of a query. ErrNotFound means that there is no row.
func (r runner) first(w *written, scan func(*sql.Rows) error, values ...any) error {
	rows, err := r.query(w, values)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return cmp.Or(rows.Err(), ErrNotFound)
	}
	if err := scan(rows); err != nil {
		return err
	}
	return rows.Close()
}

// each scans all rows of a query.
func (r runner) each(w *written, scan func(*sql.Rows) error, values ...any) error {
	rows, err := r.query(w, values)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r runner) query(w *written, values []any) (*sql.Rows, error) {
	tx := r.statement(w, values)
	tx.Statement.Settings.Store("rows", true)
	tx = tx.Callback().Row().Execute(tx)
	rows, _ := tx.Statement.Dest.(*sql.Rows)
	if rows == nil {
		return nil, cmp.Or(tx.Error, errNoRows)
	}
	if tx.Error != nil { // set by a plugin
		_ = rows.Close()
	}
	return rows, tx.Error
}

// errNoRows is the error for a query that a plugin or DryRun did not run.
var errNoRows = errors.New("the handle ran no query")

// statement returns what GORM's Raw would, without parsing the text again.
func (r runner) statement(w *written, values []any) *gorm.DB {
	tx := &gorm.DB{Config: r.db.Config}
	tx.Statement = &gorm.Statement{
		DB: tx, ConnPool: r.pool, Context: r.ctx, Table: w.table, Vars: append(w.fixed[:len(w.fixed):len(w.fixed)], values...),
		Clauses: map[string]clause.Clause{},
	}
	tx.Statement.SQL.WriteString(w.text)
	return readSource(tx)
}
