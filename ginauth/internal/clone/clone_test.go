package clone

import (
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

type circle struct {
	models.User
	Self   *circle
	Any    any
	Table  map[string][]*int
	Pairs  [2][]string
	Blob   []byte
	When   *time.Time
	Opaque *guarded
}

type guarded struct {
	mu    sync.Mutex
	Words []string
}

// TestAccount checks that a copy shares nothing that could be changed in place, except values with a lock.
func TestAccount(t *testing.T) {
	t.Parallel()
	key, when := models.Key("ann"), time.Unix(1, 0)
	make := func() *circle {
		one := 1
		c := &circle{
			User: models.User{UsernameKey: &key, LastLogin: &when}, Any: map[string]any{"a": []any{"b"}}, Table: map[string][]*int{"a": {&one}},
			Pairs: [2][]string{{"a"}, nil}, Blob: []byte("a"), When: &when, Opaque: &guarded{},
		}
		c.Self = c
		return c
	}
	from := make()
	from.Opaque.mu.Lock()
	to := Account(from).(*circle)
	if !reflect.DeepEqual(from, to) || to.Opaque != from.Opaque || to.Self == from || to.Self != to.Self.Self {
		t.Fatalf("%+v became %+v", from, to)
	}
	*to.UsernameKey, *to.LastLogin, *to.When = "bob", time.Now(), time.Now()
	to.Any.(map[string]any)["a"].([]any)[0] = "c"
	*to.Table["a"][0], to.Pairs[0][0], to.Blob[0] = 2, "b", 'b'
	want := make()
	from.Opaque = want.Opaque
	if key != "ann" || when.Unix() != 1 || !reflect.DeepEqual(from, want) {
		t.Errorf("the original became %+v", from)
	}
}

func TestInto(t *testing.T) {
	t.Parallel()
	one := 1
	from, to := &circle{Table: map[string][]*int{"a": {&one}}}, &circle{Blob: []byte("old")}
	Into(to, from)
	if !reflect.DeepEqual(from, to) || to.Table["a"][0] == &one {
		t.Errorf("%+v became %+v", from, to)
	}
}
