package store

// The statements of migrations, printed for an operator.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"gorm.io/gorm"
)

// MigrationSQL writes the statements that Migrate would run. For a migration that cannot be planned without running it, it
// writes a comment.
func (s *Store) MigrationSQL(ctx context.Context, features []Migration, w io.Writer) error {
	if ctx == nil {
		return errNoContext
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	s = s.unprepared(ctx)
	return s.inTurn(ctx, func() error { return s.printSQL(ctx, features, w) })
}

func (s *Store) printSQL(ctx context.Context, features []Migration, w io.Writer) error {
	todo, err := s.todo(ctx, features)
	if err != nil {
		return err
	}
	printed := map[string]bool{}
	for _, m := range todo {
		changes, err := s.plan(ctx, m.Up)
		if m.ID != "" && err == nil {
			var record []string
			record, err = s.plan(ctx, func(db *gorm.DB) error {
				return errors.Join(db.AutoMigrate(migrationRow{}), db.Create(&migrationRow{m.ID}).Error)
			})
			changes = append(changes, record...)
		}
		text := "-- " + cmp.Or(m.ID, "what else is missing") + "\n"
		for _, change := range changes {
			if creates := strings.HasPrefix(change, "CREATE ") || strings.HasPrefix(change, "ALTER "); !creates || !printed[change] {
				text += change + ";\n"
			}
			printed[change] = true // a later migration finds it there
		}
		if err != nil {
			text += fmt.Sprintf("-- the rest of it cannot be printed: %s\n", strings.Join(strings.Fields(err.Error()), " "))
		}
		if _, err := io.WriteString(w, text+"\n"); err != nil {
			return err
		}
	}
	return nil
}
