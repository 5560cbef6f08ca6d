package store

// Character sets of MySQL and MariaDB: finding and converting tables that cannot store every letter.

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/ginauth/gin-rest-auth/models"
)

// MySQL and MariaDB have a character set for each column, and utf8mb3 lacks every letter beyond
// U+FFFF: emoji, and names such as 𠮷野.

// inUTF8 makes the tables that a handle creates utf8mb4, regardless of the schema's default.
func (s *Store) inUTF8(db *gorm.DB) (*gorm.DB, error) {
	if s.Kind() != "mysql" {
		return db, nil
	}
	var charset string
	err := db.Raw("SELECT @@character_set_database").Scan(&charset).Error
	if err == nil && charset != "utf8mb4" {
		db = db.Set("gorm:table_options", "DEFAULT CHARACTER SET utf8mb4").Session(&gorm.Session{})
	}
	return db, err
}

// widen converts the library's own tables to utf8mb4 if an earlier version created them with another character set. The
// users' table may belong to another program and is not converted.
func (s *Store) widen(ctx context.Context) error {
	if s.Kind() != "mysql" {
		return nil
	}
	narrow, err := s.Narrow(ctx)
	if err != nil {
		return err
	}
	for _, model := range models.All() {
		parsed, err := schema.Parse(model, &sync.Map{}, s.db.NamingStrategy)
		if err == nil && strings.Contains(" "+strings.Join(narrow, " ")+" ", " "+parsed.Table+" ") {
			err = widenTable(s.db.WithContext(ctx), model, parsed)
		}
		if err != nil {
			return fmt.Errorf("make %T utf8mb4: %w", model, err)
		}
	}
	return nil
}

// widenTable converts the columns one by one: CONVERT TO would change the collation of the keys.
func widenTable(db *gorm.DB, model any, table *schema.Schema) error {
	if err := db.Exec("ALTER TABLE " + table.Table + " DEFAULT CHARACTER SET utf8mb4").Error; err != nil {
		return err
	}
	for _, f := range table.Fields {
		if f.DataType != schema.String || f.DBName == "" {
			continue
		}
		if err := db.Migrator().AlterColumn(model, f.Name); err != nil {
			return err
		}
	}
	return nil
}

// Narrow lists the tables with text in a character set other than utf8mb4, on MySQL.
func (s *Store) Narrow(ctx context.Context) ([]string, error) {
	tables := []string{s.users}
	for _, model := range models.All() {
		tables = append(tables, model.(interface{ TableName() string }).TableName())
	}
	var narrow []string
	err := s.ask(ctx, &narrow, "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = DATABASE() "+
		"AND table_name IN ? AND character_set_name IS NOT NULL AND character_set_name <> 'utf8mb4' ORDER BY table_name", tables)
	return narrow, err
}

// Charset names the character set in which the MySQL driver sends text.
func (s *Store) Charset(ctx context.Context) (string, error) {
	var charset string
	err := s.ask(ctx, &charset, "SELECT @@character_set_client")
	return charset, err
}
