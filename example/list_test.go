package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// member is a user with a browser.
type member struct {
	t      *testing.T
	at     string
	client *http.Client
}

func join(t *testing.T, at, name string) member {
	t.Helper()
	jar, _ := cookiejar.New(nil) // cannot fail
	m := member{t, at, &http.Client{Jar: jar}}
	r, err := m.client.PostForm(at+"/auth/registration/", url.Values{"username": {name}, "password1": {"Looking-Glass-7"}, "password2": {"Looking-Glass-7"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	return m
}

func (m member) call(method, path, body string) string {
	m.t.Helper()
	r, err := http.NewRequestWithContext(m.t.Context(), method, m.at+path, strings.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := m.client.Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return fmt.Sprint(response.StatusCode, " ", string(text))
}

// TestList: users reach only their own list, on every database. It is in the export, and goes with the account.
func TestList(t *testing.T) {
	for name, env := range databases(t) {
		t.Run(name, func(t *testing.T) {
			s := start(t, env)
			ann, bob := join(t, s.url, "ann"), join(t, s.url, "bob")
			for body, want := range map[string]string{
				`{"text": "  "}`: "400 {\"text\":[\"This field cannot be empty.\"]}", `no JSON`: "400 {\"text\":", `{"text": "` + strings.Repeat("é", 101) + `"}`: "400 {\"text\":[\"Use at most 100 characters",
			} {
				if got := ann.call("POST", "/api/items", body); !strings.HasPrefix(got, want) {
					t.Errorf("%s: %s", body, got)
				}
			}
			added := ann.call("POST", "/api/items", `{"text": " Bread "}`)
			if !strings.HasPrefix(added, "201 ") || !strings.Contains(added, `"text":"Bread","done":false`) {
				t.Fatal(added)
			}
			id := strings.Split(added, `"`)[3]
			if got := bob.call("PATCH", "/api/items/"+id, `{"done": true}`); !strings.HasPrefix(got, "204") {
				t.Errorf("another user: %s", got)
			}
			if got := ann.call("GET", "/api/items", ""); !strings.Contains(got, `"done":false`) {
				t.Errorf("another user changed the list: %s", got)
			}
			if got := bob.call("GET", "/api/items", ""); got != "200 []" {
				t.Errorf("another user: %s", got)
			}
			if got := ann.call("PATCH", "/api/items/"+id, `{"done": true}`); !strings.HasPrefix(got, "204") {
				t.Error(got)
			}
			if got := ann.call("GET", "/auth/user/export/", ""); !strings.Contains(got, `"shopping_list":[{"id":"`+id) {
				t.Errorf("the export: %s", got)
			}
			if got := ann.call("DELETE", "/api/items", ""); !strings.HasPrefix(got, "204") {
				t.Error(got)
			}
			if got := ann.call("GET", "/api/items", ""); got != "200 []" {
				t.Error(got)
			}
			ann.call("POST", "/api/items", `{"text": "Milk"}`)
			if got := ann.call("POST", "/auth/user/delete/", "{}"); !strings.HasPrefix(got, "200") {
				t.Error(got)
			}
			if got := ann.call("GET", "/api/items", ""); !strings.HasPrefix(got, "401") {
				t.Error(got)
			}
			if err := s.stop(); err != nil {
				t.Error(err)
			}
		})
	}
}
