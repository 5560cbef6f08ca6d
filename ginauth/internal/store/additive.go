package store

// A GORM dialector that only adds columns and indexes, for a users' table that may belong to another program.

import (
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
)

// additive is a dialect whose AutoMigrate adds what is missing and never changes existing columns. It is for the users'
// table, which may belong to another program, and to which other tables refer. GORM's own AutoMigrate drops unique
// constraints that the model does not have (MariaDB, SQLite), or fails to (PostgreSQL), and changes a SQLite table by
// dropping it, together with every row that a foreign key deletes with it.
type additive struct{ gorm.Dialector }

// Migrator implements gorm.Dialector.
func (d additive) Migrator(db *gorm.DB) gorm.Migrator {
	return additiveMigrator{d.Dialector.Migrator(db), d.Name() == "sqlite"}
}

type additiveMigrator struct {
	gorm.Migrator
	sqlite bool
}

// MigrateColumn leaves a column alone.
func (additiveMigrator) MigrateColumn(any, *schema.Field, gorm.ColumnType) error { return nil }

// CreateConstraint adds a constraint, except on SQLite, which would have to drop the table for it.
func (m additiveMigrator) CreateConstraint(of any, name string) error {
	if m.sqlite {
		return nil
	}
	return m.Migrator.CreateConstraint(of, name)
}

// AddColumn adds a column. Its error names the column.
func (m additiveMigrator) AddColumn(of any, column string) error {
	if err := m.Migrator.AddColumn(of, column); err != nil {
		return fmt.Errorf("add %s to the users' table: %w (if the table has rows, the column needs a default or must allow null)", column, err)
	}
	return nil
}

// BuildIndexOptions is a method that GORM needs in addition to the Migrator interface.
func (m additiveMigrator) BuildIndexOptions(options []schema.IndexOption, stmt *gorm.Statement) []any {
	return m.Migrator.(migrator.BuildIndexOptionsInterface).BuildIndexOptions(options, stmt)
}
