package config_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
)

func TestSiteVerify(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		change func(*config.SiteVerify)
		want   bool
		fails  bool
	}{
		"solved":                {body: `{"success": true, "challenge_ts": "2026-01-01T00:00:00Z", "hostname": "example.com"}`, want: true},
		"wrong":                 {body: `{"success": false, "error-codes": ["invalid-input-response"]}`},
		"used":                  {body: `{"success": false, "error-codes": ["timeout-or-duplicate"]}`},
		"wrong with status 400": {status: 400, body: `{"success": false, "error-codes": ["invalid-input-response"]}`},
		"success, but 400":      {status: 400, body: `{"success": true}`},
		"blocked by a firewall": {status: 403, body: `<!DOCTYPE html>`},
		"too large":             {status: 413},
		"the wrong secret":      {body: `{"success": false, "error-codes": ["invalid-input-secret"]}`, fails: true},
		"wrong secret and 400":  {status: 400, body: `{"success": false, "error-codes": ["invalid-input-secret"]}`, fails: true},
		"internal":              {body: `{"success": false, "error-codes": ["internal-error"]}`, fails: true},
		"overloaded":            {status: 429, body: `{"success": true}`, fails: true},
		"down":                  {status: 502, body: `{"success": true}`, fails: true},
		"a redirect":            {status: 302, fails: true},
		"a page":                {body: `<!DOCTYPE html>`, fails: true},
		"no success":            {body: `{}`, fails: true},
		"success is a text":     {body: `{"success": "true"}`, fails: true},
		"too much":              {body: `{"hostname": "` + strings.Repeat("a", 70_000) + `", "success": true}`, fails: true},
		"the right host":        {body: `{"success": true, "hostname": "b.example"}`, change: hosts("a.example", "b.example"), want: true},
		"another host":          {body: `{"success": true, "hostname": "evil.example"}`, change: hosts("a.example")},
		"no host":               {body: `{"success": true}`, change: hosts("a.example")},
		"the right action":      {body: `{"success": true, "action": "login"}`, change: actions("register", "login"), want: true},
		"another action":        {body: `{"success": true, "action": "comment"}`, change: actions("login")},
		"no action":             {body: `{"success": true}`, change: actions("login")},
		"a high score":          {body: `{"success": true, "score": 0.5}`, change: score(0.5), want: true},
		"a low score":           {body: `{"success": true, "score": 0.4}`, change: score(0.5)},
		"no score":              {body: `{"success": true}`, change: score(0.5)},
		"a score does not help": {body: `{"success": false, "score": 0.9}`, change: score(0.5)},
		"a slow service":        {status: -1, change: func(v *config.SiteVerify) { v.Client = &http.Client{Timeout: 20 * time.Millisecond} }, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.PostFormValue("secret") != "s3cret" || r.PostFormValue("response") != "token" || r.PostFormValue("remoteip") != "203.0.113.1" || r.URL.RawQuery != "" {
					t.Errorf("got %v", r.PostForm)
				}
				if c.status < 0 {
					<-r.Context().Done()
				} else if c.status > 0 {
					w.Header().Set("Location", "/elsewhere")
					w.WriteHeader(c.status)
				}
				_, _ = io.WriteString(w, c.body)
			}))
			t.Cleanup(server.Close)
			v := config.Turnstile("s3cret")
			v.URL = server.URL
			if c.change != nil {
				c.change(v)
			}
			ok, err := v.Verify(t.Context(), "token", "203.0.113.1")
			if ok != c.want || err != nil != c.fails || err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v, %v", ok, err)
			}
		})
	}
}

func hosts(all ...string) func(*config.SiteVerify) {
	return func(v *config.SiteVerify) { v.Hostnames = all }
}

func actions(all ...string) func(*config.SiteVerify) {
	return func(v *config.SiteVerify) { v.Actions = all }
}

func score(lowest float64) func(*config.SiteVerify) {
	return func(v *config.SiteVerify) { v.MinScore = lowest }
}

// TestSiteVerifySendsTokensOnly: another text could make the service reject the request, which would look like an outage.
func TestSiteVerifySendsTokensOnly(t *testing.T) {
	t.Parallel()
	for _, v := range []*config.SiteVerify{config.Turnstile("s"), config.HCaptcha("s"), config.ReCaptcha("s", 0.5)} {
		v.Client = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			t.Errorf("asked %s", r.URL)
			return nil, io.EOF
		})}
		for _, answer := range []string{"", "a b", "a\nb", "é", "<a>\x00", strings.Repeat("a", 8193)} {
			if ok, err := v.Verify(t.Context(), answer, ""); ok || err != nil {
				t.Errorf("%q: %v, %v", answer, ok, err)
			}
		}
	}
}
