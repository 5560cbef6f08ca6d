package testdb

// Databases that one test leaves to the next, because creating and dropping the tables takes most of the time of a
// test, and nearly all of the server's.

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
)

// Lend opens a database without rows for a test with these features. It is empty, or a test with the same features left it.
// It is removed after the test unless the test called Keep.
func (s *Server) Lend(t testing.TB, features string) *gorm.DB {
	t.Helper()
	l := s.take(features)
	if l == nil {
		l = &lent{name: Fresh(), features: features}
		Exec(t, s.admin, s.create+l.name+s.charset)
	}
	var db *gorm.DB
	t.Cleanup(func() { s.giveBack(t, db, l) }) // after the one of Open, which closes the connections
	db = Open(t, s.named(l.name))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lent == nil {
		s.lent = map[*gorm.DB]*lent{}
	}
	s.lent[db] = l
	return db
}

// Keep says that the tables of a lent database are as any test with its features expects them. If they are still the same when
// the test ends and has passed, the next one gets them.
func (s *Server) Keep(t testing.TB, db *gorm.DB) {
	t.Helper()
	s.mu.Lock()
	l := s.lent[db]
	s.mu.Unlock()
	if l.shape == nil {
		l.shape = s.shape(t, l.name)
	}
}

// take returns a free database, or nil.
func (s *Server) take(features string) *lent {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, l := range slices.Backward(s.free) {
		if l.features == features {
			s.free = slices.Delete(s.free, i, i+1)
			return l
		}
	}
	return nil
}

// giveBack makes a database free, or removes it.
func (s *Server) giveBack(t testing.TB, db *gorm.DB, l *lent) {
	t.Helper()
	s.mu.Lock()
	delete(s.lent, db)
	s.mu.Unlock()
	if t.Failed() || l.shape == nil || !s.closed(t, l.name) || !slices.Equal(s.shape(t, l.name), l.shape) || !s.cleared(t, l) {
		s.remove(t, l.name)
		return
	}
	if unused := s.leave(l); unused != nil {
		s.remove(t, unused.name)
	}
}

// mostFree is how many databases are kept. PostgreSQL looks through the tables of all when it answers what GORM's migrator asks.
const mostFree = 8

// leave makes a database free, and returns the one that is not kept any longer, or nil.
func (s *Server) leave(l *lent) (unused *lent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.free == nil {
		s.of.Cleanup(s.removeFree)
	}
	if s.free = append(s.free, l); len(s.free) > mostFree {
		unused, s.free = s.free[0], s.free[1:]
	}
	return unused
}

func (s *Server) removeFree() {
	for _, l := range s.free {
		s.remove(s.of, l.name)
	}
}

// closed waits until the server has closed the connections to a database, so that no statement changes it later.
func (s *Server) closed(t testing.TB, name string) bool {
	t.Helper()
	query := map[string]string{
		"postgres": "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = ?",
		"mysql":    "SELECT COUNT(*) FROM information_schema.processlist WHERE db = ?",
	}[s.admin.Name()]
	for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		var n int64
		if err := s.admin.Raw(query, name).Scan(&n).Error; err != nil {
			t.Error(err)
		}
		if n == 0 {
			return true
		}
	}
	return false
}

// cleared deletes all rows but the record of migrations.
func (s *Server) cleared(t testing.TB, l *lent) bool {
	t.Helper()
	var large []string
	err := s.admin.Transaction(func(tx *gorm.DB) error {
		for _, line := range l.shape {
			table, isTable := strings.CutPrefix(line, "table ")
			if !isTable || table == migrations {
				continue
			}
			r := tx.Exec("DELETE FROM " + l.name + "." + table)
			if r.Error != nil {
				return r.Error
			}
			if r.RowsAffected > 50 {
				large = append(large, l.name+"."+table)
			}
		}
		return nil
	})
	if err == nil && len(large) > 0 {
		s.vacuum(t, large...)
	}
	if err != nil {
		t.Error(err)
	}
	return err == nil
}
