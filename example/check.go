package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth"
)

// variables maps the library's settings to the example's variables. fix replaces the library's advice where that is
// about Go code.
var variables = map[string]struct{ name, fix string }{
	"Cookie.InsecureHTTP": {"PUBLIC_URL", "serve over https and set PUBLIC_URL=https://..."},
	"Database":            {"DATABASE_URL", ""},
	"DefaultLocale":       {"DEFAULT_LOCALE", ""},
	"EmailVerification":   {"EMAIL_VERIFICATION", "leave it out for optional, or set mandatory"},
	"Hash.Algorithm":      {"AUTH_HASH", ""},
	"JWT.AccessLifetime":  {"JWT_ACCESS_LIFETIME", ""},
	"JWT.Keys":            {"JWT_KEY_FILE", ""},
	"JWT.RefreshLifetime": {"JWT_REFRESH_LIFETIME", ""},
	"JWT.Transport":       {"JWT_TRANSPORT", ""},
	"Login":               {"AUTH_MODES", ""},
	"LoginByCode":         {"LOGIN_BY_CODE", ""},
	"LoginMethods":        {"AUTH_LOGIN_METHODS", ""},
	"Mail.From":           {"MAIL_FROM", `set MAIL_FROM="Acme <no-reply@acme.example>", of your own domain`},
	"Mail.Sender":         {"MAIL_URL", ""},
	"Mail.Timeout":        {"MAIL_TIMEOUT", ""},
	"Mail.URLs":           {"FRONTEND_URL", "set it, or PUBLIC_URL, to an https:// URL that readers of mails can open"},
	"Secret":              {"AUTH_SECRET", ""},
	"TrustedOrigins":      {"PUBLIC_URL, FRONTEND_URL", ""},
	"TrustedProxies":      {"TRUSTED_PROXIES", ""},
	"Limits":              {"TRUSTED_NETWORKS", ""},
	"Limits.Store":        {"LIMITS_URL", ""},
	"Audit.Keep":          {"AUDIT_KEEP", "set AUDIT_KEEP=2160h"},
}

// check prints everything that is wrong or risky about the settings and the database, one finding per line. It creates
// neither files nor tables. It returns an error if something must be fixed before going live.
func check(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) error {
	s := settings{readOnly: true}
	if err := s.parse("example check", args, env, stderr, nil); err != nil {
		return err
	}
	if file, ok := strings.CutPrefix(s.databaseURL, "sqlite:"); ok && file != "" {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no database %s; start the server once, or set DATABASE_URL", file)
		}
	}
	cfg, err := s.config(stderr)
	if err != nil {
		return err
	}
	db, err := openDatabase(s.databaseURL, s.replicaURL)
	if err != nil {
		return err
	}
	if pool, err := db.DB(); err == nil {
		defer pool.Close()
	}
	wrong := 0
	findings := ginauth.Check(ctx, db, cfg, s.features()...)
	for _, f := range findings {
		if f.Severity == ginauth.SeverityError {
			wrong++
		}
		fmt.Fprintln(stdout, withVariable(f, s.mail.url))
	}
	if wrong > 0 {
		return fmt.Errorf("not ready to go live: fix the %d errors above", wrong)
	}
	if len(findings) == 0 {
		fmt.Fprintln(stdout, "No problems found.")
	}
	return nil
}

// withVariable adds the name of the variable that sets the setting.
func withVariable(f ginauth.Finding, mailURL string) ginauth.Finding {
	v, ok := variables[f.Setting]
	for name := f.Setting; !ok && name != ""; v, ok = variables[name] { // Mail.URLs.Verify belongs to Mail.URLs
		name = name[:max(0, strings.LastIndexAny(name, ".["))]
	}
	if !ok {
		return f
	}
	if f.Setting == "Mail.Sender" && (mailURL == "" || mailURL == "log:") {
		v.fix = "set MAIL_URL=smtp://USER:PASS@HOST:PORT?tls=starttls"
	}
	f.Setting += " (" + v.name + ")"
	if v.fix != "" && f.Fix != "" { // an error of New already says what to do
		f.Fix = v.fix
	}
	return f
}
