package passhash

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

const (
	composed   = "p\u00e4ssw\u00f6rd-42"
	decomposed = "pa\u0308sswo\u0308rd-42"
)

// TestPasswordForms checks that two Unicode spellings of a password are the same password, even if its hash was made from
// the bytes as sent. Such a hash is renewed (D16).
func TestPasswordForms(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params())
	old, err := h.scheme.(writer).hash(h.params, decomposed) // as older versions and Django did
	if err != nil {
		t.Fatal(err)
	}
	var renewed string
	for _, signUp := range []string{composed, decomposed} {
		encoded, err := h.Hash(t.Context(), signUp)
		if err != nil {
			t.Fatal(err)
		}
		for _, login := range []string{composed, decomposed} {
			if r, err := h.Verify(t.Context(), encoded, login); err != nil || !r.OK || r.Rehashed != "" {
				t.Errorf("signed up with %+q, login with %+q: %+v, %v", signUp, login, r, err)
			}
		}
	}
	r, err := h.Verify(t.Context(), old, decomposed)
	if renewed = r.Rehashed; err != nil || !r.OK || renewed == "" {
		t.Fatalf("hash of the bytes as sent: %+v, %v", r, err)
	}
	if r, err := h.Verify(t.Context(), renewed, composed); err != nil || !r.OK {
		t.Errorf("renewed: %+v, %v", r, err)
	}
	if r, err := h.Verify(t.Context(), renewed, decomposed+" "); err != nil || r.OK {
		t.Errorf("spaces are trimmed: %+v, %v", r, err)
	}
}

// TestWorkDependsOnTheText checks that a text with a different normal form costs three hashes and other texts one, whatever
// is stored. Work for another algorithm or strength is additional and not counted.
func TestWorkDependsOnTheText(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params())
	weaker := params()
	weaker.Memory /= 2
	var stored []string
	for _, password := range []string{composed, decomposed, "another"} {
		for _, p := range []Params{params(), weaker} {
			encoded, err := h.scheme.(writer).hash(p, password)
			if err != nil {
				t.Fatal(err)
			}
			stored = append(stored, encoded)
		}
		key, err := pbkdf2.Key(sha256.New, password, []byte("NaCl"), 1000, 32)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, "pbkdf2_sha256$1000$NaCl$"+encode64(key))
	}
	var work int
	h.scheme = counting{work: &work}
	for _, encoded := range append(stored, "", "!unusable", "nonsense", "$argon2id$v=19$m=64,t=1,p=1$x") {
		for password, want := range map[string]int{composed: 1, decomposed: 3} {
			work = 0
			if h.scheme.(writer).current(h.params, encoded) && len(encoded) > 60 { // the plain scheme of identify, which does not count
				work = len(forms(password))
			}
			var counted atomic.Int64
			_, err := h.Verify(Counted(t.Context(), &counted), encoded, password)
			if err != nil || work != want || counted.Load() != int64(want) {
				t.Errorf("%q with %+q: %d hashes, %d counted, want %d; %v", encoded, password, work, counted.Load(), want, err)
			}
		}
	}
}

// TestTruncated checks hashes of a program that cuts passwords at 72 bytes: they never match a longer password, and are
// never renewed from a cut one (D17).
func TestTruncated(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params())
	long := strings.Repeat("xY3-", 20)
	b, err := bcrypt.GenerateFromPassword([]byte(long[:72]), 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{"bcrypt$", ""} {
		for password, want := range map[string]Result{
			long:               {Truncated: true},
			long + "z":         {Truncated: true}, // cannot be distinguished from the right one
			"z" + long:         {},
			long[:71]:          {},
			long[:72]:          {OK: true}, // may be the beginning of a longer one
			long[:71] + "\x00": {},
		} {
			if r, err := h.Verify(t.Context(), prefix+string(b), password); err != nil || r != want {
				t.Errorf("%s %q: %+v, %v", prefix, password, r, err)
			}
		}
	}
}
