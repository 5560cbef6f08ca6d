package store

// The statements of rate limits. They compute what ratelimit.Rule does, with the figures of the rules in their text.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
)

// limitColumns is how many values a bucket has in both statements.
const limitColumns = 6

// limitTexts are the statements on buckets of some kinds.
type limitTexts struct{ take, give written }

// limitTexts returns the statements, which are written once for each list of kinds.
func (s *Store) limitTexts(buckets []ratelimit.Bucket) *limitTexts {
	rules := make([]ratelimit.Bucket, 0, len(buckets)) // one of each kind
	for _, b := range buckets {
		if !slices.ContainsFunc(rules, func(r ratelimit.Bucket) bool { return r.Kind == b.Kind }) {
			rules = append(rules, b)
		}
	}
	slices.SortFunc(rules, func(a, b ratelimit.Bucket) int { return strings.Compare(a.Kind, b.Kind) })
	var key strings.Builder
	key.Grow(32 * (1 + len(rules)))
	key.WriteString(strconv.Itoa(len(buckets)))
	for _, r := range rules {
		key.WriteString(r.Kind)
		key.WriteByte(0)
	}
	if known, found := s.limits.Load(key.String()); found {
		return known.(*limitTexts)
	}
	w := limitWriter{mysql: s.Kind() == "mysql", rules: rules}
	texts := &limitTexts{write(s.db, limitTable, w.take(len(buckets))), write(s.db, limitTable, w.give(len(buckets)))}
	known, found := s.limits.LoadOrStore(key.String(), texts)
	if !found {
		learn(s.pool, texts.take.text)
		learn(s.pool, texts.give.text)
	}
	return known.(*limitTexts)
}

const limitTable = "auth_limit"

// limitWriter writes statements. MySQL assigns one column after the other, and reads what it has assigned.
type limitWriter struct {
	mysql bool
	rules []ratelimit.Bucket
}

// new is the value of a column in the row that would be inserted.
func (w limitWriter) new(column string) string {
	if w.mysql {
		return "VALUES(" + column + ")"
	}
	return "excluded." + column
}

// each is an expression that depends on the kind.
func (w limitWriter) each(expression func(ratelimit.Rule) string) string {
	var b strings.Builder
	b.WriteString("CASE auth_limit.kind")
	for _, r := range w.rules {
		fmt.Fprintf(&b, " WHEN '%s' THEN %s", strings.ReplaceAll(r.Kind, "'", "''"), expression(r.Rule))
	}
	b.WriteString(" END")
	return b.String()
}

func (w limitWriter) upsert(rows int) string {
	values := strings.Repeat(", (?"+strings.Repeat(", ?", limitColumns-1)+")", rows)[2:]
	conflict := "ON CONFLICT (name) DO UPDATE SET"
	if w.mysql {
		conflict = "ON DUPLICATE KEY UPDATE"
	}
	return "INSERT INTO auth_limit (name, kind, taken_by, attempts, not_before, expires_at) VALUES " + values + " " + conflict + " "
}

// take is the statement that takes an attempt from each bucket which has one.
func (w limitWriter) take(rows int) string {
	open := "(auth_limit.not_before <= " + w.each(func(r ratelimit.Rule) string { return w.now(r, r.Open(0)) }) +
		" OR auth_limit.attempts < " + w.each(waitsFrom) +
		" OR auth_limit.not_before > " + w.each(func(r ratelimit.Rule) string { return w.now(r, r.Latest(0)) }) + ")"
	assigned := open
	if w.mysql {
		assigned = "auth_limit.taken_by = VALUES(taken_by)"
	}
	set := func(open, column, value string) string {
		return fmt.Sprintf("%s = CASE WHEN %s THEN %s ELSE auth_limit.%s END", column, open, value, column)
	}
	return w.upsert(rows) + strings.Join([]string{
		set(open, "taken_by", w.new("taken_by")),
		set(assigned, "attempts", w.each(w.count)),
		set(assigned, "not_before", w.each(w.until)),
		set(assigned, "expires_at", w.each(w.expires)),
	}, ", ") + " RETURNING name, taken_by, attempts, not_before"
}

// waitsFrom is the number of attempts from which on a bucket waits: 0 without Delay.
func waitsFrom(r ratelimit.Rule) string {
	if r.Delay == 0 {
		return "0"
	}
	return strconv.FormatInt(r.Attempts, 10)
}

// now is the time of the request and some milliseconds more. The inserted row has it in expires_at.
func (w limitWriter) now(r ratelimit.Rule, more int64) string {
	first, _ := r.Take(ratelimit.State{}, 0, "")
	return fmt.Sprintf("%s + %d", w.new("expires_at"), more-r.Expires(first, 0))
}

// count is the number of attempts with this one.
func (w limitWriter) count(r ratelimit.Rule) string {
	if r.Delay == 0 {
		return "0"
	}
	divided := "/"
	if w.mysql {
		divided = "DIV"
	}
	forgotten := fmt.Sprintf("(%s - auth_limit.not_before) %s %d", w.now(r, 0), divided, r.Step())
	return fmt.Sprintf("CASE WHEN auth_limit.not_before >= %[1]s THEN CASE WHEN auth_limit.attempts < %[2]d THEN auth_limit.attempts + 1 ELSE %[2]d END "+
		"WHEN auth_limit.attempts <= %[3]s THEN 1 WHEN auth_limit.attempts - %[3]s < %[2]d THEN auth_limit.attempts - %[3]s + 1 ELSE %[2]d END",
		w.now(r, 0), r.Most(), forgotten)
}

// counted is count, after the column was assigned.
func (w limitWriter) counted(r ratelimit.Rule) string {
	if w.mysql {
		return "auth_limit.attempts"
	}
	return w.count(r)
}

// until is when the next attempt is possible.
func (w limitWriter) until(r ratelimit.Rule) string {
	if r.Delay == 0 {
		return fmt.Sprintf("CASE WHEN auth_limit.not_before > %s THEN %s WHEN auth_limit.not_before > %s THEN auth_limit.not_before + %d ELSE %s END",
			w.now(r, r.Latest(0)), w.now(r, r.Open(0)+r.Step()), w.now(r, 0), r.Step(), w.now(r, r.Step()))
	}
	waits := r.Waits()
	var b strings.Builder
	fmt.Fprintf(&b, "CASE WHEN %[1]s < %[2]d AND auth_limit.not_before > %[3]s AND auth_limit.not_before <= %[4]s THEN auth_limit.not_before "+
		"WHEN %[1]s < %[2]d THEN %[3]s ELSE CASE %[1]s", w.counted(r), r.Attempts, w.now(r, 0), w.now(r, r.Latest(0)))
	for i, wait := range waits {
		fmt.Fprintf(&b, " WHEN %d THEN %s", r.Attempts+int64(i), w.now(r, wait))
	}
	b.WriteString(" END END")
	return b.String()
}

// expires is when the row can be deleted.
func (w limitWriter) expires(r ratelimit.Rule) string {
	if r.Delay == 0 {
		if w.mysql {
			return "auth_limit.not_before"
		}
		return w.until(r)
	}
	return fmt.Sprintf("%s + %d * (%s)", w.now(r, r.MaxDelay.Milliseconds()), r.Step(), w.counted(r))
}

// give is the statement that takes attempts back: the inserted row has their negative number in expires_at, where it makes
// the next sweep delete the row of a bucket that was swept before, and the time in not_before.
func (w limitWriter) give(rows int) string {
	until := w.each(func(r ratelimit.Rule) string {
		if r.Delay == 0 {
			return fmt.Sprintf("auth_limit.not_before + %s * %d", w.new("expires_at"), r.Step())
		}
		return fmt.Sprintf("CASE WHEN auth_limit.taken_by = %[1]s AND auth_limit.not_before > %[2]s THEN %[2]s ELSE auth_limit.not_before END",
			w.new("taken_by"), w.new("not_before"))
	})
	count := w.each(func(r ratelimit.Rule) string {
		if r.Delay == 0 {
			return "0"
		}
		return fmt.Sprintf("CASE WHEN auth_limit.attempts <= 0 THEN 0 WHEN auth_limit.taken_by <> %[1]s THEN auth_limit.attempts - 1 "+
			"WHEN auth_limit.attempts + %[2]s > 0 THEN auth_limit.attempts + %[2]s ELSE 0 END", w.new("taken_by"), w.new("expires_at"))
	})
	return w.upsert(rows) + "not_before = " + until + ", attempts = " + count
}
