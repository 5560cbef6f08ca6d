package passhash

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func params() Params {
	return Params{Algorithm: "argon2id", Memory: 64, Time: 1, Threads: 1, Cost: 4, Parallel: 2, Wait: time.Second, Rand: rand.Reader}
}

func newHasher(t testing.TB, p Params) *Hasher {
	t.Helper()
	h, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHashAndVerify(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"argon2id", "bcrypt", "scrypt"} {
		p := params()
		p.Algorithm = algorithm
		h := newHasher(t, p)
		for _, password := range []string{"x", " spaces kept ", "pässwörd", "e\u0301", strings.Repeat("p", h.MaxBytes())} {
			encoded, err := h.Hash(t.Context(), password)
			if err != nil {
				t.Fatal(err)
			}
			if r, err := h.Verify(t.Context(), encoded, password); err != nil || !r.OK || r.Rehashed != "" {
				t.Errorf("%s %q: %+v, %v", algorithm, password, r, err)
			}
			for _, wrong := range []string{"", password + "x", strings.TrimSpace(password) + "\x00", strings.ToUpper(password) + " "} {
				if r, err := h.Verify(t.Context(), encoded, wrong); err != nil || r.OK {
					t.Errorf("%s: %q let in for %q: %v", algorithm, wrong, password, err)
				}
			}
		}
		if _, err := h.Hash(t.Context(), strings.Repeat("x", h.MaxBytes()+1)); !errors.Is(err, ErrTooLong) {
			t.Errorf("%s: too long gave %v", algorithm, err)
		}
	}
}

// TestBcryptCutsNothing covers T017 and T018: the compare function of x/crypto ignores everything after 72 bytes, and
// repeats a key that ends in NUL.
func TestBcryptCutsNothing(t *testing.T) {
	t.Parallel()
	p := params()
	p.Algorithm = "bcrypt"
	h := newHasher(t, p)
	long := strings.Repeat("x", 72)
	encoded, err := h.Hash(t.Context(), long)
	if err != nil {
		t.Fatal(err)
	}
	abc, err := h.Hash(t.Context(), "abc")
	if err != nil {
		t.Fatal(err)
	}
	for _, try := range []struct{ encoded, password string }{{encoded, long + "y"}, {abc, "abc\x00abc"}} {
		if r, _ := h.Verify(t.Context(), try.encoded, try.password); r.OK {
			t.Errorf("%q let in", try.password)
		}
	}
}

// TestHostileEncodings covers T022: parameters beyond the ceilings, and malformed encodings, are rejected quickly.
func TestHostileEncodings(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params())
	const salt, key = "c2FsdHNhbHQ", "MDEyMzQ1Njc4OWFiY2RlZg"
	expensive := []string{"$scrypt$ln=18,r=8,p=16$" + salt + "$" + key, "pbkdf2_sha1$5000000$salt$" + strings.Repeat(key[:20], 8)} // each number alone is allowed
	for _, encoded := range expensive {
		if Readable(encoded) {
			t.Errorf("%q can be read", encoded)
		}
	}
	start := time.Now()
	for _, encoded := range []string{
		"", "!", "!x", "$", "$$", "x", "plain", "$argon2id", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$",
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + key, "$argon2id$v=19$m=64,t=4294967295,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + key, "$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=1,p=255$" + salt + "$" + key, "$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=-64,t=1,p=1$" + salt + "$" + key, "$argon2id$v=19$t=1,m=64,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=1,p=1,x=1$" + salt + "$" + key, "$argon2id$v=19$m=64,t=1,p=1$$" + key,
		"$argon2d$v=19$m=64,t=1,p=1$" + salt + "$" + key, "$2b$31$" + strings.Repeat("a", 53), "$2b$04$short",
		"$scrypt$ln=63,r=8,p=1$" + salt + "$" + key, "$scrypt$ln=10,r=1000000,p=1$" + salt + "$" + key,
		"scrypt$1023$salt$8$1$" + key, "scrypt$99999999999$salt$8$1$" + key, "pbkdf2_sha256$999999999$salt$" + key,
		"pbkdf2_sha256$1$$" + key, "pbkdf2_sha256$0$salt$" + key, "pbkdf2_sha256$1000$salt$", "pbkdf2_md5$1$salt$" + key,
		expensive[0], expensive[1],
		"bcrypt$", "bcrypt_sha256$$2b$31$x", "argon2$argon2d$v=19$m=64,t=1,p=1$" + salt + "$" + key, "md5$salt$x", "sha1$salt$x",
	} {
		for _, password := range []string{"", "x", encoded} {
			if r, err := h.Verify(t.Context(), encoded, password); err != nil || r.OK || r.Rehashed != "" {
				t.Errorf("%q with %q: %+v, %v", encoded, password, r, err)
			}
		}
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %v", took)
	}
}

// counting counts the work of the current algorithm.
type counting struct {
	argon2Scheme
	work *int
}

func (c counting) verify(encoded, password string) (ok, readable bool) {
	*c.work++
	return c.argon2Scheme.verify(encoded, password)
}

func (c counting) hash(p Params, password string) (string, error) {
	*c.work++
	return c.argon2Scheme.hash(p, password)
}

// TestEqualWork covers T002 to T004: whatever is stored, a check costs one hash of the current strength, in addition to the
// work of an old encoding.
func TestEqualWork(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params())
	current, err := h.Hash(t.Context(), "right")
	if err != nil {
		t.Fatal(err)
	}
	weaker := params()
	weaker.Time = 2
	other, err := newHasher(t, weaker).Hash(t.Context(), "right")
	if err != nil {
		t.Fatal(err)
	}
	var work int
	h.scheme = counting{work: &work}
	for stored, want := range map[string]struct {
		ok, rehashed bool
	}{
		current: {ok: true}, other: {ok: true, rehashed: true}, "": {}, "!unusable": {}, "nonsense": {}, h.dummy: {},
		current[:len(current)-30]: {}, current + " ": {}, current + "$x": {}, "$2a$12$short": {}, // broken encodings in the current form
	} {
		for _, password := range []string{"right", "wrong"} {
			work = 0
			r, err := h.Verify(t.Context(), stored, password)
			if err != nil || r.OK != (want.ok && password == "right") || (r.Rehashed != "") != (want.rehashed && password == "right") {
				t.Errorf("%q with %q: %+v, %v", stored, password, r, err)
			}
			// identify finds the plain scheme for what is current, so its work is not counted.
			if own := stored == current || stored == h.dummy; !own && work != 1 {
				t.Errorf("%q with %q: %d hashes", stored, password, work)
			}
		}
	}
	work = 0
	if r, err := h.Verify(t.Context(), current, strings.Repeat("x", MaxBytes+1)); r.OK || err != nil || work != 0 { // T019
		t.Errorf("too long: %+v, %v, %d hashes", r, err, work)
	}
}

// TestGate covers T020 and T021.
func TestGate(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params())
	synctest.Test(t, func(t *testing.T) {
		h.slots = newGate(2)
		leave1, err1 := h.enter(t.Context())
		leave2, err2 := h.enter(t.Context())
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		start := time.Now()
		if _, err := h.Hash(t.Context(), "x"); !errors.Is(err, ErrBusy) || time.Since(start) != time.Second {
			t.Errorf("third: %v after %v, want ErrBusy after the wait", err, time.Since(start))
		}
		gone, cancel := context.WithCancel(t.Context())
		var waiting sync.WaitGroup
		waiting.Go(func() {
			if _, err := h.Verify(gone, "", "x"); !errors.Is(err, context.Canceled) {
				t.Errorf("client that left: %v", err)
			}
		})
		synctest.Wait()
		cancel()
		waiting.Wait()
		waiting.Go(func() {
			if _, err := h.Hash(t.Context(), "x"); err != nil {
				t.Errorf("waited for a slot: %v", err)
			}
		})
		synctest.Wait()
		leave1()
		waiting.Wait()
		leave2()
		if _, err := h.Verify(gone, "", "x"); !errors.Is(err, context.Canceled) {
			t.Errorf("left before: %v", err)
		}
		wantEmpty(t, h)
	})
}

// TestNewSeesThatItCanReadBack checks that New rejects parameters beyond the ceilings, which would lock everyone out.
func TestNewSeesThatItCanReadBack(t *testing.T) {
	t.Parallel()
	for algorithm, cost := range map[string]int{"argon2id": 4, "bcrypt": maxBcryptCost + 1, "scrypt": 19} {
		p := params()
		p.Algorithm, p.Cost, p.Time = algorithm, cost, maxTime+1
		if _, err := New(p); err == nil {
			t.Errorf("%s: parameters were accepted whose hashes cannot be read back", algorithm)
		}
	}
}

// TestDummy checks that the encoding for unknown users looks and costs like a hash (T002), although New computes none.
func TestDummy(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"argon2id", "bcrypt", "scrypt", "argon2"} {
		p := params()
		if p.Algorithm = algorithm; algorithm == "argon2" {
			p = djangoParams()
		}
		h := newHasher(t, p)
		real, err := h.Hash(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		if !h.scheme.(writer).current(p, h.dummy) || len(h.dummy) != len(real) {
			t.Errorf("%s: %q is not like %q", algorithm, h.dummy, real)
		}
		if ok, readable := h.scheme.verify(h.dummy, "x"); ok || !readable {
			t.Errorf("%s: verified as %v, readable is %v", algorithm, ok, readable)
		}
		if newHasher(t, p).dummy == h.dummy {
			t.Errorf("%s: two of them are alike", algorithm)
		}
	}
}

func TestUnusable(t *testing.T) {
	t.Parallel()
	encoded, err := Unusable(rand.Reader)
	if err != nil || Usable(encoded) || encoded[0] != '!' || len(encoded) < 20 {
		t.Errorf("%q, %v", encoded, err)
	}
}

func FuzzVerify(f *testing.F) {
	h := newHasher(f, params())
	for _, seed := range []string{
		"$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$MDEyMzQ1Njc4OWFiY2RlZg", "$2a$04$xxxxxxxxxxxxxxxxxxxxxx",
		"scrypt$2$salt$8$1$MDEyMzQ1Njc4OWFiY2RlZg", "pbkdf2_sha256$1$salt$MDEyMzQ1Njc4OWFiY2RlZg", "bcrypt_sha256$$2b$04$x",
		"argon2$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$MDEyMzQ1Njc4OWFiY2RlZg", "!x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		if len(encoded) > 300 || strings.Contains(encoded, "m=") && !strings.Contains(encoded, "m=64,") ||
			strings.Contains(encoded, "pbkdf2") && len(encoded) > 60 {
			t.Skip("slow by design")
		}
		if r, err := h.Verify(t.Context(), encoded, "x"); r.OK || err != nil {
			t.Errorf("%q: %+v, %v", encoded, r, err)
		}
	})
}
