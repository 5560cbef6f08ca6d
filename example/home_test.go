package main

import (
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// fetch returns a response of the example and its body.
func fetch(t *testing.T, url string) (status int, header http.Header, page string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.Header, strings.ReplaceAll(string(body), "<wbr>", "")
}

// TestDevelopersPage: the page at /developers lists the routes that are switched on, and its links work.
func TestDevelopersPage(t *testing.T) {
	t.Parallel()
	for modes, routes := range map[string][]string{
		"session": {"/auth/login/", "/auth/user/", "/auth/emails/:id/primary/", "/auth/security/revoke/"},
		"jwt":     {"/auth/login/", "/auth/token/refresh/", "/auth/jwks.json"},
	} {
		env := sqliteEnv(t)
		env["AUTH_MODES"] = modes
		s := start(t, env)
		status, header, page := fetch(t, s.url+"/developers")
		if status != 200 || header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%d %v", status, header)
		}
		if policy := header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; style-src 'self';") {
			t.Errorf("the policy is %q", policy)
		}
		if inline := regexp.MustCompile(`(?i)<script|<style|style=|\bon\w+=|//[^ ]*"`).FindString(page); inline != "" {
			t.Errorf("the page contains %q", inline)
		}
		for _, path := range routes {
			if !strings.Contains(page, "<code>"+path+"</code>") {
				t.Errorf("%s: the page does not name %s", modes, path)
			}
		}
		if !strings.Contains(html.UnescapeString(page), s.url+"/auth/registration/</code>") {
			t.Errorf("the page does not show how to register at %s", s.url)
		}
		checkLinks(t, s.url, page)
	}
}

// checkLinks wants the links and files of a page on this server.
func checkLinks(t *testing.T, url, page string) {
	t.Helper()
	links := regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(links) < 4 {
		t.Errorf("only %d links", len(links))
	}
	for _, link := range links {
		want := 200
		if link[1] == "/api/me" {
			want = 401
		}
		if status, _, _ := fetch(t, url+link[1]); status != want {
			t.Errorf("%s: %d, want %d", link[1], status, want)
		}
	}
}

// TestDevelopersPageNamesEveryRoute: the document lists the same routes.
func TestDevelopersPageNamesEveryRoute(t *testing.T) {
	t.Parallel()
	env := sqliteEnv(t)
	env["AUTH_MODES"], env["LOGIN_BY_CODE"], env["EMAIL_VERIFICATION"] = "session,token,jwt", "true", "mandatory"
	s := start(t, env)
	_, _, page := fetch(t, s.url+"/developers")
	_, _, document := fetch(t, s.url+"/auth/openapi.json")
	paths := regexp.MustCompile(`"(/[\w./{}-]*)":\{"(?:get|post|put|patch|delete)"`).FindAllStringSubmatch(document, -1)
	if len(paths) < 20 {
		t.Fatalf("%d paths in the document", len(paths))
	}
	for _, path := range paths {
		if shown := "<code>/auth" + regexp.MustCompile(`\{(\w+)\}`).ReplaceAllString(path[1], ":$1") + "</code>"; !strings.Contains(page, shown) {
			t.Errorf("the page does not have %s", shown)
		}
	}
}

// TestUnknownPaths: the application at / does not answer for other paths.
func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteEnv(t))
	for _, path := range []string{"/home", "/index.html", "/files/", "/files/index.html", "/files/lib/", "/account/nothing", "/api", "/auth/nothing/"} {
		if status, _, _ := fetch(t, s.url+path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}
