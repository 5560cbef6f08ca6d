package social_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
)

// TestMistakesInRedirects: New names each invalid setting of logins by redirect, and what to write instead.
func TestMistakesInRedirects(t *testing.T) {
	t.Parallel()
	development := func(p *social.Provider) { p.Development = true }
	cases := map[string]struct {
		change   func(*social.Options, *config.Config)
		provider func(*social.Provider)
		want     string
	}{
		"no page":           {func(o *social.Options, _ *config.Config) { o.Pages = nil }, nil, "social.Options.Pages: social: is empty"},
		"no URL":            {func(o *social.Options, _ *config.Config) { o.URL = "" }, nil, `social.Options.URL: social: "" is not a URL with a host`},
		"plain http":        {func(o *social.Options, _ *config.Config) { o.URL = "http://api.example/auth" }, nil, "must begin with https://"},
		"a parameter":       {func(o *social.Options, _ *config.Config) { o.URL += "?a=1" }, nil, "must have neither a query"},
		"a path":            {func(o *social.Options, _ *config.Config) { o.Pages = []string{"/done"} }, nil, "is not an absolute URL"},
		"a script":          {func(o *social.Options, _ *config.Config) { o.Pages = []string{"javascript:alert(1)"} }, nil, "is not an absolute URL"},
		"a short scheme":    {func(o *social.Options, _ *config.Config) { o.Pages = []string{"myapp:/login"} }, nil, "com.example.app:/"},
		"http elsewhere":    {func(o *social.Options, _ *config.Config) { o.Pages = []string{"http://app.example/"} }, nil, "must begin with https://"},
		"a query":           {func(o *social.Options, _ *config.Config) { o.Pages = []string{front + "?a=1"} }, nil, "must have no query"},
		"a fragment":        {func(o *social.Options, _ *config.Config) { o.Pages = []string{front + "#"} }, nil, "fragment"},
		"development https": {func(*social.Options, *config.Config) {}, development, "is not an http URL of it"},
		"development proxy": {func(o *social.Options, c *config.Config) {
			o.URL, c.TrustedProxies = "http://localhost:8080/auth", []string{"127.0.0.1"}
		}, development, "TrustedProxies is set"},
		"development mail": {func(o *social.Options, _ *config.Config) { o.URL = "http://localhost:8080/auth" }, development, "EmailDomains must not be set"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := acme()
			if test.provider != nil {
				test.provider(&p)
			}
			o, cfg := flowOptions(p), config.Config{Secret: authtest.Secret}
			test.change(&o, &cfg)
			_, err := ginauth.New(testdb.SQLite(t), cfg, social.Feature(o))
			if _, ok := errors.AsType[*config.Mistake](err); !ok || !strings.Contains(err.Error(), test.want) {
				t.Errorf("New returns %v", err)
			}
		})
	}
}
