package store

// The statements of a login and of an authenticated request.

import (
	"fmt"
	"strings"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/ginauth/gin-rest-auth/models"
)

// statements has the statements that are written out when New runs; see decision 102.
type statements struct {
	user     columns // of the queries for a user
	userByID written
	byName   written // values: username key
	byKeys   written // values: key of the address, the same or NULL, username key or NULL, then as in rankOf

	live                columns // of the queries for a session: the user, then the session
	liveByKey, liveByID written

	session     []*schema.Field // the values of addSession
	addSession  written
	oldSessions written // values: user, not personal, the ID to keep, limit, offset
	noteLogin   written // values: time, ID, epoch, factors
}

// outsideTx lists the queries that run outside of transactions.
func (s *statements) outsideTx() []written {
	return []written{s.userByID, s.byName, s.byKeys, s.liveByKey, s.liveByID}
}

// inTx lists the statements of transactions.
func (s *statements) inTx() []written { return []written{s.noteLogin, s.addSession, s.oldSessions} }

// rankOf orders the users that UserByKeys finds: the owner of the address, then users with it as their primary address,
// accounts in use first. Its values: the key of the address, the same, true, now, now, the same key.
const rankOf = "CASE WHEN id = (" + ownerOf + ") THEN 0 WHEN email_key = ? AND " + inUse + " THEN 1 WHEN email_key = ? THEN 2 ELSE 3 END, " + byRank

func newStatements(db *gorm.DB, user *schema.Schema, appFields []*schema.Field) (s statements, err error) {
	session, err := schema.Parse(&models.Session{}, &sync.Map{}, db.NamingStrategy)
	if err != nil {
		return s, err
	}
	quote := (&gorm.Statement{DB: db}).Quote
	users := fmt.Sprintf("SELECT %s FROM %s WHERE ", s.user.add(db, user.Table, user, appFields), quote(user.Table))
	s.userByID = writeScoped(db, user, user.Table, users, "id = ?")
	s.byName = writeScoped(db, user, user.Table, users, "username_key = ?")
	s.byKeys = writeScoped(db, user, user.Table, users, "(id = ("+ownerOf+") OR email_key = ? OR username_key = ?) ORDER BY "+rankOf+" LIMIT 1")

	// With "= ?", SQLite plans the join again for each value.
	lives := fmt.Sprintf("SELECT %s, %s FROM %s u JOIN %s s ON s.user_id = u.id WHERE ",
		s.live.add(db, "u", user, appFields), s.live.add(db, "s", session, nil), quote(user.Table), quote(session.Table))
	s.liveByKey = writeScoped(db, user, "u", lives, "s.key_hash IN (?)")
	s.liveByID = writeScoped(db, user, "u", lives, "s.id IN (?)")

	var names []string
	for _, name := range session.DBNames {
		s.session, names = append(s.session, session.FieldsByDBName[name]), append(names, quote(name))
	}
	s.addSession = write(db, session.Table, fmt.Sprintf("INSERT INTO %s (%s) VALUES (?%s)", quote(session.Table), strings.Join(names, ", "), strings.Repeat(", ?", len(names)-1)))
	s.oldSessions = write(db, session.Table, "SELECT id FROM "+quote(session.Table)+
		" WHERE user_id = ? AND personal = ? AND id <> ? ORDER BY last_seen_at DESC, created_at DESC LIMIT ? OFFSET ?")
	factors := "?"
	if db.Name() == "mysql" { // its collations treat different letters as equal
		factors = "CAST(? AS BINARY)"
	}
	s.noteLogin = write(db, user.Table, "UPDATE "+quote(user.Table)+" SET last_login = ? WHERE id = ? AND session_epoch = ? AND factors = "+factors)
	return s, nil
}
