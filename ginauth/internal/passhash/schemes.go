package passhash

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// Ceilings for parameters from the database: a planted or imported row must not be able to use all memory or run for an hour
// (T022).
const (
	maxMemory     = 256 * 1024 // KiB
	maxTime       = 10
	maxThreads    = 16
	maxBcryptCost = 16
	maxIterations = 5_000_000       // of PBKDF2, for all blocks of the key together
	maxScryptWork = 4 * 1024 * 1024 // N*r*p, four times that of ln=17, r=8, p=1
	maxKeyBytes   = 128
)

const (
	saltBytes = 16
	keyBytes  = 32
)

// argon2Scheme reads and writes the PHC form
// $argon2id$v=19$m=19456,t=2,p=1$salt$hash (RFC 9106).
type argon2Scheme struct{}

func (argon2Scheme) hash(p Params, password string) (string, error) {
	salt, err := newSalt(p.Rand)
	if err != nil {
		return "", err
	}
	key := argon2.IDKey([]byte(password), salt, p.Time, p.Memory, p.Threads, keyBytes)
	return argon2Scheme{}.encode(p, salt, key), nil
}

func (argon2Scheme) encode(p Params, salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, p.Memory, p.Time, p.Threads, encode64(salt), encode64(key))
}

func (argon2Scheme) verify(encoded, password string) (ok, readable bool) {
	n, salt, key, ok := readArgon2(encoded)
	if !ok {
		return false, false
	}
	compute := argon2.IDKey
	if strings.HasPrefix(encoded, "$argon2i$") {
		compute = argon2.Key
	}
	got := compute([]byte(password), salt, uint32(n[1]), uint32(n[0]), uint8(n[2]), uint32(len(key)))
	return equal(got, key), true
}

func (argon2Scheme) reads(encoded string) bool {
	_, _, _, ok := readArgon2(encoded)
	return ok
}

// readArgon2 parses an encoding; n has memory, time and threads.
func readArgon2(encoded string) (n []int, salt, key []byte, ok bool) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[2] != "v=19" {
		return nil, nil, nil, false
	}
	n, ok = numbers(parts[3], "m", "t", "p")
	if !ok || !between(n[1], 1, maxTime) || !between(n[2], 1, maxThreads) || !between(n[0], 8*n[2], maxMemory) {
		return nil, nil, nil, false
	}
	salt, key, ok = saltAndKey(parts[4], parts[5])
	return n, salt, key, ok
}

func (argon2Scheme) current(p Params, encoded string) bool {
	return strings.HasPrefix(encoded, fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, p.Memory, p.Time, p.Threads))
}

// scryptScheme reads and writes the PHC form $scrypt$ln=17,r=8,p=1$salt$hash (RFC 7914).
type scryptScheme struct{}

func (scryptScheme) hash(p Params, password string) (string, error) {
	salt, err := newSalt(p.Rand)
	if err != nil {
		return "", err
	}
	key, err := scrypt.Key([]byte(password), salt, 1<<p.Cost, 8, 1, keyBytes)
	if err != nil {
		return "", err
	}
	return scryptScheme{}.encode(p, salt, key), nil
}

func (scryptScheme) encode(p Params, salt, key []byte) string {
	return fmt.Sprintf("$scrypt$ln=%d,r=8,p=1$%s$%s", p.Cost, encode64(salt), encode64(key))
}

func (scryptScheme) verify(encoded, password string) (ok, readable bool) {
	n, salt, key, ok := readScrypt(encoded)
	if !ok {
		return false, false
	}
	return scryptMatches(password, salt, key, 1<<n[0], n[1], n[2])
}

func (scryptScheme) reads(encoded string) bool {
	n, _, _, ok := readScrypt(encoded)
	return ok && scryptWithin(1<<n[0], n[1], n[2])
}

// readScrypt parses an encoding; n has log2 N, r and p.
func readScrypt(encoded string) (n []int, salt, key []byte, ok bool) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 5 {
		return nil, nil, nil, false
	}
	n, ok = numbers(parts[2], "ln", "r", "p")
	if !ok || !between(n[0], 1, 24) {
		return nil, nil, nil, false
	}
	salt, key, ok = saltAndKey(parts[3], parts[4])
	return n, salt, key, ok
}

func (scryptScheme) current(p Params, encoded string) bool {
	return strings.HasPrefix(encoded, fmt.Sprintf("$scrypt$ln=%d,r=8,p=1$", p.Cost))
}

func scryptMatches(password string, salt, key []byte, n, r, p int) (ok, readable bool) {
	if !scryptWithin(n, r, p) {
		return false, false
	}
	got, err := scrypt.Key([]byte(password), salt, n, r, p, len(key))
	return err == nil && equal(got, key), err == nil
}

// scryptWithin reports whether parameters are below the ceilings: the memory, and with p, which only repeats the work, the time.
func scryptWithin(n, r, p int) bool {
	return between(r, 1, 64) && between(p, 1, maxThreads) && n >= 2 && n <= maxMemory*1024/128/r && n*p <= maxScryptWork/r
}

// bcryptScheme reads $2a$, $2b$ and $2y$ and writes $2a$.
type bcryptScheme struct{}

func (bcryptScheme) hash(p Params, password string) (string, error) {
	b, err := bcrypt.GenerateFromPassword([]byte(password), p.Cost)
	return string(b), err
}

// bcrypt64 is bcrypt's own alphabet.
var bcrypt64 = base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)

// encode uses the first 23 bytes of the key, as bcrypt does.
func (bcryptScheme) encode(p Params, salt, key []byte) string {
	return fmt.Sprintf("$2a$%02d$%s%s", p.Cost, bcrypt64.EncodeToString(salt), bcrypt64.EncodeToString(key[:23]))
}

func (bcryptScheme) reads(encoded string) bool {
	cost, err := bcrypt.Cost([]byte(encoded))
	return err == nil && cost <= maxBcryptCost
}

// limit implements limited.
func (bcryptScheme) limit() int { return MaxBytesBcrypt }

func (bcryptScheme) verify(encoded, password string) (ok, readable bool) {
	if !(bcryptScheme{}).reads(encoded) {
		return false, false
	}
	err := bcrypt.CompareHashAndPassword([]byte(encoded), []byte(password))
	return err == nil, err == nil || errors.Is(err, bcrypt.ErrMismatchedHashAndPassword)
}

// current reports only $2a$, which hash writes, as current: programs that write $2b$ or $2y$ may have cut the password.
func (bcryptScheme) current(p Params, encoded string) bool {
	cost, err := bcrypt.Cost([]byte(encoded))
	return err == nil && cost == p.Cost && strings.HasPrefix(encoded, "$2a$")
}

// numbers parses "m=19456,t=2,p=1" strictly: these names, in this order, and no others.
func numbers(s string, names ...string) ([]int, bool) {
	parts := strings.Split(s, ",")
	if len(parts) != len(names) {
		return nil, false
	}
	out := make([]int, len(names))
	for i, name := range names {
		value, ok := strings.CutPrefix(parts[i], name+"=")
		if !ok {
			return nil, false
		}
		if out[i], ok = number(value); !ok {
			return nil, false
		}
	}
	return out, true
}

// number parses a positive decimal without sign, spaces or leading zeros.
func number(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0 && strconv.Itoa(n) == s
}

func saltAndKey(salt64, key64 string) (salt, key []byte, ok bool) {
	salt, err := decode64(salt64)
	if err != nil || len(salt) < 4 {
		return nil, nil, false
	}
	key, err = decode64(key64)
	return salt, key, err == nil && between(len(key), 16, maxKeyBytes)
}

func newSalt(r io.Reader) ([]byte, error) {
	if r == nil {
		r = rand.Reader
	}
	salt := make([]byte, saltBytes)
	_, err := io.ReadFull(r, salt)
	return salt, err
}

func between(n, low, high int) bool { return n >= low && n <= high }
func equal(a, b []byte) bool        { return subtle.ConstantTimeCompare(a, b) == 1 }
func encode64(b []byte) string      { return base64.RawStdEncoding.EncodeToString(b) }

// decode64 takes base64 with and without padding: PHC strings have none, Django's do.
func decode64(s string) ([]byte, error) {
	return base64.RawStdEncoding.Strict().DecodeString(strings.TrimRight(s, "="))
}

// Unusable returns an encoding that no password matches, in Django's form: "!" and
// random characters.
func Unusable(r io.Reader) (string, error) {
	b := make([]byte, 20)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", fmt.Errorf("passhash: %w", err)
	}
	return "!" + encode64(b), nil
}

// Usable reports whether an encoding can match any password.
func Usable(encoded string) bool { return identify(encoded) != nil }

// Readable reports whether Verify can compare a password with an encoding. It computes no hash.
func Readable(encoded string) bool {
	s, ok := identify(encoded).(interface{ reads(encoded string) bool })
	return ok && s.reads(encoded)
}

// identify finds the scheme of an encoding, or nil.
func identify(encoded string) scheme {
	switch name, _, _ := strings.Cut(strings.TrimPrefix(encoded, "$"), "$"); {
	case encoded == "", encoded[0] == '!':
		return nil
	case encoded[0] != '$':
		return django(name)
	case name == "argon2id", name == "argon2i":
		return argon2Scheme{}
	case name == "2a", name == "2b", name == "2y":
		return bcryptScheme{}
	case name == "scrypt":
		return scryptScheme{}
	}
	return nil
}
