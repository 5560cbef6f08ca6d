package clone

import (
	"database/sql"
	"sync"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

func TestShared(t *testing.T) {
	t.Parallel()
	type inner struct{ words []string }
	for want, account := range map[string]models.Account{
		"": &struct {
			models.User
			Words map[string][]*string
			Any   map[string]any
			Seen  *time.Time
			Phone sql.NullString
			note  string
			at    time.Time
			lock  sync.Mutex
			Self  *circleOf
		}{},
		".memo": &struct {
			models.User
			memo map[string]int
		}{},
		".Opaque": &circle{},
		".Done": &struct {
			models.User
			Done func()
		}{},
		".Inner.inner": &struct {
			models.User
			Inner struct{ inner inner }
		}{},
		".List.words": &struct {
			models.User
			List []inner
		}{List: []inner{{words: nil}}},
	} {
		if got := Shared(account); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

type circleOf struct {
	models.User
	Self *circleOf
}
