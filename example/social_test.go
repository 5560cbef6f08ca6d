package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// TestLoginByTheProviderForDevelopment: go run ./example offers it at once, and other settings do not.
func TestLoginByTheProviderForDevelopment(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteEnv(t))
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	open := func(at string) (end *url.URL, status int) {
		r, err := browser.Get(at)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		return r.Request.URL, r.StatusCode
	}
	s.url = strings.Replace(s.url, "127.0.0.1", "localhost", 1) // where the provider sends browsers back to
	page, status := open(s.url + "/auth/dev/login/?next=/account/social")
	if status != 200 || page.Path != "/authorize" || "http://"+page.Host == s.url {
		t.Fatalf("the login leads to %s: %d", page, status)
	}
	if end, status := open(page.String() + "&user=ann"); status != 200 || end.String() != s.url+"/account/social" {
		t.Errorf("the login ends at %s", end)
	}
	if _, status := open(s.url + "/api/me"); status != 200 {
		t.Errorf("/api/me: %d", status)
	}
}

// TestDevIsForThisMachine: behind a proxy, or for other machines, the provider is off unless it is set, and then New refuses it.
func TestDevIsForThisMachine(t *testing.T) {
	t.Parallel()
	for _, env := range []map[string]string{
		{"PUBLIC_URL": "https://app.example.com"}, {"PUBLIC_URL": "http://app.example.com"}, {"ADDR": "0.0.0.0:0"}, {"ADDR": ":0"}, {"TRUSTED_PROXIES": "127.0.0.1"}, {"DEV": "false"},
	} {
		var s settings
		if err := s.parse("example", nil, func(name string) string { return env[name] }, &strings.Builder{}, nil); err != nil || s.dev {
			t.Errorf("%v: %v, %v", env, s.dev, err)
		}
	}
	for _, value := range []string{"-dev", "-dev=true"} {
		var s settings
		err := s.parse("example", []string{value}, func(name string) string {
			return map[string]string{"PUBLIC_URL": "https://app.example.com", "ADDR": "127.0.0.1:0", "DATABASE_URL": sqliteEnv(t)["DATABASE_URL"]}[name]
		}, &strings.Builder{}, nil)
		if err != nil || !s.dev {
			t.Fatalf("%s: %v, %v", value, s.dev, err)
		}
		if err := serve(t.Context(), &s, io.Discard); err == nil || !strings.Contains(err.Error(), "remove the provider in production") {
			t.Errorf("%s works behind https: %v", value, err)
		}
	}
	var s settings
	if err := s.parse("example", nil, func(name string) string { return map[string]string{"DEV": "maybe"}[name] }, &strings.Builder{}, nil); err == nil {
		t.Error("DEV=maybe is no error")
	}
}
