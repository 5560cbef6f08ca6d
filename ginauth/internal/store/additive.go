package store

// A GORM dialector that only adds columns and indexes, for a table of users that may be another program's.

import (
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
)

// additive is a dialect whose AutoMigrate adds what is missing, and changes no column that is
// there. It is for the users' table, which may be another program's, and to which others refer:
// GORM's own drops unique constraints that the model does not have (MariaDB, SQLite), or fails
// to (PostgreSQL), and changes a SQLite table by dropping it, with every row elsewhere that a
// foreign key deletes along.
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

// CreateConstraint adds one, but not on SQLite, which would have to drop the table for it.
func (m additiveMigrator) CreateConstraint(of any, name string) error {
	if m.sqlite {
		return nil
	}
	return m.Migrator.CreateConstraint(of, name)
}

// AddColumn names the column where the database refuses it.
func (m additiveMigrator) AddColumn(of any, column string) error {
	if err := m.Migrator.AddColumn(of, column); err != nil {
		return fmt.Errorf("add %s to the users' table: %w (where there are rows already it needs a default, or must take null)", column, err)
	}
	return nil
}

// BuildIndexOptions is what GORM asks a migrator for beyond its interface.
func (m additiveMigrator) BuildIndexOptions(options []schema.IndexOption, stmt *gorm.Statement) []any {
	return m.Migrator.(migrator.BuildIndexOptionsInterface).BuildIndexOptions(options, stmt)
}
