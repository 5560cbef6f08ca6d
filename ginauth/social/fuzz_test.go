package social

// Texts that strangers and providers send, with what must be true of those that are accepted.

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// allowedForms are the pages of FuzzNext, written in another way than the package compares them.
var allowedForms = regexp.MustCompile(`^(https://app\.example/done|https://open\.example(/[^?]*)?|https://open\.example|com\.example\.app:/login|http://127\.0\.0\.1(:[0-9]*)?/login)(\?.*)?$`)

// FuzzNext: a login by redirect ends only at a page of the list, whatever next is (T066, T148). The page is stable, and has no character
// that programs read in different ways.
func FuzzNext(f *testing.F) {
	for _, seed := range []string{
		"", "/done", "/done?a=1&b=%2F", "https://app.example/done", "https://APP.example/done?code=x", "//evil.example", `/\evil.example`, `\\evil.example`, "https:evil.example",
		"https:/evil.example", "/%2f%2fevil.example", "/\tdone", "/done\r\nLocation: x", "https://app.example@evil.example/done", "https://app.example:443/done",
		"https://app.example.evil.example/done", "javascript:alert(1)", "https://open.example//evil.example", "https://open.example/%5Cevil", "https://xn--ppl-nla.example/done",
		"https://open.example", "https://open.example/a/../b", "com.example.app:/login", "com.example.app://login", "http://127.0.0.1:51234/login", "http://127.0.0.1.evil.example/login",
		"http://[::1]/login", "https://app.example/done#x", "https://app.example/done/", "https://app.example/DONE", "https://ａpp.example/done", "https://open.example?x",
	} {
		f.Add(seed)
	}
	list := &pages{}
	for _, page := range []string{"https://app.example/done", "https://open.example", "com.example.app:/login", "http://127.0.0.1/login"} {
		u, err := parsePage(page)
		if err != nil {
			f.Fatal(err)
		}
		list.list = append(list.list, u)
	}
	f.Fuzz(func(t *testing.T, next string) {
		at, err := list.allowed(next)
		if err != nil {
			if at != "" {
				t.Errorf("%q is refused, and leads to %q", next, at)
			}
			return
		}
		if !allowedForms.MatchString(at) || strings.ContainsFunc(at, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' || r == '#' }) {
			t.Errorf("%q leads to %q", next, at)
		}
		if again, err := list.allowed(at); err != nil || again != at {
			t.Errorf("%q leads to %q, and that to %q: %v", next, at, again, err)
		}
		ends := withParameter(at, "error", "social_next")
		was, _ := url.Parse(at)
		if u, err := url.Parse(ends); err != nil || u.Scheme != was.Scheme || u.Host != was.Host || u.Path != was.Path || len(u.Query()["error"]) != 1 || u.Query().Has("code") {
			t.Errorf("the error leads to %q", ends)
		}
	})
}

// FuzzClaims: of a provider's claims, only those with exactly the standard name and the JSON value true or a text count. A subject that
// is accepted is a text without control characters, and is not changed.
func FuzzClaims(f *testing.F) {
	for _, seed := range []string{
		`{"sub":"1","email":"a@b.co","email_verified":true}`, `{"sub":"1","email_verified":"true"}`, `{"sub":"1","email_verified":1}`, `{"sub":"1","Email_Verified":true}`,
		`{"sub":"1","\u017fub":"2"}`, `{"sub":"1","SUB":"2"}`, `{"sub":1}`, `{"sub":" 1"}`, `{"sub":"1\u0000"}`, `{"sub":"1","sub":"2"}`, `{"sub":"a","email_verified":null,"email_verified":true}`,
		`[]`, `null`, `{"sub":{}}`, `{"sub":"\ud800"}`, `{"sub":"1","name":"Ann van Dam","picture":"http://127.0.0.1/"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, claims []byte) {
		p, err := StandardClaims(claims)
		if err != nil {
			return
		}
		var all map[string]json.RawMessage
		if err := json.Unmarshal(claims, &all); err != nil {
			t.Fatalf("accepted %q: %v", claims, err)
		}
		if p.EmailVerified != (string(all["email_verified"]) == "true") {
			t.Errorf("%q: the address is verified: %v", claims, p.EmailVerified)
		}
		for name, got := range map[string]string{"sub": p.Subject, "email": p.Email} {
			var want string
			if len(all[name]) > 0 && json.Unmarshal(all[name], &want) == nil && got != want || len(all[name]) == 0 && got != "" {
				t.Errorf("%q: %s is %q, want %q", claims, name, got, want)
			}
		}
		if p.check() == nil && (p.Subject == "" || strings.TrimSpace(p.Subject) != p.Subject || strings.ContainsFunc(p.Subject, unicode.IsControl)) {
			t.Errorf("the subject %q is accepted", p.Subject)
		}
		if stored := profileJSON(claims); !json.Valid([]byte(stored)) || len(stored) > maxProfile {
			t.Errorf("stored as %q", stored)
		}
	})
}
