package dbtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
	"github.com/ginauth/gin-rest-auth/models"
)

// This file has GET user/export/.

var exportCases = Group{Name: "export", Cases: []func(*Case){
	exportHasEverything, exportHasFeatures, exportNeedsTheUser, exportHasTheLastBan, exportIsLimited, exportsThatFailCount, exportHasOwnData, exportIsOffByDefault, exportNamesEachTable,
}}

func exports(cfg *config.Config) { cfg.Export.Enabled = true }

// exported downloads the data of a user.
func (c *Case) exported(browser *authtest.Client) (out binding.Export, text string) {
	c.Helper()
	r := browser.Get("/auth/user/export/").Want(200)
	if got := r.Header.Get("Content-Disposition"); got != `attachment; filename="user-export.json"` || r.Header.Get("Cache-Control") != "no-store" {
		c.Error(r.Header)
	}
	r.JSON(&out)
	return out, r.Text
}

// exportHasEverything: the rows of the user, of no one else, and no secret.
func exportHasEverything(c *Case) {
	r := c.receiver()
	o := webhook.Options{Endpoints: []webhook.Endpoint{r.endpoint()}, AllowPrivateNetworks: true, InsecureAllowHTTP: true}
	c.With(webhook.Feature(o)).StartMail(audited, exports, withEverything)
	c.SignedUp("bob")
	ann := c.SignedUp("ann")
	tokens, token := c.tokenPairOf("ann"), c.personal(ann, obj{"name": "ci"}).Key
	ann.Patch("/auth/user/", obj{"first_name": "Annabel", "locale": "de"}).Want(200)
	ann.Post("/auth/emails/", obj{"email": "ann@work.example"}).Want(201)
	out, text := c.exported(ann)
	user := c.user("ann")
	if u := out.User; u.PK != user.ID || u.Username != "ann" || u.Email != "ann@example.com" || u.FirstName != "Annabel" || u.Locale != "de" || !u.HasPassword || !u.SignedUp {
		c.Errorf("%+v", u)
	}
	if len(out.Emails) != 2 || out.Emails[1].Email.Email != "ann@work.example" || !out.Emails[0].Primary {
		c.Errorf("%+v", out.Emails)
	}
	if len(out.Sessions) < 2 || !slices.ContainsFunc(out.Sessions, func(s binding.Session) bool { return s.Current }) {
		c.Errorf("%+v", out.Sessions)
	}
	if len(out.Tokens) != 1 || len(out.Mails) < 2 || len(out.Links) < 2 || len(out.Events) < 4 || !out.ExportedAt.Equal(c.Clock.Now()) {
		c.Errorf("%d tokens, %d mails, %d links, %d events at %v", len(out.Tokens), len(out.Mails), len(out.Links), len(out.Events), out.ExportedAt)
	}
	if hooks, _ := out.Features["webhook_deliveries"].([]any); len(hooks) < 3 {
		c.Errorf("features: %v", out.Features)
	}
	for _, secret := range []string{
		`"bob`, "bob@", user.Password, tokens.Access, tokens.Refresh, token, `hash"`, r.URL, // random IDs can contain "bob"
	} {
		if strings.Contains(text, secret) {
			c.Errorf("%q is in %s", secret, text)
		}
	}
	for name, value := range ann.Cookies {
		if strings.Contains(text, value) {
			c.Errorf("the cookie %s is in the export", name)
		}
	}
	all, err := c.Auth.Events(c.Context(), ginauth.EventFilter{UserID: user.ID})
	if err != nil || all[0].Event != "data_exported" || all[0].SessionID == "" {
		c.Error(all, err)
	}
}

// exportHasFeatures: what packages mfa and social have about the user, without secrets, codes and tokens.
func exportHasFeatures(c *Case) {
	idp := c.startFeatures(c.receiver(), exports)
	ann, bob := c.SignedUp("ann"), c.SignedUp("bob")
	c.connect(idp, bob, socialtest.Claims{"sub": "2000"})
	if out, _ := c.exported(c.SignedUp("eve")); fmt.Sprint(out.Features["mfa"], out.Features["social"]) != "map[recovery:<nil> recovery_codes:[] totp:<nil> trusted_browsers:[]] []" {
		c.Errorf("nothing set up: %v", out.Features)
	}
	c.connect(idp, ann, socialtest.Claims{"sub": "1004", "email": "ann@work.example", "jti": "one"})
	phone := c.TOTP(c.T, ann)
	browser := c.Client()
	token := c.asksForCode(browser.Post("/auth/login/", authtest.Login("ann")))
	browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.RecoveryCodes[0]}).Want(200)
	out, text := c.exported(browser)
	now := c.Clock.Now().Format(time.RFC3339)
	used := slices.DeleteFunc(out.Features["mfa"].(obj)["recovery_codes"].([]any), func(code any) bool { return code.(obj)["used_at"] == nil })
	got, err := json.Marshal([]any{out.Features["mfa"].(obj)["totp"], used, out.Features["social"]})
	var row models.Identity
	if err := errors.Join(err, c.DB.Where("subject = ?", "1004").First(&row).Error); err != nil {
		c.Fatal(err)
	}
	profile, _ := json.Marshal(json.RawMessage(row.Profile))
	if !strings.Contains(string(profile), "ann@work.example") {
		c.Errorf("the profile is %s", profile)
	}
	var want, have any
	wanted := fmt.Sprintf(`[{"created_at":%q,"last_used_at":null},[{"used_at":%q}],[{"id":%d,"provider":"acme","uid":"1004","last_login":null,"date_joined":%q,"profile":%s}]]`,
		now, now, row.ID, now, profile)
	if err := errors.Join(json.Unmarshal([]byte(wanted), &want), json.Unmarshal(got, &have)); err != nil || !reflect.DeepEqual(want, have) {
		c.Errorf("got %s, want %s, %v", got, wanted, err)
	}
	var app mfa.TOTP
	var codes []mfa.RecoveryCode
	if err := errors.Join(c.DB.First(&app).Error, c.DB.Find(&codes).Error); err != nil {
		c.Fatal(err)
	}
	secrets := append([]string{"2000", phone.Secret, app.Secret, codes[0].MAC}, phone.RecoveryCodes...)
	if row.Tokens != "" {
		secrets = append(secrets, row.Tokens)
	}
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			c.Errorf("%q is in %s", secret, text)
		}
	}
}

// exportNeedsTheUser: a recent login, and neither a personal token, another origin nor a stranger.
func exportNeedsTheUser(c *Case) {
	c.StartMail(exports, withEverything)
	ann := c.SignedUp("ann")
	token := c.personal(ann, obj{"name": "ci"}).Key
	const path = "/auth/user/export/"
	c.Client().Get(path).Want(401)
	c.byToken(token).Get(path).WantCode(403, binding.CodeInsufficientScope)
	foreign := ann.Clone()
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	foreign.Header.Set("Origin", "https://evil.example")
	foreign.Get(path).Want(403)
	ann.Do(http.MethodHead, path, nil).Want(405)
	c.Clock.Advance(time.Hour)
	ann.Get(path).Want(403)
	ann.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	c.exported(ann)
}

// exportHasTheLastBan, of which the reason is for operators.
func exportHasTheLastBan(c *Case) {
	c.Start(exports, audited)
	c.SignedUp("ann")
	banned := c.Clock.Now()
	c.ban("ann", time.Hour)
	c.Clock.Advance(2 * time.Hour)
	out, text := c.exported(c.LoggedIn("ann"))
	if u := out.User; u.BannedAt == nil || !u.BannedAt.Equal(banned) || u.BannedUntil == nil || !u.BannedUntil.Equal(banned.Add(time.Hour)) || u.DeleteAt != nil || u.Pending {
		c.Errorf("%+v", u)
	}
	if strings.Contains(text, "canary") {
		c.Error("the reason is in", text)
	}
}

// exportIsLimited to five an hour for a user, in all instances and sessions. Another user is not affected.
func exportIsLimited(c *Case) {
	c.Start(exports, limited, audited)
	ann, bob := c.SignedUp("ann"), c.SignedUp("bob")
	again := c.LoggedIn("ann")
	results := c.concurrently(4, func(i int) *authtest.Response {
		return []*authtest.Client{ann, again}[i%2].Clone().Get("/auth/user/export/")
	})
	for range 3 {
		results[ann.Get("/auth/user/export/").StatusCode]++
	}
	if results[200] != 5 || results[429] != 2 {
		c.Error(results)
	}
	c.Clock.Advance(4 * time.Minute)
	if r := again.Get("/auth/user/export/").WantCode(429, binding.CodeRateLimited); r.Header.Get("Retry-After") != "480" || r.Header.Get("RateLimit-Policy") != `"Export";q=5;w=3600` {
		c.Error(r.Header)
	}
	c.exported(bob)
	if n := c.Auth.Refusals()["Limits.Export"]; n != 3 {
		c.Errorf("%d refusals", n)
	}
	if got := c.limitEvents(); !strings.HasSuffix(got, fmt.Sprintf(" %d]", c.user("ann").ID)) || strings.Count(got, "Limits.Export") != 2 { // one a minute
		c.Error(got)
	}
	c.Clock.Advance(56*time.Minute + time.Second)
	c.exported(c.LoggedIn("ann"))
}

// exportsThatFailCount: they read as much, and a client can make each fail by leaving.
func exportsThatFailCount(c *Case) {
	for _, left := range []bool{false, true} {
		read, leave := 0, func() {}
		c.Start(exports, limited, func(cfg *config.Config) {
			cfg.Export.Data = func(ctx context.Context, _ *gorm.DB, _ models.Account) (any, error) {
				read++
				if leave(); !left {
					return nil, errors.New("canary")
				}
				return nil, ctx.Err()
			}
		})
		ann := c.SignedUp("ann")
		for range 8 {
			ctx, cancel := context.WithCancel(context.Background())
			request := httptest.NewRequestWithContext(ctx, http.MethodGet, "https://example.com/auth/user/export/", nil)
			for name, value := range ann.Cookies {
				request.Header.Add("Cookie", name+"="+value)
			}
			if left {
				leave = cancel
			}
			c.Router.ServeHTTP(httptest.NewRecorder(), request)
			cancel()
		}
		if read != 5 {
			c.Errorf("left %v: %d exports were read", left, read)
		}
	}
}

// exportHasOwnData: the application adds its own tables, and an error of it is 503.
func exportHasOwnData(c *Case) {
	var fail error
	c.Start(exports, usesTypes, func(cfg *config.Config) {
		cfg.Export.Data = func(_ context.Context, tx *gorm.DB, user models.Account) (any, error) {
			var n int64
			err := tx.Model(&Member{}).Count(&n).Error
			return obj{"company": user.(*Member).Company, "users": n}, errors.Join(err, fail)
		}
	})
	ann := c.SignedUp("ann")
	if r := c.DB.Model(&Member{}).Where("username = ?", "ann").Update("company", "Acme"); r.RowsAffected != 1 {
		c.Fatal(r.Error)
	}
	out, _ := c.exported(ann)
	if text, _ := json.Marshal(out.Application); string(text) != `{"company":"Acme","users":1}` {
		c.Error(string(text))
	}
	fail = errors.New("canary")
	if r := ann.Get("/auth/user/export/").WantCode(503, binding.CodeUnavailable); strings.Contains(r.Text, "canary") || r.Header.Get("Content-Disposition") != "" {
		c.Error(r.Text, r.Header)
	}
}

func exportIsOffByDefault(c *Case) {
	c.Start()
	c.SignedUp("ann").Get("/auth/user/export/").Want(404)
}

// inExport says where an export has the rows of each table with a column about users, or why it has none.
var inExport = map[string]string{
	"auth_user":     "user",
	"auth_email":    "emails",
	"auth_session":  "sessions",
	"auth_ticket":   "links",
	"auth_outbox":   "mails",
	"auth_event":    "events",
	"auth_delivery": "features.webhook_deliveries",
	"auth_identity": "features.social",

	"auth_totp":          "features.mfa.totp",
	"auth_recovery_code": "features.mfa.recovery_codes",

	"auth_trusted_browser": "features.mfa.trusted_browsers",
	"auth_lost_factors":    "features.mfa.recovery",

	"auth_user_groups":           "features.roles.groups",
	"auth_user_user_permissions": "features.roles.granted",

	"auth_passkey":        "features.passkeys.passkeys",
	"auth_passkey_handle": "features.passkeys.handle",

	"auth_invitation":     "features.invite.created",
	"auth_invitation_use": "features.invite.used_at",
}

// notInExport are the tables without rows about users, and why.
var notInExport = map[string]string{
	"auth_counter":   "its names are keyed hashes, which say nothing about a user",
	"auth_limit":     "its names are keyed hashes, which say nothing about a user",
	"auth_migration": "it has the names of migrations",

	"auth_group":             "it has groups, not users",
	"auth_permission":        "it has permissions, not users",
	"auth_group_permissions": "it has permissions of groups, not of users",
	"django_content_type":    "it has models of the application",

	"auth_social_spent": "it has hashes of ID tokens, for 15 minutes",
	"auth_social_code":  "it has hashes of codes and encrypted logins that wait for their exchange, for minutes",
}

// exportNamesEachTable: every table in the database is in the export or left out for a reason, and so a table that a later
// version or feature adds cannot be forgotten.
func exportNamesEachTable(c *Case) {
	idp := c.startFeatures(c.receiver(), audited, exports)
	tables, err := c.DB.Migrator().GetTables()
	if err != nil || len(tables) < len(inExport) {
		c.Fatal(tables, err)
	}
	made, err := invite.Create(c.Context(), c.Auth, invite.New{})
	c.must(err)
	c.signUpWith("ann", made.Key).Want(201)
	ann := c.LoggedIn("ann")
	c.must(c.DB.Model(&invite.Invitation{}).Where("id = ?", made.ID).Update("created_by", c.user("ann").ID).Error)
	c.connect(idp, ann, socialtest.Claims{"sub": "1004"})
	phone := c.TOTP(c.T, ann)
	c.Passkey(c.T, ann) // a later one would end the trust
	c.trust(ann, phone)
	c.allRights("ann")
	c.storeRecovery("ann")
	_, text := c.exported(ann)
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		c.Fatal(err)
	}
	for _, table := range tables {
		path, reason := inExport[table], notInExport[table]
		if table == "sqlite_sequence" || reason != "" {
			c.wantNoUser(table, reason)
			continue
		}
		value := any(out)
		for part := range strings.SplitSeq(path, ".") {
			fields, _ := value.(map[string]any)
			value = fields[part]
		}
		if value == nil || fmt.Sprint(value) == "[]" {
			c.Errorf("the export has nothing of the table %s at %q; add it, or list the table in notInExport", table, path)
		}
	}
}

// wantNoUser fails the test if a table that is left out has a column about users.
func (c *Case) wantNoUser(table, reason string) {
	c.Helper()
	columns, err := c.DB.Migrator().ColumnTypes(table)
	if err != nil {
		c.Fatal(err)
	}
	for _, column := range columns {
		if slices.Contains([]string{"user_id", "email", "address", "recipient", "username", "ip", "user_agent", "login"}, column.Name()) {
			c.Errorf("%s has the column %s, although %s", table, column.Name(), reason)
		}
	}
}
