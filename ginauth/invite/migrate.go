package invite

// Migrations that AutoMigrate cannot do.

import "gorm.io/gorm"

// rekeyUses makes the key of auth_invitation_use that of user and invitation. It was that of the user alone, so a user who had signed up with
// an invitation could not accept another one. It can run again.
func rekeyUses(db *gorm.DB) error {
	switch db.Name() {
	case "postgres":
		return db.Exec("ALTER TABLE auth_invitation_use DROP CONSTRAINT auth_invitation_use_pkey, ADD PRIMARY KEY (user_id, invitation_id)").Error
	case "mysql":
		return db.Exec("ALTER TABLE auth_invitation_use DROP PRIMARY KEY, ADD PRIMARY KEY (user_id, invitation_id)").Error
	}
	for _, statement := range []string{ // SQLite cannot change a key
		"ALTER TABLE auth_invitation_use RENAME TO auth_invitation_use_before",
		"DROP INDEX IF EXISTS idx_auth_invitation_use_invitation_id",
		"CREATE TABLE auth_invitation_use (user_id integer NOT NULL, invitation_id integer NOT NULL, created_at datetime NOT NULL, PRIMARY KEY (user_id, invitation_id))",
		"CREATE INDEX idx_auth_invitation_use_invitation_id ON auth_invitation_use (invitation_id)",
		"INSERT INTO auth_invitation_use (user_id, invitation_id, created_at) SELECT user_id, invitation_id, created_at FROM auth_invitation_use_before",
		"DROP TABLE auth_invitation_use_before",
	} {
		if err := db.Exec(statement).Error; err != nil {
			return err
		}
	}
	return nil
}
