package cookiestore

import (
	"crypto/rand"
	"encoding/gob"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/securecookie"
)

const secretA, secretB = "first secret of thirty-two bytes!", "second secret of thirty-two byte"

type basket struct{ Items []string }

func init() { gob.Register(basket{}) } // as an application with its own values does

func TestSerializerKeepsEveryValue(t *testing.T) {
	t.Parallel()
	for _, values := range []map[any]any{
		{},
		{"a": "b", "": "", "long": string(make([]byte, 1000)), "é": "\xff\x00"},
		{"n": 7, "s": "text"},
		{"basket": basket{[]string{"tea"}}, 5: true},
		{"_flash": []any{"saved"}},
	} {
		encoded, err := serializer{}.Serialize(values)
		if err != nil {
			t.Fatal(err)
		}
		got := map[any]any{}
		if err := (serializer{}).Deserialize(encoded, &got); err != nil || !reflect.DeepEqual(got, values) {
			t.Errorf("%v came back as %v, %v", values, got, err)
		}
		for _, key := range []string{"s", "long", "missing"} {
			if want, _ := values[key].(string); textIn(encoded, key) != want {
				t.Errorf("%q of %v is %q", key, values, textIn(encoded, key))
			}
		}
	}
}

func TestOnlyOwnCookiesAreRead(t *testing.T) {
	t.Parallel()
	store := func(name string, age time.Duration, secrets ...string) *Store {
		t.Helper()
		now := func() time.Time { return time.Now().Add(age) }
		s, err := New(name, secrets, time.Hour, rand.Reader, now)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	encode := func(name string, secrets ...string) string {
		t.Helper()
		value, err := securecookie.EncodeMulti(name, map[any]any{"key": "value"}, store(name, 0, secrets...).Codecs...)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	flipped := []byte(encode("id", secretA))
	flipped[len(flipped)/2] ^= 1
	for what, c := range map[string]struct {
		value  string
		reader *Store
		read   bool
	}{
		"its own":          {encode("id", secretA), store("id", 0, secretA), true},
		"an old secret":    {encode("id", secretA), store("id", 0, secretB, secretA), true},
		"the first secret": {encode("id", secretB, secretA), store("id", 0, secretB), true},
		"an hour old":      {encode("id", secretA), store("id", time.Hour-time.Minute, secretA), true},
		"too old":          {encode("id", secretA), store("id", time.Hour+time.Minute, secretA), false},
		"a foreign secret": {encode("id", secretA), store("id", 0, secretB), false},
		"of another name":  {encode("other", secretA), store("id", 0, secretA), false},
		"with a bit less":  {string(flipped), store("id", 0, secretA), false},
		"cut":              {encode("id", secretA)[:20], store("id", 0, secretA), false},
		"empty":            {"", store("id", 0, secretA), false},
		"no base64":        {"!" + encode("id", secretA), store("id", 0, secretA), false},
		"padded":           {encode("id", secretA) + "=", store("id", 0, secretA), false},
		"too long":         {strings.Repeat("A", MaxCookie), store("id", 0, secretA), false},
	} {
		got := map[any]any{}
		err := securecookie.DecodeMulti("id", c.value, &got, c.reader.Codecs...)
		if bad, ok := errors.AsType[securecookie.Error](err); (err == nil) != c.read || err != nil && (!ok || !bad.IsDecode()) {
			t.Errorf("%s: %v", what, err)
		}
		if text := c.reader.Text(c.value, "key"); (got["key"] == "value") != c.read || (text == "value") != c.read {
			t.Errorf("%s gave %v and %q", what, got, text)
		}
	}
	if first, second := encode("id", secretA), encode("id", secretA); first == second {
		t.Error("two cookies are equal")
	}
	long := map[any]any{"key": strings.Repeat("x", MaxCookie)}
	if _, err := securecookie.EncodeMulti("id", long, store("id", 0, secretA).Codecs...); err == nil {
		t.Error("a cookie was made that no browser keeps")
	}
}

func FuzzDeserialize(f *testing.F) {
	f.Add([]byte{formatStrings, 1, 'a', 1, 'b'})
	f.Add([]byte{formatStrings, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{formatGob, 1, 2, 3})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		got := map[any]any{}
		if (serializer{}).Deserialize(b, &got) != nil || len(b) == 0 || b[0] != formatStrings {
			return
		}
		for key, value := range got {
			if text := textIn(b, key.(string)); text != value {
				t.Errorf("%q is %q, and %q alone", key, value, text)
			}
		}
		again, err := serializer{}.Serialize(got)
		if err != nil {
			t.Fatal(err)
		}
		twice := map[any]any{}
		if err := (serializer{}).Deserialize(again, &twice); err != nil || !reflect.DeepEqual(got, twice) {
			t.Errorf("%v became %v, %v", got, twice, err)
		}
	})
}

// BenchmarkDecode compares the codec with gorilla's, which takes gob by default.
func BenchmarkDecode(b *testing.B) {
	values := map[any]any{"_ginauth": "0123456789012345678901234567890123456789012"}
	own, err := New("id", []string{secretA}, time.Hour, rand.Reader, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	gorilla := func() *securecookie.SecureCookie { return securecookie.New([]byte(secretA), []byte(secretB)[:32]) }
	for name, codec := range map[string]securecookie.Codec{
		"library": own.Codecs[0], "gorilla": gorilla(), "gorilla with this serializer": gorilla().SetSerializer(serializer{}),
	} {
		encoded, err := codec.Encode("id", values)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				got := map[any]any{}
				if err := codec.Decode("id", encoded, &got); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
