package dbtest

// Passkeys of users: methods, limits, logins of users who cannot log in, deletion and export.

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/models"
)

func passkeyNamesAreLimited(c *Case) {
	c.startPasskeys()
	browser := c.verified("ann")
	long := strings.Repeat("ä", 256)
	browser.Post("/auth/passkeys/register/begin/", obj{"name": long}).WantProblems("name max_length")
	browser.Post("/auth/passkeys/register/complete/", obj{"credential": obj{}, "name": long}).WantProblems("name max_length")
	begun := browser.Post("/auth/passkeys/register/begin/", obj{"name": "My phone"}).Want(200)
	completesKey(browser, c.NewPasskey(c.T).Create(begun)).Want(201)
	begun = browser.Post("/auth/passkeys/register/begin/", obj{"name": "My phone"}).Want(200)
	browser.Post("/auth/passkeys/register/complete/", obj{"credential": c.NewPasskey(c.T).Create(begun), "name": long[:510]}).Want(201)
	if all := c.passkeysOf(browser); len(all) != 2 || all[0].Name != long[:510] || all[1].Name != "My phone" {
		c.Errorf("%+v", all)
	}
}

func passkeysAreLimited(c *Case) {
	c.With(passkeys(func(o *passkey.Options) { o.MaxPerUser = 2 })).StartMail()
	browser := c.verified("ann")
	c.Passkey(c.T, browser)
	first, second := c.beginsPasskey(browser, "register"), c.beginsPasskey(browser, "register")
	completesKey(browser, c.NewPasskey(c.T).Create(first)).Want(201)
	completesKey(browser, c.NewPasskey(c.T).Create(second)).WantProblems("non_field_errors too_many")
	browser.Post("/auth/passkeys/register/begin/", nil).WantProblems("non_field_errors too_many")
}

// passkeyCredentials: a login gives the credential that the client asks for.
func passkeyCredentials(c *Case) {
	c.startPasskeys(withEachCredential)
	_, key := c.withPasskey("ann")
	for _, credential := range []string{"cookie", "token", "jwt"} {
		browser := c.Client()
		browser.Header.Set("Auth-Credential", credential)
		r := key.LogIn(browser).Want(200)
		has := map[string]bool{"cookie": len(browser.Cookies) > 0, "token": strings.Contains(r.Text, `"key":`), "jwt": strings.Contains(r.Text, `"access":`)}
		if !has[credential] {
			c.Errorf("%s: %s", credential, r.Text)
		}
	}
}

func shortPasskeyLogins(c *Case) {
	c.startPasskeys()
	_, key := c.withPasskey("ann")
	browser := c.Client()
	begun := c.beginsPasskey(browser, "login")
	var out passkey.RequestOptions
	begun.JSON(&out)
	browser.Post("/auth/passkeys/login/complete/", obj{"credential": key.Sign(begun), "session_id": out.SessionID, "remember": false}).Want(200)
	var row models.Session
	if err := c.DB.Where("method = ?", "passkey").First(&row).Error; err != nil || !row.Short {
		c.Errorf("%+v, %v", row, err)
	}
}

// passkeysOfInactiveUsers do not log in, and neither do those of banned users, of users whose sign-up is pending, or whose
// directory manages them.
func passkeysOfInactiveUsers(c *Case) {
	c.startPasskeys(func(cfg *config.Config) { cfg.AllowInactiveHint = true })
	_, key := c.withPasskey("ann")
	c.set("ann", map[string]any{"is_active": false})
	key.LogIn(c.Client()).WantProblems("non_field_errors account_inactive")
	c.set("ann", map[string]any{"is_active": true, "banned_at": c.Clock.Now().Add(-time.Hour)})
	key.LogIn(c.Client()).WantProblems("non_field_errors account_banned")
	c.set("ann", map[string]any{"banned_at": nil, "backend": "ldap", "backend_id": "1"})
	key.LogIn(c.Client()).WantProblems("non_field_errors invalid_credentials")
	c.set("ann", map[string]any{"backend": "", "backend_id": nil})
	key.LogIn(c.Client()).Want(200)
}

func deletedUsersLeaveNoPasskeys(c *Case) {
	c.startPasskeys()
	browser, key := c.withPasskey("ann")
	browser.Post("/auth/user/delete/", nil).Want(200)
	c.Clock.Advance(1000 * time.Hour)
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Fatal(err)
	}
	if n := c.count(&passkey.Credential{}) + c.count(&passkey.Handle{}); n != 0 {
		c.Errorf("%d rows are left", n)
	}
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
}

func passkeysAreExported(c *Case) {
	c.startPasskeys(func(cfg *config.Config) { cfg.Export.Enabled = true })
	browser, _ := c.withPasskey("ann")
	var row passkey.Credential
	if err := c.DB.First(&row).Error; err != nil {
		c.Fatal(err)
	}
	text := browser.Get("/auth/user/export/").Want(200).Text
	if !strings.Contains(text, base64.RawURLEncoding.EncodeToString(row.CredentialID)) || strings.Contains(text, base64.StdEncoding.EncodeToString(row.PublicKey)) {
		c.Errorf("export: %s", text)
	}
	if text := c.Client().Get("/auth/config/").Want(200).Text; !strings.Contains(text, `"passkeys":{"rp_id":"example.com","sign_up":false,"second_factor":false}`) || !strings.Contains(text, `"factors":["passkey"]`) {
		c.Errorf("config: %s", text)
	}
}

// passkeyProvidersAreNamed by the AAGUID that the authenticator states.
func passkeyProvidersAreNamed(c *Case) {
	c.startPasskeys()
	browser := c.verified("ann")
	key := c.NewPasskey(c.T)
	key.Synced, key.Countless = true, true
	key.AAGUID = [16]byte{0xea, 0x9b, 0x8d, 0x66, 0x4d, 0x01, 0x1d, 0x21, 0x3c, 0xe4, 0xb6, 0xb4, 0x8c, 0xb5, 0x75, 0xd4}
	completesKey(browser, key.Create(c.beginsPasskey(browser, "register"))).Want(201)
	all := c.passkeysOf(browser)
	if all[0].Name != "Google Password Manager" || all[0].Provider != all[0].Name || !all[0].BackedUp || all[0].AAGUID != "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4" {
		c.Errorf("%+v", all[0])
	}
	for range 3 { // 0 and 0 is no copy
		key.LogIn(c.Client()).Want(200)
	}
}

func passkeyMethods(c *Case) {
	c.startPasskeys()
	for path, allow := range map[string]string{
		"passkeys/register/begin": "POST, OPTIONS", "passkeys/register/complete": "POST, OPTIONS", "passkeys/login/begin": "POST, OPTIONS",
		"passkeys/login/complete": "POST, OPTIONS", "passkeys": "GET, HEAD, OPTIONS", "passkeys/1": "GET, HEAD, PATCH, PUT, DELETE, OPTIONS",
	} {
		r := c.Client().Do("OPTIONS", "/auth/"+path+"/", nil).Want(200)
		got, want := strings.Split(r.Header.Get("Allow"), ", "), strings.Split(allow, ", ")
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			c.Errorf("%s allows %s", path, got)
		}
	}
}
