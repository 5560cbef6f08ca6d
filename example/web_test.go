package main

import (
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestWebFiles: the pages have no code or styles inside them, name no other host, and every file that they import is there.
func TestWebFiles(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteEnv(t))
	status, header, page := fetch(t, s.url+"/")
	if status != 200 || !strings.HasPrefix(header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;") {
		t.Errorf("%d %v", status, header)
	}
	if inline := regexp.MustCompile(`(?i)<script>|<style|style=|\bon\w+=|//[^ ]*"`).FindString(page); inline != "" {
		t.Errorf("the page contains %q", inline)
	}
	web := os.DirFS("web")
	err := fs.WalkDir(web, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".go") || name == "index.html" {
			return err
		}
		status, header, text := fetch(t, s.url+"/files/"+name)
		if status != 200 || header.Get("ETag") == "" || header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v", name, status, header)
		}
		if other := regexp.MustCompile(`["'(]https?://[\w.-]+`).FindString(text); other != "" && !strings.HasSuffix(name, ".svg") {
			t.Errorf("%s names %s", name, other)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/files/app.js", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, header, _ = fetch(t, s.url+"/files/app.js")
	r.Header.Set("If-None-Match", header.Get("ETag"))
	again, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Body.Close()
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("a file that the browser has: %d", again.StatusCode)
	}
}

// TestWebTexts: every language has the same texts with the same placeholders, and the pages use no others.
func TestWebTexts(t *testing.T) {
	t.Parallel()
	read := func(language string) map[string]string {
		text, err := os.ReadFile("web/texts/" + language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		if err := json.Unmarshal(text, &texts); err != nil {
			t.Fatal(err)
		}
		return texts
	}
	english, placeholder := read("en"), regexp.MustCompile(`\{\w+\}`)
	for _, language := range []string{"de", "es", "fr", "ja", "pt", "zh"} {
		texts := read(language)
		if !slices.Equal(slices.Sorted(maps.Keys(texts)), slices.Sorted(maps.Keys(english))) {
			t.Errorf("%s has other texts than English", language)
		}
		for key, text := range english {
			a, b := placeholder.FindAllString(text, -1), placeholder.FindAllString(texts[key], -1)
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(a, b) || texts[key] == "" {
				t.Errorf("%s: %s is %q", language, key, texts[key])
			}
		}
	}
	for key := range usedTexts(t) {
		if english[key] == "" {
			t.Errorf("there is no text %s", key)
		}
	}
}

// usedTexts returns the keys of texts in the pages.
func usedTexts(t *testing.T) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	call := regexp.MustCompile(`\bt\(([^)]*)`)
	literal := regexp.MustCompile(`"([a-z]+(?:\.[a-z0-9_]+)*)"`)
	err := fs.WalkDir(os.DirFS("web"), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".js") {
			return err
		}
		text, err := os.ReadFile("web/" + name)
		for _, in := range call.FindAllStringSubmatch(string(text), -1) {
			for _, key := range literal.FindAllStringSubmatch(in[1], -1) {
				if strings.Contains(key[1], ".") {
					used[key[1]] = true
				}
			}
		}
		return err
	})
	if err != nil || len(used) < 150 {
		t.Fatalf("%d texts, %v", len(used), err)
	}
	return used
}
