package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func cookieNames(r *http.Response) string {
	var names []string
	for _, c := range r.Cookies() {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ")
}

func TestModes(t *testing.T) {
	for modes, want := range map[string]struct{ body, cookie string }{
		"session":       {`{"user":`, "session="},
		"token":         {`{"key":"gat_`, ""},
		"session,token": {`{"user":{"pk":1`, "session="}, // clients that ask get a token
		"jwt":           {`{"user":{"pk":1`, ""},
	} {
		env := sqliteEnv(t)
		env["AUTH_MODES"] = modes
		s := start(t, env)
		r, err := http.PostForm(s.url+"/auth/registration/", url.Values{
			"username": {"ann"}, "password1": {"Looking-Glass-7"}, "password2": {"Looking-Glass-7"},
		})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil || r.StatusCode != 201 || !strings.HasPrefix(string(body), want.body) ||
			!strings.HasPrefix(r.Header.Get("Set-Cookie"), want.cookie) || (want.cookie == "") != (r.Header.Get("Set-Cookie") == "") {
			t.Errorf("%s: %d %s, cookie %q, %v", modes, r.StatusCode, body, r.Header.Get("Set-Cookie"), err)
		}
	}
}

// TestJWTKeyFile signs tokens with an Ed25519 key from a file and sends them in cookies.
func TestJWTKeyFile(t *testing.T) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	env := sqliteEnv(t)
	env["AUTH_MODES"], env["JWT_TRANSPORT"], env["JWT_ALGORITHM"], env["JWT_KEY_FILE"] = "jwt", "cookie", "EdDSA", file
	s := start(t, env)
	r, err := http.PostForm(s.url+"/auth/registration/", url.Values{
		"username": {"ann"}, "password1": {"Looking-Glass-7"}, "password2": {"Looking-Glass-7"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if names := cookieNames(r); r.StatusCode != 201 || names != "device access refresh refresh refresh refresh" { // of four paths, two of them of package impersonate
		t.Errorf("%d, cookies %v", r.StatusCode, r.Cookies())
	}
	keys, err := http.Get(s.url + "/auth/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(keys.Body)
	_ = keys.Body.Close()
	if err != nil || !strings.Contains(string(text), `"crv":"Ed25519"`) || strings.Contains(string(text), `"d"`) {
		t.Errorf("published %s, %v", text, err)
	}
	env["JWT_ALGORITHM"] = "RS256"
	err = run(t.Context(), []string{"-addr=127.0.0.1:0"}, func(n string) string { return env[n] }, strings.NewReader(""), io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "is for EdDSA") {
		t.Errorf("got %v", err)
	}
}
