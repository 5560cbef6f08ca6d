package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestInbox: a mail is in the inbox as it looks and as text, in a frame without scripts, and on this machine alone.
func TestInbox(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteEnv(t))
	inbox := redirectOf(t, s.url+"/dev/mail", nil)
	if !strings.HasPrefix(inbox, "http://127.0.0.1:") || strings.HasPrefix(inbox, s.url) {
		t.Fatalf("the inbox is at %q", inbox)
	}
	r, err := http.PostForm(s.url+"/auth/registration/", url.Values{
		"username": {"ann"}, "email": {"ann@example.com"}, "password1": {"Looking-Glass-7"}, "password2": {"Looking-Glass-7"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	for end := time.Now().Add(time.Minute); ; <-time.After(20 * time.Millisecond) {
		if _, _, last := fetch(t, inbox+"last"); last == "1" {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no mail came")
		}
	}
	_, header, page := fetch(t, inbox)
	if !strings.Contains(page, "ann@example.com") || !strings.Contains(page, `sandbox="allow-popups allow-popups-to-escape-sandbox"`) ||
		strings.Contains(header.Get("Content-Security-Policy"), "unsafe") {
		t.Errorf("%v\n%s", header, page)
	}
	_, header, mail := fetch(t, inbox+"mails/1/html")
	if policy := header.Get("Content-Security-Policy"); strings.Contains(policy, "script") || !strings.Contains(policy, "; sandbox allow-popups") ||
		!strings.Contains(mail, `<head><base target="_blank">`) || !strings.Contains(mail, "/account/verify-email/") {
		t.Errorf("%v\n%s", header, mail)
	}
	_, _, text := fetch(t, inbox+"mails/1?text")
	if !regexp.MustCompile(`<a href="http://localhost:\d+/account/verify-email/[^"]+" target="_blank" rel="noopener">`).MatchString(text) {
		t.Errorf("no link in %s", text)
	}
	if status, _, _ := fetch(t, inbox+"mails/2"); status != 404 {
		t.Errorf("a mail that does not exist: %d", status)
	}
	for name, value := range map[string]string{"X-Forwarded-For": "203.0.113.1", "Forwarded": "for=203.0.113.1", "Via": "1.1 proxy", "Origin": "https://evil.example", "Host": "app.example.com"} {
		for _, at := range []string{s.url + "/dev/mail", inbox, inbox + "mails/1/html"} {
			if to := redirectOf(t, at, map[string]string{name: value}); to != "404" {
				t.Errorf("%s with %s: %s", at, name, to)
			}
		}
	}
}

// TestInboxIsForDevelopment: without -dev, or where mails are sent, no inbox exists.
func TestInboxIsForDevelopment(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"DEV": "false", "TRUSTED_PROXIES": "127.0.0.1", "PUBLIC_URL": "https://app.example.com", "MAIL_URL": "dir:" + t.TempDir()} {
		env := sqliteEnv(t)
		env[name] = value
		s := start(t, env)
		if to := redirectOf(t, s.url+"/dev/mail", nil); to != "404" {
			t.Errorf("%s=%s: %s", name, value, to)
		}
		if _, _, page := fetch(t, s.url+"/"); !strings.Contains(page, `<meta name="inbox" content="">`) {
			t.Errorf("%s=%s: the pages link to the inbox", name, value)
		}
	}
}

// redirectOf returns where a response leads to, or its status.
func redirectOf(t *testing.T, at string, header map[string]string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
		if name == "Host" {
			r.Host = value
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		return strings.Fields(response.Status)[0]
	}
	return response.Header.Get("Location")
}
