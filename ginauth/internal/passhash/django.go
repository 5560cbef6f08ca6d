package passhash

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"
)

// djangoScheme is a read-only scheme. Django stores algorithm$rest; the salt of pbkdf2 and scrypt is used as its ASCII
// characters, not decoded. compare returns false if it cannot read the rest, and else what compares a password.
type djangoScheme struct {
	compare func(rest string) (func(password string) (ok, readable bool), bool)
}

func (d djangoScheme) verify(encoded, password string) (ok, readable bool) {
	_, rest, _ := strings.Cut(encoded, "$")
	compare, ok := d.compare(rest)
	if !ok {
		return false, false
	}
	return compare(password)
}

// reads reports whether verify can read it; does not hash.
func (d djangoScheme) reads(encoded string) bool {
	_, rest, _ := strings.Cut(encoded, "$")
	_, ok := d.compare(rest)
	return ok
}

// django returns the scheme of a Django encoding by its algorithm, or nil.
func django(name string) scheme {
	switch name {
	case "pbkdf2_sha256":
		return djangoPBKDF2(sha256.New)
	case "pbkdf2_sha1":
		return djangoPBKDF2(sha1.New)
	case "bcrypt":
		return djangoBcrypt{}
	case "bcrypt_sha256":
		return djangoScheme{djangoBcryptSHA256}
	case "argon2":
		return djangoArgon2{}
	case "scrypt":
		return djangoScheme{djangoScrypt}
	}
	return nil
}

// djangoPBKDF2 reads iterations$salt$hash.
func djangoPBKDF2[H hash.Hash](h func() H) djangoScheme {
	return djangoScheme{func(rest string) (func(string) (ok, readable bool), bool) {
		parts := strings.Split(rest, "$")
		if len(parts) != 3 || parts[1] == "" {
			return nil, false
		}
		n, ok := number(parts[0])
		key, err := decode64(parts[2])
		size := h().Size()
		if !ok || err != nil || !between(len(key), 16, maxKeyBytes) || n > maxIterations/((len(key)+size-1)/size) {
			return nil, false
		}
		return func(password string) (ok, readable bool) {
			got, err := pbkdf2.Key(h, password, []byte(parts[1]), n, len(key))
			return err == nil && equal(got, key), err == nil
		}, true
	}}
}

// djangoBcrypt reads bcrypt over the password itself, of which Django uses the first 72 bytes.
type djangoBcrypt struct{ bcryptScheme }

func (d djangoBcrypt) verify(encoded, password string) (ok, readable bool) {
	_, rest, _ := strings.Cut(encoded, "$")
	return d.bcryptScheme.verify(rest, password)
}

func (d djangoBcrypt) reads(encoded string) bool {
	_, rest, _ := strings.Cut(encoded, "$")
	return d.bcryptScheme.reads(rest)
}

// djangoBcryptSHA256 reads bcrypt over the hex SHA-256 of the password.
func djangoBcryptSHA256(rest string) (func(string) (ok, readable bool), bool) {
	return func(password string) (ok, readable bool) {
		sum := sha256.Sum256([]byte(password))
		return bcryptScheme{}.verify(rest, hex.EncodeToString(sum[:]))
	}, bcryptScheme{}.reads(rest)
}

// djangoArgon2 reads and writes "argon2" and a PHC string, such as argon2$argon2id$v=19$m=19456,t=2,p=1$salt$hash. Django
// passes the PHC string to argon2-cffi.
type djangoArgon2 struct{ phc argon2Scheme }

func (d djangoArgon2) hash(p Params, password string) (string, error) {
	encoded, err := d.phc.hash(p, password)
	return "argon2" + encoded, err
}

func (d djangoArgon2) encode(p Params, salt, key []byte) string {
	return "argon2" + d.phc.encode(p, salt, key)
}

func (d djangoArgon2) verify(encoded, password string) (ok, readable bool) {
	encoded, _ = strings.CutPrefix(encoded, "argon2")
	if name, _, _ := strings.Cut(strings.TrimPrefix(encoded, "$"), "$"); name != "argon2id" && name != "argon2i" {
		return false, false
	}
	return d.phc.verify(encoded, password)
}

func (d djangoArgon2) reads(encoded string) bool {
	return d.phc.reads(strings.TrimPrefix(encoded, "argon2"))
}

func (d djangoArgon2) current(p Params, encoded string) bool {
	rest, found := strings.CutPrefix(encoded, "argon2")
	return found && d.phc.current(p, rest)
}

// djangoScrypt reads N$salt$r$p$hash.
func djangoScrypt(rest string) (func(string) (ok, readable bool), bool) {
	parts := strings.Split(rest, "$")
	if len(parts) != 5 {
		return nil, false
	}
	n, ok1 := number(parts[0])
	r, ok2 := number(parts[2])
	p, ok3 := number(parts[3])
	key, err := decode64(parts[4])
	if !ok1 || !ok2 || !ok3 || n&(n-1) != 0 || err != nil || !between(len(key), 16, maxKeyBytes) || !scryptWithin(n, r, p) {
		return nil, false
	}
	return func(password string) (ok, readable bool) {
		return scryptMatches(password, []byte(parts[1]), key, n, r, p)
	}, true
}
