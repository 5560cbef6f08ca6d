package models

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Proof says when a user last proved something in a session.
type Proof struct {
	Name string    // Session.Method, or the name of a second factor
	At   time.Time // UTC, in whole seconds
}

// maxProofs is the size of the column Proofs, in bytes.
const maxProofs = 255

// ProofList returns what the user has proven in the session, the oldest first. A session that was made before the column
// Proofs existed has its method, at CreatedAt.
func (s *Session) ProofList() []Proof {
	var all []Proof
	for _, field := range strings.Fields(s.Proofs) {
		at := strings.LastIndexByte(field, '@')
		if at < 0 {
			continue
		}
		if seconds, err := strconv.ParseInt(field[at+1:], 10, 64); err == nil {
			all = append(all, Proof{field[:at], time.Unix(seconds, 0).UTC()})
		}
	}
	if all == nil && s.Method != "" {
		all = []Proof{{s.Method, s.CreatedAt.UTC().Truncate(time.Second)}}
	}
	return all
}

// Prove adds a proof to Proofs. It replaces an earlier one of the same name. If the column is full, the oldest proofs are
// dropped. It does not change Factors, and does not write to the database.
func (s *Session) Prove(name string, at time.Time) {
	if s.Proofs == "" && name == s.Method { // every login
		s.Proofs = name + "@" + strconv.FormatInt(at.Unix(), 10)
		return
	}
	all := slices.DeleteFunc(s.ProofList(), func(p Proof) bool { return p.Name == name })
	var texts []string
	for _, p := range append(all, Proof{name, at}) {
		texts = append(texts, p.Name+"@"+strconv.FormatInt(p.At.Unix(), 10))
	}
	for s.Proofs = strings.Join(texts, " "); len(s.Proofs) > maxProofs && len(texts) > 1; {
		texts = texts[1:]
		s.Proofs = strings.Join(texts, " ")
	}
}

// AuthenticatedAt returns when the user last authenticated in the session: ProvenAt, or CreatedAt.
func (s *Session) AuthenticatedAt() time.Time {
	if s.ProvenAt != nil {
		return *s.ProvenAt
	}
	return s.CreatedAt
}
