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
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
)

// variables are the example's own names of the library's settings, and what to set them to
// where the library's advice is about Go.
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
}

// check prints all that is wrong or risky with the settings and the database, one a line. It makes
// no files and no tables. It returns an error if something has to be mended before going live.
func check(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) error {
	s := settings{readOnly: true}
	if err := s.parse("example check", args, env, stderr, nil); err != nil {
		return err
	}
	if file, ok := strings.CutPrefix(s.databaseURL, "sqlite:"); ok && file != "" {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("no such database: %s; start the server once, or set DATABASE_URL", file)
		}
	}
	cfg, err := s.config(stderr)
	if err != nil {
		return err
	}
	db, err := openDatabase(s.databaseURL)
	if err != nil {
		return err
	}
	if pool, err := db.DB(); err == nil {
		defer pool.Close()
	}
	wrong := 0
	findings := ginauth.Check(ctx, db, cfg, openapi.Serve())
	for _, f := range findings {
		if f.Severity == ginauth.SeverityError {
			wrong++
		}
		fmt.Fprintln(stdout, inOurWords(f, s.mail.url))
	}
	if wrong > 0 {
		return fmt.Errorf("not ready to go live: %d to mend, see above", wrong)
	}
	if len(findings) == 0 {
		fmt.Fprintln(stdout, "All is well.")
	}
	return nil
}

// inOurWords names the variable by which the setting is set here.
func inOurWords(f ginauth.Finding, mailURL string) ginauth.Finding {
	ours, ok := variables[f.Setting]
	for name := f.Setting; !ok && name != ""; ours, ok = variables[name] { // Mail.URLs.Verify is of Mail.URLs
		name = name[:max(0, strings.LastIndexAny(name, ".["))]
	}
	if !ok {
		return f
	}
	if f.Setting == "Mail.Sender" && (mailURL == "" || mailURL == "log:") {
		ours.fix = "set MAIL_URL=smtp://USER:PASS@HOST:PORT?tls=starttls"
	}
	f.Setting += " (" + ours.name + ")"
	if ours.fix != "" && f.Fix != "" { // a refusal says itself what to do
		f.Fix = ours.fix
	}
	return f
}
