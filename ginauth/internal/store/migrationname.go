package store

// The names of features' migrations.

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// migrationID is what can be printed in a comment of SQL. MySQL takes the same letters in another case for the same ID.
var migrationID = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// NameMigrations puts the name of a feature in front of the IDs of its migrations, and returns what is wrong with them.
func NameMigrations(feature string, migrations []Migration) (err error) {
	if len(migrations) > 0 && feature == "" {
		return errors.New("a feature with migrations needs a name: call Setup.Name")
	}
	seen := map[string]bool{}
	for i, m := range migrations {
		full := feature + "/" + m.ID
		if key := strings.ToLower(full); !migrationID.MatchString(m.ID) || m.Up == nil || len(full) > maxMigrationID || seen[key] {
			err = errors.Join(err, fmt.Errorf("the migration %q needs an id of its own, of letters, digits, _, - and . and at most %d bytes with the feature's name, and a function", m.ID, maxMigrationID))
		} else {
			seen[key] = true
		}
		migrations[i].ID = full
	}
	return err
}
