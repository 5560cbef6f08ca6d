package docs_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/impersonate"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
)

// withFeatures returns a core with every feature that has events, and web-hooks.
func withFeatures(t *testing.T) *core.Core {
	t.Helper()
	db, err := gorm.Open(sqlite.Open(":memory:"))
	if err != nil {
		t.Fatal(err)
	}
	hooks := webhook.Options{Endpoints: []webhook.Endpoint{{URL: "https://crm.example.com/", Secrets: []config.Secret{"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD2rEyZAGFJvI="}}}}
	auth, err := ginauth.New(db, config.Config{Secret: "only-a-test-of-the-tables-of-events-1234"},
		webhook.Feature(hooks), mfa.Feature(mfa.Options{}), passkey.Feature(passkey.Options{Origins: []string{"https://example.com"}}),
		roles.Feature(roles.Options{ManageRoutes: true}), admin.Feature(admin.Options{}), impersonate.Feature(impersonate.Options{SilentlyWithoutNotice: true}),
		invite.Feature(invite.Options{Page: "https://example.com/{key}"}), social.Login(social.Google("id", "secret")))
	if err != nil {
		t.Fatal(err)
	}
	return core.Of(auth)
}

// TestReadmeEvents compares the tables of events with what the library and its features declare.
func TestReadmeEvents(t *testing.T) {
	t.Parallel()
	c := withFeatures(t)
	var hooks []string
	for _, h := range c.WebHooks() {
		hooks = append(hooks, fmt.Sprintf("| `%s` | %s | %s |", h.Type, h.Doc, listed(h.Data)))
	}
	table := regexp.MustCompile("(?m)^\\| `[a-z_]+\\.[a-z_]+` \\|.*$").FindAllString(docs.Section(t, "ginauth/webhook/README.md", "Events"), -1)
	if got := trimmed(table); !slices.Equal(got, trimmed(hooks)) {
		t.Errorf("ginauth/webhook/README.md has\n%s\nbut the web-hooks are\n%s", strings.Join(got, "\n"), strings.Join(hooks, "\n"))
	}
	var names []string
	for _, k := range c.EventKinds() {
		names = append(names, string(k.Name))
	}
	var inTable []string
	_, trail, _ := strings.Cut(docs.Section(t, "config/README.md", "In production"), "\n### Audit trail\n")
	trail, _, _ = strings.Cut(trail, "\n### ")
	for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z_]+`(?:, `[a-z_]+`)*) \\|").FindAllStringSubmatch(trail, -1) {
		inTable = append(inTable, strings.Split(strings.ReplaceAll(row[1], "`", ""), ", ")...)
	}
	if slices.Sort(inTable); !slices.Equal(inTable, names) {
		t.Errorf("config/README.md lists the events %q, but they are %q", inTable, names)
	}
}

// listed returns names as a cell of a table.
func listed(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

// trimmed returns rows without spaces in front of bars.
func trimmed(rows []string) (all []string) {
	for _, row := range rows {
		all = append(all, strings.ReplaceAll(row, "  ", " "))
	}
	return all
}
