package docs_test

// SECURITY.md and ASVS.md are compared with the code: threats, the tests that show protection from them, requirements.

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

var (
	threatRow   = regexp.MustCompile(`(?m)^\| (T\d{3}) \| .* \| (.*) \|$`)
	advisoryRow = regexp.MustCompile(`(?m)^\| (.*(?:CVE-|GHSA-|#\d).*?) \| .* \| (.*) \|$`)
	asvsRow     = regexp.MustCompile(`(?m)^\| (\d\.\d\.\d+) \| ([12]) \| .* \| (library|setting|application) \| .* \| (.*) \|$`)
	testName    = regexp.MustCompile("`(?:([a-z]+)([./]))?([A-Za-z0-9]+)`")
	threat      = regexp.MustCompile(`T\d{3}\b`)
)

// mustThreats are the first and last numbers of the threats that the library must protect against: those of the catalogue that its
// authors made before they wrote it, without what is only advisable.
var mustThreats = [][2]int{
	{1, 12}, {15, 15}, {17, 20}, {22, 23}, {25, 26}, {28, 32}, {34, 44}, {46, 47}, {50, 53}, {56, 59},
	{61, 63}, {66, 70}, {72, 83}, {85, 85}, {87, 89}, {91, 93}, {95, 98}, {100, 130}, {132, 133}, {135, 150},
	{152, 154}, {156, 157}, {159, 168}, {170, 170}, {173, 186}, {188, 190}, {192, 192}, {194, 202}, {204, 206}, {208, 216},
	{218, 218}, {221, 224}, {228, 231}, {234, 234}, {236, 236},
}

// asvsRequirements are how many requirements of levels 1 and 2 the sections of chapters 6 to 9 of ASVS 5.0 have.
var asvsRequirements = map[string]int{
	"6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
	"8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4,
}

// register knows the tests of the code.
type register struct {
	*testing.T
	code   string
	cases  map[string]bool
	listed map[string]bool // threats of SECURITY.md
}

func newRegister(t *testing.T) *register {
	r := &register{t, readAll(t, ".go"), groupedCases(t), map[string]bool{}}
	for _, row := range threatRow.FindAllStringSubmatch(docs.Read(t, "SECURITY.md"), -1) {
		if r.listed[row[1]] {
			r.Errorf("%s has two rows", row[1])
		}
		r.listed[row[1]] = true
	}
	return r
}

// shown wants a test in a cell, unless it refers to a threat, and that each test exists.
func (r *register) shown(row, cell string) {
	r.Helper()
	tests := testName.FindAllStringSubmatch(cell, -1)
	for _, test := range tests {
		found := strings.Contains(r.code, "func "+test[3]+"(")
		if test[2] == "/" {
			found = r.cases[test[1]+"/"+test[3]]
		}
		if !found {
			r.Errorf("%s: there is no test %s", row, test[0])
		}
	}
	threats := threat.FindAllString(cell, -1)
	for _, number := range threats {
		if !r.listed[number] {
			r.Errorf("%s refers to %s, which is not in SECURITY.md", row, number)
		}
	}
	if len(tests)+len(threats) == 0 {
		r.Errorf("%s has no test", row)
	}
}

// TestThreats wants every T-number of the code in SECURITY.md, once, and every threat that the library must protect against, each with
// tests that exist.
func TestThreats(t *testing.T) {
	t.Parallel()
	r := newRegister(t)
	for _, row := range threatRow.FindAllStringSubmatch(docs.Read(t, "SECURITY.md"), -1) {
		r.shown(row[1], row[2])
	}
	for _, number := range threat.FindAllString(r.code, -1) {
		if !r.listed[number] {
			t.Errorf("%s is in the code, but not in SECURITY.md", number)
		}
	}
	for _, span := range mustThreats {
		for n := span[0]; n <= span[1]; n++ {
			if number := fmt.Sprintf("T%03d", n); !r.listed[number] {
				t.Errorf("%s is not in SECURITY.md", number)
			}
		}
	}
}

// TestAdvisories wants tests, a row or a reason for at least 100 advisories of other products.
func TestAdvisories(t *testing.T) {
	t.Parallel()
	r, found := newRegister(t), map[string]bool{}
	for _, row := range advisoryRow.FindAllStringSubmatch(docs.Read(t, "SECURITY.md"), -1) {
		for _, advisory := range regexp.MustCompile(`(?:CVE|GHSA)-[\w-]+`).FindAllString(row[1], -1) {
			found[advisory] = true
		}
		if !strings.Contains(row[0], "Does not apply") {
			r.shown(row[1], row[2])
		}
	}
	if len(found) < 100 {
		t.Errorf("%d advisories", len(found))
	}
}

// TestASVS wants each requirement of levels 1 and 2 once, with tests.
func TestASVS(t *testing.T) {
	t.Parallel()
	r, found, sections := newRegister(t), map[string]bool{}, map[string]int{}
	for _, row := range asvsRow.FindAllStringSubmatch(docs.Read(t, "ginauth/ASVS.md"), -1) {
		r.shown(row[1], row[4])
		if found[row[1]] {
			t.Errorf("%s is there twice", row[1])
		}
		found[row[1]] = true
		sections[row[1][:3]]++
	}
	for section, want := range asvsRequirements {
		if sections[section] != want {
			t.Errorf("%s has %d rows, want %d", section, sections[section], want)
		}
	}
}
