package passhash

import (
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/argon2"
)

// byDjango is the encoding of "Looking-Glass-7" that Django 3.2 with argon2-cffi 21.1 writes with the library's default strength.
const byDjango = "argon2$argon2id$v=19$m=19456,t=2,p=1$TmFDbE5hQ2xOYUNsTmFDbE5hQ2xOYQ$n6EjKgcR1Pzgl+FtKad0mg"

func djangoParams() Params {
	p := params()
	p.Django = true
	return p
}

// TestDjangoEncoding checks that the hasher writes what Django writes, to the character.
func TestDjangoEncoding(t *testing.T) {
	t.Parallel()
	p, salt := djangoParams(), []byte("NaClNaClNaClNaClNaClNa")
	p.Memory, p.Time = 19456, 2
	key := argon2.IDKey([]byte("Looking-Glass-7"), salt, p.Time, p.Memory, p.Threads, 16)
	if got := (djangoArgon2{}).encode(p, salt, key); got != byDjango {
		t.Errorf("wrote %s\nDjango %s", got, byDjango)
	}
	p.Memory, p.Time, p.Threads = maxMemory, maxTime, maxThreads
	if longest := newHasher(t, p).dummy; len(longest) > 128 {
		t.Errorf("%q does not fit into Django's column of 128 characters", longest)
	}
	encoded, err := newHasher(t, djangoParams()).Hash(t.Context(), "Looking-Glass-7")
	// As Django's Argon2PasswordHasher.decode and argon2.extract_parameters parse it.
	if form := regexp.MustCompile(`^argon2\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`); err != nil || !form.MatchString(encoded) {
		t.Errorf("%q, %v", encoded, err)
	}
}

// TestDjangoKeeps checks that encodings of Django's are never renewed, that others are renewed into one, and that each check costs
// the same work as without Django.
func TestDjangoKeeps(t *testing.T) {
	t.Parallel()
	h := newHasher(t, djangoParams())
	written, err := h.Hash(t.Context(), "Looking-Glass-7")
	if err != nil {
		t.Fatal(err)
	}
	for encoded, renewed := range map[string]bool{
		written: false, byDjango: false, strings.TrimPrefix(written, "argon2"): true,
		"pbkdf2_sha256$1000$NaClNaClNaCl$BSsUMlS/EHAAM8DrC+paLZIA9p77LO55tA2WkcBNoNA=":             false,
		"bcrypt_sha256$$2b$04$TRbD3.2.8mEmKmuvhSpEmOhZqZJVoEGvscMctT/ooEUIgYUop.5Qi":               false,
		"$argon2i$v=19$m=128,t=2,p=1$iEQCGghKfblnxzT0Jd7r8Q$xTJh+J0JRq7n1M0BPOVNFw":                true,
		"$scrypt$ln=10,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$2QulLOGAHEOHW4qVK8Vuv8yW8ADG+Gaw0gwkSjgXXIY": true,
		"argon2$argon2id$v=19$m=64,t=1,p=2$TmFDbE5hQ2xOYUNs$toMF6iDxyhJr/Jwb1iVwWg":                false,
		"pbkdf2_sha1$1000$NaClNaClNaCl$tbDtPKiCpqFSzth9YDuo3RteAFc=":                               false,
		"argon2argon2id$v=19$m=64,t=1,p=2$TmFDbE5hQ2xOYUNs$toMF6iDxyhJr/Jwb1iVwWg":                 false,
		"argon2$argon2$argon2id$v=19$m=64,t=1,p=2$TmFDbE5hQ2xOYUNs$toMF6iDxyhJr/Jwb1iVwWg":         false,
	} {
		right := !strings.HasPrefix(encoded, "argon2argon2id") && !strings.HasPrefix(encoded, "argon2$argon2$")
		for _, password := range []string{"Looking-Glass-7", "wrong"} {
			var work atomic.Int64
			r, err := h.Verify(Counted(t.Context(), &work), encoded, password)
			if ok := right && password != "wrong"; err != nil || r.OK != ok || (r.Rehashed != "") != (ok && renewed) || work.Load() != 1 {
				t.Errorf("%s with %q: %+v, %v, %d hashes", encoded, password, r, err, work.Load())
			}
			if r.Rehashed != "" && !strings.HasPrefix(r.Rehashed, "argon2$argon2id$v=19$m=64,t=1,p=1$") {
				t.Errorf("%s was renewed into %s", encoded, r.Rehashed)
			}
		}
	}
}

// TestDjangoWritesArgon2Only checks that New refuses the other algorithms.
func TestDjangoWritesArgon2Only(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"bcrypt", "scrypt"} {
		p := djangoParams()
		p.Algorithm = algorithm
		if _, err := New(p); err == nil {
			t.Errorf("%s: accepted", algorithm)
		}
	}
}
