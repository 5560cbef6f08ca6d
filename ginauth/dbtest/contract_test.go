package dbtest_test

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

// contract.jsonl has the responses of a live dj-rest-auth 7.1.1, one case a line.
//
// "as" names the user who sends the request. Live credentials replace the recorded ones: {access} and {refresh} are
// the user's tokens, {session} is their cookie, {other} is the refresh token of another user, and {foreign} is a JWT
// that the server never signed. "ask" has a mail sent first, to reset a password or to verify an address: {uid},
// {token} and {key} are from this mail, and {tampered} is the last of these with a wrong end. "confirm" is a user who
// opens such a link first. The cookie sessionid is called session, csrftoken is left out, and paths are below /auth.
//
// If this library responds differently, "want" is its response and "differs" names the rows of the README's table of
// differences that give the reason.
//
//go:embed testdata/contract.jsonl
var contractFile []byte

type contractCase struct {
	ID, Case, Profile, As, Method, Path string
	Token                               bool // As sends a token in the header, not the cookie
	Header                              map[string]string
	Cookies                             map[string]string // replaces the browser's cookies
	Body                                string
	Ask, Confirm                        string
	Times                               int // how often the request is sent; the last response counts
	Padding, Fields                     int // for bodies that are too long to record: number of x in the password, number of form fields
	response
	Differs []string
	Want    *response
}

// TestContract replays the recorded cases in order, on one server for each profile.
func TestContract(t *testing.T) {
	t.Parallel()
	documented := differencesInReadme(t)
	used := map[string]bool{}
	servers := map[string]*contractServer{}
	for _, c := range contractCases(t) {
		server := servers[c.Profile]
		if server == nil {
			server = newContractServer(t, contractProfiles[c.Profile])
			servers[c.Profile] = server
		}
		got := server.play(t, c)
		recorded := reflect.DeepEqual(got, c.response)
		if len(c.Differs) == 0 {
			if !recorded {
				t.Errorf("%s %s: got %s, dj-rest-auth returned %s", c.ID, c.Case, show(got), show(c.response))
			}
			continue
		}
		if recorded || c.Want == nil || !reflect.DeepEqual(got, *c.Want) {
			t.Errorf("%s %s: got %s, want %s, which is not %s", c.ID, c.Case, show(got), show(c.Want), show(c.response))
		}
		for _, id := range c.Differs {
			used[id] = true
			if !documented[id] {
				t.Errorf("%s: the README does not list the difference %q", c.ID, id)
			}
		}
	}
	for id := range used {
		delete(documented, id)
	}
	if rest := slices.Sorted(maps.Keys(documented)); len(rest) > 0 {
		t.Errorf("differences in the README that no recorded case shows: %q; mark them with an asterisk", rest)
	}
}

func show(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func contractCases(t *testing.T) (cases []contractCase) {
	t.Helper()
	lines := bufio.NewScanner(bytes.NewReader(contractFile))
	for lines.Scan() {
		var c contractCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		cases = append(cases, c)
	}
	if len(cases) < 471 {
		t.Fatalf("only %d cases", len(cases))
	}
	return cases
}

// TestRowsBeyondTheRecord wants a row in the README for each difference that the case differencesWithoutARecordedCase
// names in its comments. Only these rows tell readers of the differences (C4).
func TestRowsBeyondTheRecord(t *testing.T) {
	t.Parallel()
	source, table := docs.Read(t, "ginauth/dbtest/http_wire.go"), docs.Section(t, "binding/README.md", "Differences from dj-rest-auth")
	_, body, _ := strings.Cut(source, "\nfunc differencesWithoutARecordedCase(")
	body, _, _ = strings.Cut(body, "\n}\n")
	shown := regexp.MustCompile(`(?m) // ([a-z, -]+)$`).FindAllStringSubmatch(body, -1)
	if len(shown) < 8 {
		t.Errorf("the case names %d rows", len(shown))
	}
	for _, comment := range shown {
		for row := range strings.SplitSeq(comment[1], ", ") {
			if !strings.Contains(table, "\n| `"+row+"` ") {
				t.Errorf("the README does not list the difference %q", row)
			}
		}
	}
}

var differenceRow = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|")

// differencesInReadme returns the rows of the table that recorded cases show. Rows without a recorded case have an
// asterisk after their name.
func differencesInReadme(t *testing.T) map[string]bool {
	t.Helper()
	rows := differenceRow.FindAllStringSubmatch(docs.Section(t, "binding/README.md", "Differences from dj-rest-auth"), -1)
	if len(rows) == 0 {
		t.Fatal("the README has no table of differences")
	}
	ids := map[string]bool{}
	for _, row := range rows {
		ids[row[1]] = true
	}
	return ids
}
