package metrics_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/metrics"
)

// The cases on all databases are in ginauth/dbtest/metrics_test.go.

// TestReadme: the table lists all metrics with their labels, and what they mean as the code says it.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(ginauth_\\w+)` \\| *([^|]*?) *\\| *([^|]*?) *\\|").FindAllStringSubmatch(string(text), -1) {
		listed[row[1]] = strings.ReplaceAll(row[2], "`", "") + ": " + row[3]
	}
	descs := make(chan *prometheus.Desc, 100)
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ginauth.New(db, config.Config{Secret: authtest.Secret}, metrics.Feature(metrics.Options{Registerer: describer{prometheus.NewRegistry(), descs}})); err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`fqName: "(.*?)", help: "(.*?)", unit: "", constLabels: {}, variableLabels: {(.*?)}`)
	for desc := range descs {
		found := form.FindStringSubmatch(desc.String())
		if len(found) != 4 {
			t.Fatal(desc)
		}
		if wanted := strings.ReplaceAll(found[3], ",", ", ") + ": " + found[2]; listed[found[1]] != wanted {
			t.Errorf("README.md has for %s %q, want %q", found[1], listed[found[1]], wanted)
		}
		delete(listed, found[1])
	}
	if len(listed) > 0 {
		t.Errorf("README.md lists what is no metric: %v", listed)
	}
}

// describer passes on what is registered.
type describer struct {
	prometheus.Registerer
	descs chan *prometheus.Desc
}

func (d describer) Register(c prometheus.Collector) error {
	c.Describe(d.descs)
	close(d.descs)
	return nil
}
