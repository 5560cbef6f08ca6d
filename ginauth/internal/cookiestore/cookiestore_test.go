package cookiestore

import (
	"encoding/gob"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
)

const secretA, secretB = "first secret of thirty-two bytes!", "second secret of thirty-two byte"

type basket struct{ Items []string }

func init() { gob.Register(basket{}) } // as an application with values of its own does

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
	}
}

func TestOldSecretsAreReadAndForeignOnesAreNot(t *testing.T) {
	t.Parallel()
	carry := func(write, read []string, maxAge time.Duration) map[any]any {
		t.Helper()
		writer, err := New("session", write, maxAge)
		if err != nil {
			t.Fatal(err)
		}
		reader, err := New("session", read, maxAge)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		s := sessions.NewSession(writer, "id")
		s.Options, s.Values["key"] = &sessions.Options{Path: "/"}, "value"
		if err := writer.Save(httptest.NewRequest(http.MethodGet, "/", nil), w, s); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", w.Header().Get("Set-Cookie"))
		got, _ := reader.New(r, "id")
		return maps.Clone(got.Values)
	}
	if got := carry([]string{secretA}, []string{secretB, secretA}, time.Hour); got["key"] != "value" {
		t.Errorf("an old secret gave %v", got)
	}
	if got := carry([]string{secretA}, []string{secretB}, time.Hour); len(got) != 0 {
		t.Errorf("a foreign secret gave %v", got)
	}
	if got := carry([]string{secretB, secretA}, []string{secretB}, time.Hour); got["key"] != "value" {
		t.Errorf("the first secret did not write: %v", got)
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

// BenchmarkDecode compares the serializer with gorilla's default.
func BenchmarkDecode(b *testing.B) {
	values := map[any]any{"_ginauth": "0123456789012345678901234567890123456789012"}
	for name, s := range map[string]securecookie.Serializer{"ours": serializer{}, "gob": securecookie.GobEncoder{}} {
		codec := securecookie.New([]byte(secretA), []byte(secretB)[:32]).SetSerializer(s)
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
