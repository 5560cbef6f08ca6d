package store

// The names of features' migrations.

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// migrationID matches IDs that can be printed in an SQL comment. MySQL treats IDs that differ only in case as the same.
var migrationID = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// NameMigrations adds the name of a feature before the IDs of its migrations, and returns an error for invalid ones.
func NameMigrations(feature string, migrations []Migration) (err error) {
	if len(migrations) > 0 && feature == "" {
		return errors.New("a feature with migrations needs a name: call Setup.Name")
	}
	seen := map[string]bool{}
	for i, m := range migrations {
		full := feature + "/" + m.ID
		if key := strings.ToLower(full); !migrationID.MatchString(m.ID) || m.Up == nil || len(full) > maxMigrationID || seen[key] {
			err = errors.Join(err, fmt.Errorf("the migration %q needs a unique id of letters, digits, _, - and . (at most %d bytes with the feature's name), and a function", m.ID, maxMigrationID))
		} else {
			seen[key] = true
		}
		migrations[i].ID = full
	}
	return err
}
