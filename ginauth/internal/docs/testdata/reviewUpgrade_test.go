package snippet

import (
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestReviewUpgrade(t *testing.T) {
	app := authtest.Unmigrated(t, memory.Open(t))
	for _, want := range []string{"-- pending: 0001_tables\n", "CREATE TABLE"} {
		var out strings.Builder
		if err := reviewUpgrade(t.Context(), app.Auth, &out); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in %s, %v", want, out.String(), err)
		}
	}
	if err := app.Auth.Migrate(t.Context()); err != nil { // the review changed nothing, so this does
		t.Fatal(err)
	}
	var out strings.Builder
	if err := reviewUpgrade(t.Context(), app.Auth, &out); err != nil || out.String() != "" {
		t.Errorf("after Migrate: %s, %v", out.String(), err)
	}
}
