// Package passhash turns passwords into encoded hashes and checks them. It writes argon2id, bcrypt or scrypt, reads these
// and Django's encodings, and limits how many hashes run at once. It stores no user data and has no password rules.
package passhash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/text/unicode/norm"
)

// MaxBytes is the maximum length of a password. bcrypt takes at most 72 bytes.
const (
	MaxBytes       = 1024
	MaxBytesBcrypt = 72
)

var (
	// ErrBusy means that a request got no place or no slot within the wait, or would get none.
	ErrBusy = errors.New("passhash: all hashing slots are taken")
	// ErrTooLong means that the password is too long for the algorithm.
	ErrTooLong = errors.New("passhash: password too long")
	// ErrNUL means that the password contains a NUL. The HMAC in PBKDF2 and scrypt pads with NULs, and bcrypt ends at one,
	// so "x" and "x\x00" would be the same (T018).
	ErrNUL = errors.New("passhash: password has a NUL byte")
)

// Params are the parameters of new hashes. All fields must be set.
type Params struct {
	Algorithm string        // "argon2id", "bcrypt" or "scrypt"
	Memory    uint32        // argon2id: KiB
	Time      uint32        // argon2id: passes
	Threads   uint8         // argon2id: lanes
	Cost      int           // bcrypt: cost; scrypt: log2 N
	Django    bool          // argon2id only: write Django's encoding, and keep encodings of Django's
	Parallel  int           // hashes at once
	Wait      time.Duration // longest wait for a place, and again for a slot
	Rand      io.Reader     // salts
}

// Hasher makes and checks hashes. It is safe for concurrent use.
type Hasher struct {
	params Params
	scheme scheme
	places *gate  // held by the requests that hash next; those with a session or a valid link need none
	slots  *gate  // an argon2 hash holds megabytes, so their number limits the memory of a login storm (T020)
	dummy  string // an encoding with the current parameters that no password matches

	// Watch is called before each hash waits for its slot, if it is not nil. It returns what is called after the slot was
	// given back, or with the error if there was none. For a request that Admit refuses, both are called after the wait. Set it before
	// the first hash.
	Watch func(ctx context.Context) func(wait, took time.Duration, err error)
}

// scheme is one encoding. verify must never panic. readable is false if it cannot read the encoding; then no work was done.
type scheme interface {
	verify(encoded, password string) (ok, readable bool)
}

// limited is a scheme whose algorithm ignores a password after this many bytes. verify gets no more.
type limited interface{ limit() int }

// writer is a scheme that can make new hashes.
type writer interface {
	scheme
	hash(p Params, password string) (string, error)
	encode(p Params, salt, key []byte) string
	reads(encoded string) bool // whether verify can read it; does not hash
	current(p Params, encoded string) bool
}

// New returns a Hasher, or an error for parameters whose encodings could not be read back. It computes no hash: unknown
// users are checked against an encoding with a random salt and key.
func New(p Params) (*Hasher, error) {
	h := &Hasher{params: p, places: newGate(p.Parallel + morePlaces), slots: newGate(p.Parallel)}
	w, err := h.writer()
	if err != nil {
		return nil, err
	}
	h.scheme = w
	random := make([]byte, saltBytes+keyBytes)
	if _, err := io.ReadFull(p.Rand, random); err != nil {
		return nil, fmt.Errorf("passhash: %w", err)
	}
	h.dummy = w.encode(p, random[:saltBytes], random[saltBytes:])
	if !w.reads(h.dummy) || !w.current(p, h.dummy) {
		return nil, errors.New("passhash: a hash made with these parameters could not be read back")
	}
	return h, nil
}

func (h *Hasher) writer() (writer, error) {
	switch algorithm := h.params.Algorithm; {
	case h.params.Django && algorithm != "argon2id":
		return nil, fmt.Errorf("passhash: cannot write Django's encoding of %q", algorithm)
	case h.params.Django:
		return djangoArgon2{}, nil
	case algorithm == "argon2id":
		return argon2Scheme{}, nil
	case algorithm == "bcrypt":
		return bcryptScheme{}, nil
	case algorithm == "scrypt":
		return scryptScheme{}, nil
	}
	return nil, fmt.Errorf("passhash: unknown algorithm %q", h.params.Algorithm)
}

// MaxBytes returns the maximum length of a password for Hash, in bytes.
func (h *Hasher) MaxBytes() int {
	if h.params.Algorithm == "bcrypt" {
		return MaxBytesBcrypt
	}
	return MaxBytes
}

// Normalize returns the form in which a password is checked and hashed: NFC, as RFC 8265 requires for opaque strings, since
// keyboards write accents in different ways. Nothing else changes. A password longer than MaxBytes is returned unchanged.
func Normalize(password string) string {
	if len(password) > MaxBytes {
		return password
	}
	return norm.NFC.String(password)
}

// forms returns the texts that may have been hashed for a password: its normal form and, by older versions and other
// programs, the bytes as sent.
func forms(password string) []string {
	if normal := Normalize(password); normal != password {
		return []string{normal, password}
	}
	return []string{password}
}

// Hash encodes the normal form of a password with the current parameters. It returns ErrTooLong, ErrNUL, ErrBusy, or the
// context's error if the client disconnects while waiting.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	password = Normalize(password)
	if len(password) > h.MaxBytes() {
		return "", ErrTooLong
	}
	if strings.Contains(password, "\x00") {
		return "", ErrNUL
	}
	release, err := h.slot(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	count(ctx, 1)
	return h.scheme.(writer).hash(h.params, password)
}

// Result is the outcome of Verify.
type Result struct {
	OK bool
	// Rehashed is a new encoding of the password if the stored one has another algorithm, strength or form, and Params.Django
	// does not keep it. Otherwise it is empty. Store it by compare-and-set (T023).
	Rehashed string
	// Truncated reports that the encoding covers only the first bytes of the password, and these match: another program cut
	// off the rest. OK is then false, because the rest could be anything.
	Truncated bool
}

// Verify checks a password against a stored encoding, which may be empty. For an unknown user, an unusable password or an
// unreadable encoding, it does the same work and never matches (T002 to T004).
//
// The number of hashes with the current parameters depends only on the password: one or, if its normal form differs, one for
// each form and one to renew the encoding. An encoding of another algorithm or strength costs additional work, whether the
// password is right or wrong.
//
// It returns ErrBusy, or the context's error if the client disconnects while waiting.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (Result, error) {
	if len(password) > MaxBytes {
		return Result{}, nil // the same for every user, so it reveals nothing
	}
	release, err := h.slot(ctx)
	if err != nil {
		return Result{}, err
	}
	defer release()

	all := forms(password)
	m := h.match(encoded, all)
	result := Result{OK: m.form != "", Truncated: m.truncated && !m.current}
	if !h.keeps(encoded) && h.isOutdated(m, all[0]) {
		m.work++
		if result.Rehashed, err = h.scheme.(writer).hash(h.params, all[0]); err != nil {
			return result, err
		}
	}
	for most := 2*len(all) - 1; m.work < most; m.work++ {
		h.waste(password)
	}
	count(ctx, m.work)
	return result, nil
}

// keeps reports whether an encoding that can be read is Django's and stays as it is, whatever its strength: Django must be
// able to read it, and ends a user's sessions when the text in the column changes.
func (h *Hasher) keeps(encoded string) bool {
	return h.params.Django && !strings.HasPrefix(encoded, "$")
}

// isOutdated reports whether a matching encoding is to be replaced by one of the normal form.
func (h *Hasher) isOutdated(m match, normal string) bool {
	return m.form != "" && (!m.current || m.form != normal) && (m.limit == 0 || len(m.form) < m.limit) && len(normal) <= h.MaxBytes()
}

// match is the result of comparing an encoding with the forms of a password.
type match struct {
	form      string // the form that matches the encoding, or ""
	current   bool   // the encoding can be read and is made with the current parameters
	limit     int    // bytes that its algorithm uses; 0 for no limit
	truncated bool   // the encoding matches the beginning of a form
	work      int    // number of hashes with the current parameters
}

// match compares an encoding with each form, even after one has matched.
func (h *Hasher) match(encoded string, forms []string) (m match) {
	s, current := identify(encoded), h.scheme.(writer).current(h.params, encoded)
	if l, ok := s.(limited); ok {
		m.limit = l.limit()
	}
	for _, form := range forms {
		shown, ok, readable := form, false, false
		if m.limit > 0 && len(form) > m.limit {
			shown = form[:m.limit]
		}
		if s != nil && !strings.Contains(form, "\x00") {
			ok, readable = s.verify(encoded, shown)
		}
		if m.current = readable && current; m.current {
			m.work++
		}
		switch {
		case !readable:
			h.waste(form)
			m.work++
		case ok && shown != form:
			m.truncated = true
		case ok && m.form == "":
			m.form = form
		}
	}
	return m
}

// waste does the work of one verification and ignores the result.
func (h *Hasher) waste(password string) {
	if len(password) > h.MaxBytes() {
		password = password[:h.MaxBytes()]
	}
	h.scheme.verify(h.dummy, password)
}

type counterKey struct{}

// Counted returns a context in which each hash with the current parameters adds one to n, so that a test can check that a
// caller does equal work for known and unknown users (T002). Hashes of another algorithm or strength do not count.
func Counted(ctx context.Context, n *atomic.Int64) context.Context {
	return context.WithValue(ctx, counterKey{}, n)
}

// count adds to what Counted counts.
func count(ctx context.Context, hashes int) {
	if n, ok := ctx.Value(counterKey{}).(*atomic.Int64); ok {
		n.Add(int64(hashes))
	}
}
