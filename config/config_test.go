package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

const secret config.Secret = "not this one but one like it: 8sJ2kQ"

func TestValidateNamesEveryMistake(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]config.Config{
		"":                                    {Secret: secret},
		"Secret: is missing":                  {},
		"Secret: must have at least 32":       {Secret: "short"},
		"Secret: is not random":               {Secret: config.Secret(strings.Repeat("abc", 20))},
		"Username.MinLength: must be between": {Secret: secret, Username: config.Username{MinLength: 151}},
		"Username.Pattern: error parsing":     {Secret: secret, Username: config.Username{Pattern: "[a-"}},
		"Session.Short: must be between":      {Secret: secret, Session: config.Session{Absolute: time.Hour, Short: 2 * time.Hour}},
		"OldSecrets[1]: must have":            {Secret: secret, OldSecrets: []config.Secret{secret, "x"}},
		"Login: \"jwt2\" is invalid":          {Secret: secret, Login: []config.Credential{"jwt2"}},
		"Token.Prefix: use":                   {Secret: secret, Token: config.Token{Prefix: "my token"}},
		"Token.Lifetime: must be":             {Secret: secret, Token: config.Token{Lifetime: 400 * 24 * time.Hour}},
		"Token.MaxPerUser: must be":           {Secret: secret, Token: config.Token{MaxPerUser: -1}},
		"Token.Scopes: has no effect":         {Secret: secret, Token: config.Token{Scopes: []string{"orders:read"}}},
		"Token.Scopes: \"a b\"":               {Secret: secret, Token: config.Token{Scopes: []string{"a b"}}},
		"Token.Scopes: must have":             {Secret: secret, Token: config.Token{Scopes: slices.Repeat([]string{"abcdefg"}, 40)}},
		"JWT.Transport: \"both\"":             {Secret: secret, JWT: config.JWT{Transport: "both"}},
		"JWT.AccessLifetime: must be b":       {Secret: secret, JWT: config.JWT{AccessLifetime: 25 * time.Hour}},
		"JWT.AccessLifetime: must be a":       {Secret: secret, JWT: config.JWT{AccessLifetime: 16 * time.Minute, Stateless: true}},
		"JWT.RefreshLifetime: must not":       {Secret: secret, JWT: config.JWT{RefreshLifetime: time.Second}},
		"JWT.Leeway: must be":                 {Secret: secret, JWT: config.JWT{Leeway: time.Minute}},
		"JWT.RefreshCookie.Name: use":         {Secret: secret, JWT: config.JWT{RefreshCookie: config.JWTCookie{Name: "a b"}}},
		"JWT.AccessCookie.SameSite":           {Secret: secret, JWT: config.JWT{AccessCookie: config.JWTCookie{SameSite: http.SameSiteNoneMode}}, Cookie: config.Cookie{InsecureHTTP: true}},
		"JWT.Keys[0]: set exactly one":        {Secret: secret, JWT: config.JWT{Keys: []config.JWTKey{{ID: "x"}}}},
		"BasePath: must begin":                {Secret: secret, BasePath: "auth"},
		"LoginMethods: \"phone\"":             {Secret: secret, LoginMethods: []config.LoginMethod{"phone"}},
		"SignUpFields.Email: \"yes\"":         {Secret: secret, SignUpFields: config.SignUpFields{Email: "yes"}},
		"SignUpFields: must require a field":  {Secret: secret, SignUpFields: config.SignUpFields{Username: config.FieldOff}},
		"NewUser: must return a user":         {Secret: secret, NewUser: func() models.Account { return nil }},
		"NewUser: must return a user; set":    {Secret: secret, NewUser: func() models.Account { return (*member)(nil) }},
		"NewUser: must return a new":          {Secret: secret, NewUser: sameUser()},
		"PasswordRules[0]: is nil":            {Secret: secret, PasswordRules: []config.PasswordRule{nil}},
		"Captcha.AfterHalf: needs":            {Secret: secret, Captcha: config.Captcha{AfterHalf: []string{"login"}}},
		"Captcha.Verifier: is nil":            {Secret: secret, Captcha: config.Captcha{Verifier: config.CaptchaVerifierFunc(nil)}},
		"Captcha.Verifier: Secret is missing": {Secret: secret, Captcha: config.Captcha{Verifier: config.Turnstile("")}},
		"Captcha.Verifier: URL":               {Secret: secret, Captcha: config.Captcha{Verifier: &config.SiteVerify{Secret: "s"}}},
		"Captcha.Verifier: MinScore":          {Secret: secret, Captcha: config.Captcha{Verifier: config.ReCaptcha("s", 70)}},
		"PasswordRules[1]: is nil":            {Secret: secret, PasswordRules: []config.PasswordRule{config.NotNumeric{}, (*config.NotBreached)(nil)}},
		"PasswordRules[0]: NotBreached.URL":   {Secret: secret, PasswordRules: []config.PasswordRule{&config.NotBreached{URL: "api.example.com/range"}}},
		"PasswordRules[0]: NotBreached.MinC":  {Secret: secret, PasswordRules: []config.PasswordRule{&config.NotBreached{MinCount: -1}}},
		"Hash.Algorithm: \"md5\"":             {Secret: secret, Hash: config.Hash{Algorithm: "md5"}},
		"Hash: Memory, Time or":               {Secret: secret, Hash: config.Hash{Memory: 1024}},
		"is below OWASP's minimum":            {Secret: secret, Hash: config.Hash{Algorithm: "bcrypt", Cost: 9}},
		"Hash.Memory: must be between":        {Secret: secret, Hash: config.Hash{Memory: 1 << 30}},
		"Hash.Cost: must be 17 or 18":         {Secret: secret, Hash: config.Hash{Algorithm: "scrypt", Cost: 19}},
		"Hash.Memory: must be between 8":      {Secret: secret, Hash: config.Hash{Memory: 8, Threads: 2, InsecureCheapForTests: true}},
		"Hash.Django: needs Algorithm":        {Secret: secret, Hash: config.Hash{Algorithm: "scrypt", Django: true}},
		"Hash.Parallel: must be":              {Secret: secret, Hash: config.Hash{Parallel: -1}},
		"Hash.Wait: must not":                 {Secret: secret, Hash: config.Hash{Wait: -1}},
		"Session.Absolute: must be":           {Secret: secret, Session: config.Session{Absolute: 401 * 24 * time.Hour}},
		"Session.Idle: must be":               {Secret: secret, Session: config.Session{Idle: -2}},
		"Session.CacheFor: must be between 0": {Secret: secret, Session: config.Session{CacheFor: time.Minute}},
		"Session.Touch: must be shorter":      {Secret: secret, Session: config.Session{Touch: 25 * time.Hour}},
		"Session.MaxPerUser: must be":         {Secret: secret, Session: config.Session{MaxPerUser: -5}},
		"Audit.Keep: must be 0":               {Secret: secret, Audit: config.Audit{Keep: time.Minute}},
		"Audit.Keep: must be":                 {Secret: secret, Audit: config.Audit{Keep: 11 * 366 * 24 * time.Hour}},
		"Audit.ShowToUsers: needs":            {Secret: secret, Audit: config.Audit{ShowToUsers: true}},
		"Cookie.Name: use letters":            {Secret: secret, Cookie: config.Cookie{Name: "my session"}},
		"Cookie.Name: use":                    {Secret: secret, Cookie: config.Cookie{Name: "__Host-x"}},
		"Cookie.Path: must begin":             {Secret: secret, Cookie: config.Cookie{Path: "x"}},
		"Cookie.Domain: \"a.b:80\"":           {Secret: secret, Cookie: config.Cookie{Domain: "a.b:80"}},
		"Cookie.SameSite: None needs":         {Secret: secret, Cookie: config.Cookie{SameSite: http.SameSiteNoneMode, InsecureHTTP: true}},
		"JWT.RefreshCookie.SameSite: must":    {Secret: secret, JWT: config.JWT{RefreshCookie: config.JWTCookie{SameSite: http.SameSiteDefaultMode}}},
		"Cookie.SameSite: must be":            {Secret: secret, Cookie: config.Cookie{SameSite: http.SameSiteDefaultMode}},
		"TrustedOrigins: \"x.org\"":           {Secret: secret, TrustedOrigins: []string{"x.org"}},
		"TrustedOrigins: \"https://x/\"":      {Secret: secret, TrustedOrigins: []string{"https://x/"}},
		"TrustedOrigins: \"https://*.x\"":     {Secret: secret, TrustedOrigins: []string{"https://*.x"}},
		"TrustedOrigins: \"https://X.org\"":   {Secret: secret, TrustedOrigins: []string{"https://X.org"}},
		"TrustedOrigins: \"https://x:443\"":   {Secret: secret, TrustedOrigins: []string{"https://x:443"}},
		"TrustedOrigins: \"http://x:80\"":     {Secret: secret, TrustedOrigins: []string{"http://x:80"}},
		"TrustedOrigins: \"https://ü.de\"":    {Secret: secret, TrustedOrigins: []string{"https://ü.de"}},
		"TrustedOrigins: \"null\"":            {Secret: secret, TrustedOrigins: []string{"null"}},
		"TrustedOrigins: \"file://x\"":        {Secret: secret, TrustedOrigins: []string{"file://x"}},
		"TrustedOrigins: \"app:\"":            {Secret: secret, TrustedOrigins: []string{"app:"}},
		"TrustedOrigins: \"App://x\"":         {Secret: secret, TrustedOrigins: []string{"App://x"}},
		"TrustedOrigins: \"app://x/\"":        {Secret: secret, TrustedOrigins: []string{"app://x/"}},
		"Cookie.Path: must begin with a":      {Secret: secret, Cookie: config.Cookie{Path: "/t/:tenant"}},
		"Cookie.Path: must begin with":        {Secret: secret, Cookie: config.Cookie{Path: "/größe"}},
		"JWT.RefreshCookie: has a Path":       {Secret: secret, JWT: config.JWT{RefreshCookie: config.JWTCookie{Path: "/t/*x"}}},
		"PublicPath: must begin":              {Secret: secret, PublicPath: "api"},
		"Cookie.Partitioned: needs":           {Secret: secret, Cookie: config.Cookie{Partitioned: true, InsecureHTTP: true}},
		"Cookie.SameSite: must be None":       {Secret: secret, Cookie: config.Cookie{Partitioned: true}},
		"JWT.RefreshCookie.SameSite: must be None": {
			Secret: secret, Login: []config.Credential{config.JSONWebToken},
			JWT:    config.JWT{Transport: config.InCookies, AccessCookie: config.JWTCookie{SameSite: http.SameSiteNoneMode}},
			Cookie: config.Cookie{Partitioned: true, SameSite: http.SameSiteNoneMode},
		},
		"JWT.AccessCookie.SameSite: must be None": {
			Secret: secret, Login: []config.Credential{config.JSONWebToken},
			JWT:    config.JWT{Transport: config.InEither, RefreshCookie: config.JWTCookie{SameSite: http.SameSiteNoneMode}},
			Cookie: config.Cookie{Partitioned: true, SameSite: http.SameSiteNoneMode},
		},
		"TrustedProxies: \"proxy\"": {Secret: secret, TrustedProxies: []string{"proxy"}},
		"trust every client":        {Secret: secret, TrustedProxies: []string{"0.0.0.0/0"}},
	} {
		err := c.WithDefaults().Validate()
		if want == "" && err != nil {
			t.Errorf("the zero value is refused: %v", err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, want %q", err, want)
		}
		if err != nil && strings.Contains(err.Error(), "not this one") {
			t.Errorf("a secret is repeated: %v", err)
		}
		namesFields(t, err)
	}
	err := config.Config{Cookie: config.Cookie{Path: "x"}, BasePath: "x"}.WithDefaults().Validate()
	if n := strings.Count(err.Error(), "config: "); n != 3 {
		t.Errorf("%d mistakes reported, want 3: %v", n, err)
	}
}

// TestMistakesHaveAnOrder: mistakes come in the same order each time, so that two runs can be compared.
func TestMistakesHaveAnOrder(t *testing.T) {
	c := config.Config{
		Secret: secret, Login: []config.Credential{config.JSONWebToken}, EmailVerification: config.VerifyMandatory, LoginByCode: true,
		Mail:   config.Mail{VerifyLifetime: 1, ResetLifetime: 1, LoginLifetime: 1, NoticeLifetime: 1, CodeLifetime: 1, From: "x"},
		JWT:    config.JWT{Transport: config.InCookies, AccessCookie: config.JWTCookie{Name: "device"}, RefreshCookie: config.JWTCookie{Name: "device"}},
		Cookie: config.Cookie{Partitioned: true, Name: "device"},
	}.WithDefaults()
	want := c.Validate().Error()
	for range 20 {
		if got := c.Validate().Error(); got != want {
			t.Fatalf("got\n%s\nthen\n%s", want, got)
		}
	}
}

// namesFields checks that every mistake names a field of Config, by which applications find their
// own names for the setting.
func namesFields(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, err := range err.(interface{ Unwrap() []error }).Unwrap() {
		mistake, ok := errors.AsType[*config.Mistake](err)
		if !ok {
			t.Errorf("no mistake: %v", err)
			continue
		}
		typ, found := reflect.TypeFor[config.Config](), true
		for name := range strings.SplitSeq(mistake.Setting, ".") {
			name, _, _ = strings.Cut(name, "[")
			var f reflect.StructField
			if f, found = typ.FieldByName(name); !found {
				break
			}
			typ = f.Type
		}
		if !found || err.Error() != "config: "+mistake.Setting+": "+mistake.Err.Error() {
			t.Errorf("%q is not of a setting: %v", mistake.Setting, err)
		}
	}
}

func sameUser() func() models.Account {
	u := &models.User{}
	return func() models.Account { return u }
}

func TestSecretDoesNotShowItself(t *testing.T) {
	t.Parallel()
	c := config.Config{Secret: secret}
	encoded, err := json.Marshal(map[string]any{"s": secret})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", secret, "in", []config.Secret{secret})
	for _, text := range []string{fmt.Sprint(secret), fmt.Sprintf("%v %+v %#v %s %q", c.Secret, c.Secret, c.Secret, c.Secret, c.Secret), string(encoded), log.String()} {
		if strings.Contains(text, "not this one") || !strings.Contains(text, "[secret]") {
			t.Errorf("shown: %s", text)
		}
	}
	if _, err := secret.Value(); err == nil {
		t.Error("a database took it")
	}
}

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	user := &models.User{Username: "marigold_7", FirstName: "Mary", LastName: "O'Hara-Smith", Email: "mary.goldsmith@example.com"}
	codes := func(password string) (codes []binding.Code) {
		for _, rule := range config.DefaultPasswordRules() {
			p, err := rule.CheckPassword(t.Context(), password, user)
			if err != nil {
				t.Fatal(err)
			}
			if p != nil {
				codes = append(codes, p.Code)
			}
		}
		return codes
	}
	for password, want := range map[string][]binding.Code{
		"correct horse battery": nil,
		"ünïcödé":               {binding.CodePasswordTooShort},
		"ünïcödé8":              nil,
		"12345678":              {binding.CodePasswordTooCommon, binding.CodePasswordNumeric},
		"QWERTYuiop":            {binding.CodePasswordTooCommon},
		"iloveyou":              {binding.CodePasswordTooCommon},
		"83920174652":           {binding.CodePasswordNumeric},
		"Marigold7!":            {binding.CodePasswordTooSimilar},
		"goldsmith1":            {binding.CodePasswordTooSimilar},
		"example.com":           {binding.CodePasswordTooSimilar},
		"1":                     {binding.CodePasswordTooShort, binding.CodePasswordNumeric},
		"":                      {binding.CodePasswordTooShort},
	} {
		if got := codes(password); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
	if got := codes(strings.Repeat("marigold_7", 100)); got != nil { // T028: not compared
		t.Errorf("a long password: %q", got)
	}
}

// TestCommonPasswords looks up each line of the list, because the search needs a sorted list.
func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("common_passwords.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(list)) {
		n++
		p, err := config.NotCommon{}.CheckPassword(t.Context(), strings.ToUpper(strings.TrimSuffix(line, "\n")), nil)
		if err != nil || p == nil {
			t.Fatalf("%q is not found", line)
		}
	}
	if n < 10_000 {
		t.Errorf("only %d passwords", n)
	}
	for _, fine := range []string{"aaaaaab\n", "zzzzzzzzzzzzzzzzz-", "!", "passwor d", "\xff", "123456\n12345"} {
		if p, _ := (config.NotCommon{}).CheckPassword(t.Context(), fine, nil); p != nil {
			t.Errorf("%q is common", fine)
		}
	}
	for _, bad := range []string{"        ", "xxxxxxxx", "Xx xX xX", "\u3000 \t", "éÉéÉéÉéÉ"} { // S17
		if p, _ := (config.NotCommon{}).CheckPassword(t.Context(), bad, nil); p == nil {
			t.Errorf("%q is not common", bad)
		}
	}
}

// TestUsernamePattern: the pattern matches whole names.
func TestUsernamePattern(t *testing.T) {
	t.Parallel()
	rules := config.Config{Username: config.Username{Pattern: "a|ab"}}.WithDefaults().Username
	for name, valid := range map[string]bool{"a": true, "ab": true, "aab": false, "abc": false, "A": false} {
		if got := rules.Problems(name); (got == nil) != valid {
			t.Errorf("%s: %v", name, got)
		}
	}
}
