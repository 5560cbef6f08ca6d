package main

import (
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestInvalidSettings(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"DATABASE_URL":            {"DATABASE_URL": "oracle:x"},
		"SHUTDOWN_TIMEOUT":        {"SHUTDOWN_TIMEOUT": "soon"},
		"needs a path":            {"DATABASE_URL": "sqlite:", "AUTH_SECRET": rand.Text() + rand.Text()},
		"mysql://USER:PASS@":      {"DATABASE_URL": "mysql://x", "AUTH_SECRET": rand.Text() + rand.Text()},
		"LoginMethods: \"phone\"": {"AUTH_LOGIN_METHODS": "phone"},
		"Hash.Algorithm: \"md5\"": {"AUTH_HASH": "md5"},
		"Secret: must have":       {"AUTH_SECRET": "short"},
		"Login: \"cookie\"":       {"AUTH_MODES": "cookie"},
		"JWT_ACCESS_LIFETIME":     {"JWT_ACCESS_LIFETIME": "soon"},
		"JWT.Transport: \"mail\"": {"AUTH_MODES": "jwt", "JWT_TRANSPORT": "mail"},
		"LIMITS_URL must be":      {"LIMITS_URL": "http://x"},
		"leave out /DB":           {"LIMITS_URL": "redis://x:1/2?addr=y:1"},
		"SHUTDOWN_DELAY":          {"SHUTDOWN_DELAY": "soon"},
		"the parameters after ?":  {"DATABASE_URL": "mysql://x/y?parseTime=maybe", "AUTH_SECRET": rand.Text() + rand.Text()},
		"DATABASE_REPLICA_URL":    {"DATABASE_REPLICA_URL": "postgres://%"},
		"leave out parseTime":     {"DATABASE_URL": "mysql://x/y?parseTime=false", "AUTH_SECRET": rand.Text() + rand.Text()},
		"because times must be":   {"DATABASE_URL": "mysql://x/y?loc=Asia%2FTokyo", "AUTH_SECRET": rand.Text() + rand.Text()},
		"REPLICA_URL: the part":   {"DATABASE_REPLICA_URL": "oracle:x"},
		"REPLICA_URL: needs a":    {"DATABASE_REPLICA_URL": "mysql://x"},
		"REPLICA_URL: sqlite:":    {"DATABASE_REPLICA_URL": "sqlite:"},
		"JWT_KEY_FILE":            {"JWT_ALGORITHM": "RS256"},
		"TrustedProxies: \"all\"": {"TRUSTED_PROXIES": "all"},
		"PUBLIC_URL: \"example\"": {"PUBLIC_URL": "example"},
		"OPERATOR_FACTOR:":        {"OPERATOR_FACTOR": "maybe"},
	} {
		if env["DATABASE_URL"] == "" {
			env["DATABASE_URL"] = sqliteEnv(t)["DATABASE_URL"]
		}
		t.Chdir(t.TempDir())
		err := run(t.Context(), []string{"-addr=127.0.0.1:0"}, func(n string) string { return env[n] }, strings.NewReader(""), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestAllInvalidSettingsAreReported: one error lists all of them.
func TestAllInvalidSettingsAreReported(t *testing.T) {
	env := sqliteEnv(t)
	for _, name := range []string{"JWT_ACCESS_LIFETIME", "JWT_KEY_FILE", "PUBLIC_URL", "MAIL_URL", "LOGIN_BY_CODE", "MAIL_TIMEOUT", "FRONTEND_URL", "LIMITS_URL"} {
		env[name] = "x"
	}
	err := run(t.Context(), []string{"-addr=127.0.0.1:0"}, func(n string) string { return env[n] }, strings.NewReader(""), io.Discard, io.Discard)
	if err == nil {
		t.Fatal("the example starts")
	}
	for name, value := range env {
		if value == "x" && !strings.Contains(err.Error(), name) {
			t.Errorf("%s is missing in:\n%v", name, err)
		}
	}
}

func TestPublicURLMakesCookiesSecure(t *testing.T) {
	env := sqliteEnv(t)
	env["PUBLIC_URL"] = "HTTPS://App.Example.com" // upper case is allowed
	s := start(t, env)
	form := "username=ann&password1=Looking-Glass-7&password2=Looking-Glass-7"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/auth/registration/", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://app.example.com")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if set := response.Header.Get("Set-Cookie"); response.StatusCode != 201 || !strings.HasPrefix(set, "__Host-session=") || !strings.Contains(set, "; Secure") {
		t.Errorf("%d, %q", response.StatusCode, set)
	}
}
