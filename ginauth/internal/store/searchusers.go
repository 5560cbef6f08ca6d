package store

// Users for operators whose name or address begins with a text.

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// fewUsers is how many users a rare filter can select, so that a search reads them instead of all matches.
const fewUsers = 1000

// rare reports whether a partial index has the users of a filter.
func (f UserFilter) rare() bool {
	is := func(flag *bool, want bool) bool { return flag != nil && *flag == want }
	return is(f.Active, false) || is(f.Staff, true) || is(f.Superuser, true) || is(f.Banned, true)
}

// match is a key of a user that begins with the text of a search.
type match struct {
	UserID  int64
	Key     models.Key
	Address int64 // see UserPosition
}

func (m match) compare(o match) int {
	return cmp.Or(cmp.Compare(m.Key, o.Key), cmp.Compare(m.Address, o.Address))
}

// SearchUsers returns a page of at most limit users whose name begins with one key, or one of whose addresses does with the other, in
// the order of these keys, and the position of the last one; the zero position if no more follow. A user with several such keys is
// there once, at the lowest.
func (s *Store) SearchUsers(ctx context.Context, f UserFilter, name, address models.Key, after UserPosition, limit int) ([]models.User, UserPosition, error) {
	f, err := s.narrowed(ctx, f)
	if err != nil {
		return nil, after, wrap("search users", err)
	}
	var found []match
	for more := true; more; {
		page, err := s.matches(ctx, f, name, address, after, limit+1)
		if err != nil {
			return nil, after, wrap("search users", err)
		}
		if more = len(page) > limit; more {
			page = page[:limit]
			last := page[limit-1]
			after = UserPosition{ID: last.UserID, Key: last.Key, Address: last.Address}
		}
		first, err := s.lowest(ctx, page, name, address)
		if err != nil {
			return nil, after, wrap("search users", err)
		}
		found = append(found, first...)
		if len(found) >= limit && (more || len(found) > limit) {
			found = found[:limit]
			last := found[limit-1]
			users, err := s.usersOf(ctx, found)
			return users, UserPosition{ID: last.UserID, Key: last.Key, Address: last.Address}, wrap("search users", err)
		}
	}
	users, err := s.usersOf(ctx, found)
	return users, UserPosition{}, wrap("search users", err)
}

// narrowed returns a rare filter with its users, if they are few: without them, a search for a common text reads all its matches to
// find them.
func (s *Store) narrowed(ctx context.Context, f UserFilter) (UserFilter, error) {
	if !f.rare() {
		return f, nil
	}
	ids := []int64{}
	err := s.retry(ctx, func() error {
		return f.in(s.db.WithContext(ctx).Table(s.users)).Order("id").Limit(fewUsers+1).Pluck("id", &ids).Error
	})
	if err == nil && len(ids) <= fewUsers {
		f.few = &ids
	}
	return f, err
}

// matches returns the next keys of names and addresses, in their order.
func (s *Store) matches(ctx context.Context, f UserFilter, name, address models.Key, after UserPosition, limit int) (all []match, err error) {
	var names, addresses []match
	err = s.retry(ctx, func() error {
		key := s.byteOrder("username_key")
		q := f.in(s.db.WithContext(ctx).Table(s.users)).Select("id AS user_id, username_key AS " + s.quoted("key"))
		return within(q, key, name).Where(key+" > ?", string(after.Key)).Order(key).Limit(limit).Scan(&names).Error
	})
	if err != nil {
		return nil, err
	}
	err = s.retry(ctx, func() error {
		key := s.byteOrder("email_key")
		q := s.db.WithContext(ctx).Table(emails).Select("user_id, email_key AS " + s.quoted("key") + ", id AS address")
		if f != (UserFilter{Now: f.Now}) {
			q = q.Where("user_id IN (?)", f.in(s.db.WithContext(ctx).Table(s.users).Select("id")))
		}
		return within(q, key, address).Where(key+" >= ? AND ("+key+" > ? OR id > ?)", string(after.Key), string(after.Key), after.Address).
			Order(key + ", id").Limit(limit).Scan(&addresses).Error
	})
	all = append(names, addresses...)
	slices.SortFunc(all, match.compare)
	return all[:min(limit, len(all))], err
}

func (s *Store) quoted(name string) string { return (&gorm.Statement{DB: s.db}).Quote(name) }

// lowest returns the matches that are the lowest of their users.
func (s *Store) lowest(ctx context.Context, page []match, name, address models.Key) (first []match, err error) {
	ids := idsOf(page)
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []models.Email
	var users []models.User
	err = s.retry(ctx, func() error {
		q := s.db.WithContext(ctx).Where("user_id IN ?", ids)
		return within(q, s.byteOrder("email_key"), address).Find(&rows).Error
	})
	if err == nil {
		err = s.retry(ctx, func() error {
			return s.db.WithContext(ctx).Table(s.users).Select("id", "username_key").Where("id IN ?", ids).Find(&users).Error
		})
	}
	low := map[int64]match{}
	note := func(m match) {
		if known, found := low[m.UserID]; !found || m.compare(known) < 0 {
			low[m.UserID] = m
		}
	}
	for _, r := range rows {
		note(match{r.UserID, r.Key, r.ID})
	}
	for _, u := range users {
		if key := u.UsernameKey.OrEmpty(); key != "" && strings.HasPrefix(string(key), string(name)) {
			note(match{u.ID, key, 0})
		}
	}
	for _, m := range page {
		if low[m.UserID] == m {
			first = append(first, m)
		}
	}
	return first, err
}

func idsOf(page []match) []int64 {
	ids := make([]int64, len(page))
	for i, m := range page {
		ids[i] = m.UserID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// usersOf reads the users of matches, in the same order.
func (s *Store) usersOf(ctx context.Context, found []match) ([]models.User, error) {
	var rows []models.User
	if len(found) == 0 {
		return nil, nil
	}
	err := s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Table(s.users).Where("id IN ?", idsOf(found)).Find(&rows).Error
	})
	byID := map[int64]models.User{}
	for _, u := range rows {
		byID[u.ID] = u
	}
	var all []models.User
	for _, m := range found {
		if u, there := byID[m.UserID]; there { // else it was deleted concurrently
			all = append(all, u)
		}
	}
	return all, err
}

// within selects the keys with a prefix. It is a range, which an index serves on every database, and in which no character has a meaning.
func within(q *gorm.DB, column string, prefix models.Key) *gorm.DB {
	if prefix == "" {
		return q.Where("1 = 0")
	}
	q = q.Where(column+" >= ?", string(prefix))
	if end := beyondPrefix(string(prefix)); end != "" {
		q = q.Where(column+" < ?", end)
	}
	return q
}

// beyondPrefix returns the lowest text above all texts with a prefix, by their code points; "" if no text is above.
func beyondPrefix(prefix string) string {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch {
		case last == 0xD7FF:
			return prefix + "\uE000" // between are surrogates
		case last < utf8.MaxRune:
			return prefix + string(last+1)
		}
	}
	return ""
}
