package check

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
)

// TestRunWithoutParts runs a check with only a configuration. A rejected setting is listed once: OldSecrets is not listed as
// a note as well.
func TestRunWithoutParts(t *testing.T) {
	t.Parallel()
	cfg := config.Config{AllowLogoutOnGet: true, OldSecrets: []config.Secret{"canary"}}.WithDefaults()
	rejected := errors.Join(&config.Mistake{Setting: "OldSecrets[0]", Err: errors.New("too short")}, errors.New("no database"))
	var got []string
	for _, f := range Run(t.Context(), Options{Config: cfg, Rejected: fmt.Errorf("ginauth: %w", rejected)}) {
		got = append(got, string(f.Severity)+" "+f.Setting)
	}
	want := []string{"error OldSecrets[0]", "error ginauth.New", "warning AllowLogoutOnGet", "warning Secret", "note Audit.Keep", "note Mail.Sender", "note TrustedProxies"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestConcerns(t *testing.T) {
	t.Parallel()
	mistake := &config.Mistake{Setting: "JWT.Keys[1]", Err: errors.New("no key")}
	err := errors.Join(errors.Join(mistake, errors.New("no database")), fmt.Errorf("more: %w", &config.Mistake{Setting: "Texts", Err: errors.New("none")}))
	for prefix, want := range map[string]bool{"JWT": true, "Texts": true, "ginauth.New": true, "Session": false} {
		if Concerns(err, prefix) != want {
			t.Errorf("%s: want %v", prefix, want)
		}
	}
	if Concerns(nil, "") {
		t.Error("no error concerns nothing")
	}
}
