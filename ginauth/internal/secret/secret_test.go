package secret

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

func TestTokensAreParsedExactly(t *testing.T) {
	t.Parallel()
	s, err := New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	token := Format("gat", s)
	if got, ok := Parse("gat", token); !ok || got != s || len(token) != 53 {
		t.Fatalf("%q came back as %q, %v", token, got, ok)
	}
	for i := range token { // any one character changed
		for _, c := range "Aa0_- é" {
			if other := token[:i] + string(c) + token[i+1:]; other != token {
				if _, ok := Parse("gat", other); ok {
					t.Errorf("%q is taken for %q", other, token)
				}
			}
		}
	}
	for _, bad := range []string{"", "gat_", token + "A", token[1:], " " + token, strings.ToUpper(token), "grt" + token[3:]} {
		if _, ok := Parse("gat", bad); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	id, err := NewID(rand.Reader)
	if err != nil || !IsID(id) || len(id) != 26 {
		t.Errorf("%q, %v", id, err)
	}
	for _, bad := range []string{"", strings.ToUpper(id), id + "a", id[1:], "\x00" + id[1:], strings.Repeat("b", 26), id[:25] + "="} {
		if IsID(bad) {
			t.Errorf("%q is taken for an id", bad)
		}
	}
}

func TestRandomnessThatFails(t *testing.T) {
	t.Parallel()
	broken := iotest.ErrReader(errors.New("no entropy"))
	if s, err := New(broken); err == nil || s != "" {
		t.Errorf("New gave %q", s)
	}
	if s, err := NewID(bytes.NewReader([]byte("short"))); err == nil || s != "" {
		t.Errorf("NewID gave %q", s)
	}
}

func TestDeriveSeparatesPurposes(t *testing.T) {
	t.Parallel()
	a, errA := Derive("master", "one", 32)
	b, errB := Derive("master", "two", 32)
	c, errC := Derive("other", "one", 32)
	if errA != nil || errB != nil || errC != nil || bytes.Equal(a, b) || bytes.Equal(a, c) || len(a) != 32 {
		t.Errorf("%x %x %x", a, b, c)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Format("gat", strings.Repeat("A", secretSize)))
	f.Add("gat_")
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		if s, ok := Parse("gat", token); ok && Format("gat", s) != token {
			t.Errorf("%q is taken for %q", token, Format("gat", s))
		}
	})
}
