package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

// restAuth has every setting of dj-rest-auth 7.1.1, with the cases of dbtest that show its effect, or the reason why
// the library does not need it.
var restAuth = map[string]string{
	"LOGIN_SERIALIZER":                                "form/OwnLoginForm backend/BackendsAreAskedInOrder",
	"TOKEN_SERIALIZER":                                "form/ViewsOfTokenLogins form/OwnViews",
	"JWT_SERIALIZER":                                  "form/ViewsOfTokenLogins form/OwnViews",
	"JWT_SERIALIZER_WITH_EXPIRATION":                  "form/ViewsOfTokenLogins",
	"JWT_TOKEN_CLAIMS_SERIALIZER":                     "jwt/JWTClaims",
	"USER_DETAILS_SERIALIZER":                         "form/OwnFormsAreSaved form/OwnViews",
	"PASSWORD_RESET_SERIALIZER":                       "form/OwnFormsOfEveryRoute locale/TextsCanBeReplaced",
	"PASSWORD_RESET_CONFIRM_SERIALIZER":               "form/OwnFormsOfEveryRoute",
	"PASSWORD_CHANGE_SERIALIZER":                      "form/OwnFormsOfEveryRoute",
	"REGISTER_SERIALIZER":                             "form/OwnFormsAreSaved hook/HooksWriteInTheTransaction",
	"REGISTER_PERMISSION_CLASSES":                     "guard/RegisterGuardAndMiddleware",
	"TOKEN_MODEL":                                     "credential/LoginChoosesCredentials token/TokenOfALogin secret/SecretsAreHashesInTheDatabase",
	"TOKEN_CREATOR":                                   "not needed: every login makes a token of its own, so there is none to get or create",
	"PASSWORD_RESET_USE_SITES_DOMAIN":                 "reset/ResetLinkIgnoresTheHostHeader",
	"OLD_PASSWORD_FIELD_ENABLED":                      "password/PasswordChangeChecks password/PasswordChangeWithoutOld",
	"LOGOUT_ON_PASSWORD_CHANGE":                       "password/PasswordChangeCanEndThisSession password/PasswordChangeEndsOtherSessions",
	"SESSION_LOGIN":                                   "credential/LoginChoosesCredentials token/TokenAloneSetsNoCookie",
	"USE_JWT":                                         "credential/LoginChoosesCredentials jwt/JWTInBody",
	"JWT_AUTH_COOKIE":                                 "cookie/TokenCookiesAsConfigured jwt/JWTInCookies",
	"JWT_AUTH_REFRESH_COOKIE":                         "cookie/TokenCookiesAsConfigured jwt/JWTInCookies",
	"JWT_AUTH_REFRESH_COOKIE_PATH":                    "cookie/TokenCookiesAsConfigured jwt/JWTInCookies",
	"JWT_AUTH_SECURE":                                 "cookie/TokenCookiesAsConfigured",
	"JWT_AUTH_HTTPONLY":                               "cookie/TokenCookiesAsConfigured jwt/JWTInCookies",
	"JWT_AUTH_SAMESITE":                               "cookie/TokenCookiesAsConfigured",
	"JWT_AUTH_COOKIE_DOMAIN":                          "cookie/TokenCookiesAsConfigured",
	"JWT_AUTH_RETURN_EXPIRATION":                      "jwt/JWTInBody form/ViewsOfTokenLogins",
	"JWT_AUTH_COOKIE_USE_CSRF":                        "jwt/JWTCookiesAreCheckedByOrigin origin/OriginOfUnsafeRequests",
	"JWT_AUTH_COOKIE_ENFORCE_CSRF_ON_UNAUTHENTICATED": "origin/TokenLoginsAreCheckedByOrigin origin/OriginOfLogins",
}

// otherSettings are those of allauth that dj-rest-auth uses, and simplejwt's.
const otherSettings = `
ACCOUNT_ADAPTER ACCOUNT_LOGIN_METHODS ACCOUNT_SIGNUP_FIELDS ACCOUNT_EMAIL_VERIFICATION ACCOUNT_UNIQUE_EMAIL
ACCOUNT_USERNAME_MIN_LENGTH ACCOUNT_LOGOUT_ON_GET ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR ACCOUNT_USERNAME_BLACKLIST
ACCOUNT_USERNAME_VALIDATORS ACCOUNT_PRESERVE_USERNAME_CASING ACCOUNT_USER_MODEL_USERNAME_FIELD
ACCOUNT_USER_MODEL_EMAIL_FIELD ACCOUNT_USER_DISPLAY ACCOUNT_EMAIL_MAX_LENGTH ACCOUNT_EMAIL_CONFIRMATION_HMAC
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS ACCOUNT_SALT ACCOUNT_EMAIL_SUBJECT_PREFIX ACCOUNT_TEMPLATE_EXTENSION
ACCOUNT_DEFAULT_HTTP_PROTOCOL ACCOUNT_RATE_LIMITS ACCOUNT_PREVENT_ENUMERATION ACCOUNT_LOGIN_ATTEMPTS_LIMIT
ACCOUNT_LOGIN_ATTEMPTS_TIMEOUT ACCOUNT_EMAIL_CONFIRMATION_COOLDOWN ACCOUNT_PASSWORD_MIN_LENGTH ACCOUNT_SESSION_REMEMBER

ACCESS_TOKEN_LIFETIME REFRESH_TOKEN_LIFETIME ROTATE_REFRESH_TOKENS BLACKLIST_AFTER_ROTATION UPDATE_LAST_LOGIN
ALGORITHM SIGNING_KEY VERIFYING_KEY AUDIENCE ISSUER JSON_ENCODER JWK_URL LEEWAY AUTH_HEADER_TYPES AUTH_HEADER_NAME
USER_ID_FIELD USER_ID_CLAIM USER_AUTHENTICATION_RULE ON_LOGIN_SUCCESS ON_LOGIN_FAILED AUTH_TOKEN_CLASSES
TOKEN_TYPE_CLAIM JTI_CLAIM TOKEN_USER_CLASS SLIDING_TOKEN_REFRESH_EXP_CLAIM SLIDING_TOKEN_LIFETIME
SLIDING_TOKEN_REFRESH_LIFETIME TOKEN_OBTAIN_SERIALIZER TOKEN_REFRESH_SERIALIZER TOKEN_VERIFY_SERIALIZER
TOKEN_BLACKLIST_SERIALIZER SLIDING_TOKEN_OBTAIN_SERIALIZER SLIDING_TOKEN_REFRESH_SERIALIZER CHECK_REVOKE_TOKEN
REVOKE_TOKEN_CLAIM CHECK_USER_IS_ACTIVE`

// comingRow is a row of the tables in config/README.md.
type comingRow struct{ setting, here, defaults, why string }

func comingRows(t *testing.T) []comingRow {
	t.Helper()
	var rows []comingRow
	for line := range strings.Lines(docs.Section(t, "config/README.md", "Coming from dj-rest-auth")) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 6 {
			t.Errorf("not four cells: %s", line)
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, comingRow{strings.Trim(cells[1], "`"), cells[2], cells[3], cells[4]})
	}
	return rows
}

// TestComing wants one row in config/README.md for every setting, with names that are there.
func TestComing(t *testing.T) {
	t.Parallel()
	want := strings.Fields(otherSettings)
	for setting := range restAuth {
		want = append(want, setting)
	}
	rows, names := map[string]int{}, publicNames(t)
	for _, row := range comingRows(t) {
		rows[row.setting]++
		row.check(t, names)
	}
	for _, setting := range want {
		if rows[setting] != 1 {
			t.Errorf("config/README.md has %d rows for %s", rows[setting], setting)
		}
		delete(rows, setting)
	}
	if len(rows) > 0 || len(restAuth) != 28 || len(want) != 28+28+36 {
		t.Errorf("%d settings, %d of them of REST_AUTH; others: %v", len(want), len(restAuth), rows)
	}
}

var (
	quoted = regexp.MustCompile("`([^`]*)`")
	dotted = regexp.MustCompile(`^(auth|config|[A-Z][A-Za-z]*)(\.[A-Z][A-Za-z]*)+$`)
)

func (row comingRow) check(t *testing.T, names map[string]bool) {
	t.Helper()
	here := quoted.FindAllStringSubmatch(row.here, -1)
	missing := row.here == "not needed" || row.here == "not available"
	if missing == (len(here) > 0) {
		t.Errorf("%s: %q is neither a name nor \"not needed\" or \"not available\"", row.setting, row.here)
	}
	for _, name := range here {
		if !names[name[1]] {
			t.Errorf("%s: there is no %s", row.setting, name[1])
		}
	}
	for _, name := range quoted.FindAllStringSubmatch(row.defaults+row.why, -1) {
		if dotted.MatchString(name[1]) && !names[name[1]] {
			t.Errorf("%s: there is no %s", row.setting, name[1])
		}
	}
	if row.why == "" || missing && len(strings.Fields(row.why)) < 3 {
		t.Errorf("%s: %q is no reason", row.setting, row.why)
	}
	if !strings.Contains(row.defaults, " → ") {
		t.Errorf("%s: %q are not two defaults", row.setting, row.defaults)
	}
}

// publicNames are the names that documents can use: fields of config.Config, methods of Auth
// as auth.X, and what package config declares as config.X.
func publicNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	var walk func(prefix string, typ reflect.Type)
	walk = func(prefix string, typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			names[prefix+f.Name] = true
			if f.Type.Kind() == reflect.Struct && f.Type.PkgPath() == reflect.TypeFor[config.Config]().PkgPath() {
				walk(prefix+f.Name+".", f.Type)
			}
		}
	}
	walk("", reflect.TypeFor[config.Config]())
	auth := reflect.TypeFor[*ginauth.Auth]()
	for i := range auth.NumMethod() {
		names["auth."+auth.Method(i).Name] = true
	}
	for _, name := range exported(t, docs.Root(t)+"/config") {
		names["config."+name] = true
	}
	return names
}

// exported returns the exported names that a package declares, without methods.
func exported(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names = append(names, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						names = append(names, s.Name.Name)
					case *ast.ValueSpec:
						for _, name := range s.Names {
							names = append(names, name.Name)
						}
					}
				}
			}
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return !ast.IsExported(name) })
}

// TestComingIsShown wants the tests that restAuth names, or a reason that config/README.md gives as well.
func TestComingIsShown(t *testing.T) {
	t.Parallel()
	cases := groupedCases(t)
	rows := comingRows(t)
	for setting, shown := range restAuth {
		if reason, found := strings.CutPrefix(shown, "not needed: "); found {
			at := slices.IndexFunc(rows, func(r comingRow) bool { return r.setting == setting })
			if len(strings.Fields(reason)) < 3 || at >= 0 && rows[at].here != "not needed" {
				t.Errorf("%s: %q here, but config/README.md has %q", setting, shown, rows[max(at, 0)].here)
			}
			continue
		}
		if shown == "" {
			t.Errorf("%s: no test and no reason", setting)
		}
		for _, test := range strings.Fields(shown) {
			if !cases[test] {
				t.Errorf("%s: there is no test %s", setting, test)
			}
		}
	}
}
