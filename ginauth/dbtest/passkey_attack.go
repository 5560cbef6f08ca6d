package dbtest

// Attacks on passkeys.

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/models"
)

// passkeyChallengesWorkOnce, also if the response was refused (T174).
func passkeyChallengesWorkOnce(c *Case) {
	c.startPasskeys()
	browser, key := c.withPasskey("ann")
	begun := c.beginsPasskey(browser, "login")
	credential := key.Sign(begun)
	completesLogin(browser, begun, credential).Want(200)
	completesLogin(browser, begun, credential).WantProblems("non_field_errors passkey_challenge")
	completesLogin(browser, begun, key.Sign(begun)).WantProblems("non_field_errors passkey_challenge")
	begun = c.beginsPasskey(browser, "login")
	key.Origin = "https://evil.example"
	completesLogin(browser, begun, key.Sign(begun)).WantProblems("non_field_errors passkey_failed")
	key.Origin = ""
	completesLogin(browser, begun, key.Sign(begun)).WantProblems("non_field_errors passkey_challenge")
	begun = c.beginsPasskey(browser, "register")
	fresh := c.NewPasskey(c.T)
	completesKey(browser, fresh.Create(begun)).Want(201)
	completesKey(browser, c.NewPasskey(c.T).Create(begun)).WantProblems("non_field_errors passkey_challenge")
	begun = c.beginsPasskey(browser, "register")
	completesKey(browser, fresh.Create(begun)).WantProblems("non_field_errors passkey_registered")
	completesKey(browser, c.NewPasskey(c.T).Create(begun)).WantProblems("non_field_errors passkey_challenge")
}

// passkeyChallengesExpire after 5 minutes (T174), and with the sessions of the user.
func passkeyChallengesExpire(c *Case) {
	c.startPasskeys()
	browser, key := c.withPasskey("ann")
	login, register := c.beginsPasskey(browser, "login"), c.beginsPasskey(browser, "register")
	c.Clock.Advance(5*time.Minute + time.Second)
	completesLogin(browser, login, key.Sign(login)).WantProblems("non_field_errors passkey_challenge")
	completesKey(browser, c.NewPasskey(c.T).Create(register)).WantProblems("non_field_errors passkey_challenge")
	register = browser.Post("/auth/passkeys/register/begin/", obj{"password": authtest.Password}).Want(200)
	browser.Post("/auth/password/change/", obj{"old_password": authtest.Password, "new_password1": "another good one", "new_password2": "another good one"}).Want(200)
	completesKey(browser, c.NewPasskey(c.T).Create(register)).WantProblems("non_field_errors passkey_challenge")
}

// passkeyChallengesAreBound to their purpose, browser, client, user and session (T174).
func passkeyChallengesAreBound(c *Case) {
	c.startPasskeys()
	ann, key := c.withPasskey("ann")
	bob := c.verified("bob")
	refused := func(r *authtest.Response) {
		c.Helper()
		r.WantProblems("non_field_errors passkey_challenge")
	}
	login, register := c.beginsPasskey(ann, "login"), c.beginsPasskey(ann, "register")
	other := c.beginsPasskey(ann, "login")
	completesLogin(ann, other, key.Sign(login)).WantProblems("non_field_errors passkey_challenge") // session_id of another login
	refused(completesLogin(c.Client(), login, key.Sign(login)))                                    // another browser
	refused(completesKey(ann, c.NewPasskey(c.T).Create(login)))
	refused(completesLogin(ann, login, key.Sign(register)))
	refused(completesKey(bob, c.NewPasskey(c.T).Create(register)))
	refused(completesKey(c.LoggedIn("ann"), c.NewPasskey(c.T).Create(register))) // another session of the user
	completesKey(ann, c.NewPasskey(c.T).Create(register)).Want(201)
	completesLogin(ann, login, key.Sign(login)).Want(200)
	var out passkey.RequestOptions
	login.JSON(&out)
	for _, forged := range []string{"", "AAAA", strings.Repeat("A", 400), out.Challenge[:len(out.Challenge)-4], out.Challenge + "AAAA", "%%%", out.Challenge + "=="} {
		credential := key.Sign(login)
		c.changeClientData(credential, func(data obj) { data["challenge"] = forged })
		refused(completesLogin(ann, login, credential))
	}
}

// changeClientData changes what the browser says it signed.
func (c *Case) changeClientData(credential map[string]any, change func(obj)) {
	c.Helper()
	response := credential["response"].(map[string]any)
	text, err := base64.RawURLEncoding.DecodeString(response["clientDataJSON"].(string))
	if err != nil {
		c.Fatal(err)
	}
	var data obj
	if err := json.Unmarshal(text, &data); err != nil {
		c.Fatal(err)
	}
	change(data)
	if text, err = json.Marshal(data); err != nil {
		c.Fatal(err)
	}
	response["clientDataJSON"] = base64.RawURLEncoding.EncodeToString(text)
}

// passkeyResponsesOfOthers: an assertion for another origin, application, purpose or key is refused (T173, T177).
func passkeyResponsesOfOthers(c *Case) {
	c.startPasskeys()
	_, key := c.withPasskey("ann")
	for name, change := range map[string]func(p *authtest.Passkey){
		"another origin": func(p *authtest.Passkey) { p.Origin = "https://evil.example" }, "http": func(p *authtest.Passkey) { p.Origin = "http://example.com" },
		"a port": func(p *authtest.Passkey) { p.Origin = "https://example.com:8443" }, "a subdomain": func(p *authtest.Passkey) { p.Origin = "https://evil.example.com" },
		"a longer host": func(p *authtest.Passkey) { p.Origin = "https://example.com.evil.example" }, "an app": func(p *authtest.Passkey) { p.Origin = "android:apk-key-hash:AAAA" },
		"null": func(p *authtest.Passkey) { p.Origin = "null" }, "another RP ID": func(p *authtest.Passkey) { p.RPID = "evil.example" },
		"a changed BE flag": func(p *authtest.Passkey) { p.Synced = true }, "another handle": func(p *authtest.Passkey) { p.Handle = make([]byte, 64) },
		"no handle": func(p *authtest.Passkey) { p.Handle = nil },
		"another key": func(p *authtest.Passkey) {
			id, handle := p.ID, p.Handle
			*p = *c.NewPasskey(c.T)
			p.ID, p.Handle = id, handle
		},
	} {
		forged := *key
		change(&forged)
		if r := completesLoginOf(c, &forged, nil); r.StatusCode != 400 || !strings.Contains(r.Text, "passkey_failed") {
			c.Errorf("%s: %d %s", name, r.StatusCode, r.Text)
		}
	}
	for name, change := range map[string]func(obj){
		"another type": func(d obj) { d["type"] = "webauthn.create" }, "another page's frame": func(d obj) { d["crossOrigin"] = true },
		"a top origin": func(d obj) { d["crossOrigin"], d["topOrigin"] = true, "https://evil.example" }, "a changed text": func(d obj) { d["x"] = 1 },
	} {
		if r := completesLoginOf(c, key, change); r.StatusCode != 400 || !strings.Contains(r.Text, "passkey_failed") {
			c.Errorf("%s: %d %s", name, r.StatusCode, r.Text)
		}
	}
	if log := c.Log.String(); !strings.Contains(log, "a passkey was refused") || !strings.Contains(log, "https://evil.example") {
		c.Errorf("the log has no reason: %s", log)
	}
	completesLoginOf(c, key, nil).Want(200)
}

// completesLoginOf logs in with a passkey, and client data that change has changed.
func completesLoginOf(c *Case, key *authtest.Passkey, change func(obj)) *authtest.Response {
	c.Helper()
	browser := c.Client()
	begun := c.beginsPasskey(browser, "login")
	credential := key.Sign(begun)
	if change != nil {
		c.changeClientData(credential, change)
	}
	return completesLogin(browser, begun, credential)
}

// passkeyRegistrationsOfOthers: a new passkey for another origin, application or purpose is refused (T173).
func passkeyRegistrationsOfOthers(c *Case) {
	c.startPasskeys()
	browser := c.verified("ann")
	try := func(name string, change func(*authtest.Passkey), data func(obj)) {
		c.Helper()
		key := c.NewPasskey(c.T)
		if change != nil {
			change(key)
		}
		credential := key.Create(c.beginsPasskey(browser, "register"))
		if data != nil {
			c.changeClientData(credential, data)
		}
		if r := completesKey(browser, credential); r.StatusCode != 400 || !strings.Contains(r.Text, "passkey_failed") {
			c.Errorf("%s: %d %s", name, r.StatusCode, r.Text)
		}
	}
	try("another origin", func(p *authtest.Passkey) { p.Origin = "https://evil.example" }, nil)
	try("another RP ID", func(p *authtest.Passkey) { p.RPID = "evil.example" }, nil)
	try("another type", nil, func(d obj) { d["type"] = "webauthn.get" })
	try("another page's frame", nil, func(d obj) { d["crossOrigin"] = true })
	credential := c.NewPasskey(c.T).Create(c.beginsPasskey(browser, "register"))
	other := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	credential["id"], credential["rawId"] = other, other
	completesKey(browser, credential).WantProblems("non_field_errors passkey_failed")
	if n := c.count(&passkey.Credential{}); n != 0 {
		c.Errorf("%d passkeys are stored", n)
	}
}

// passkeysMustVerifyTheUser to log in alone (T176).
func passkeysMustVerifyTheUser(c *Case) {
	c.startPasskeys()
	browser, key := c.withPasskey("ann")
	key.Unverified = true
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unverified")
	c.With(passkeys(func(o *passkey.Options) { o.AllowUnverifiedUsers = true }))
	c.App = c.another(c.Box.Configure)
	other := c.Client()
	key.LogIn(other).Want(200)
	if got, want := provenIn(c, other), "passkey [swk user] aal1 0s"; got != want {
		c.Errorf("got %s, want %s", got, want)
	}
	if all := c.passkeysOf(c.as(browser)); !all[0].UserVerified {
		c.Error("a use without verification counts back")
	}
}

// copiedPasskeysAreRefused: a sign count that does not rise is refused and recorded, and the stored one never falls (T175).
func copiedPasskeysAreRefused(c *Case) {
	c.startPasskeys(func(cfg *config.Config) { cfg.Audit.Keep = time.Hour })
	_, key := c.withPasskey("ann")
	key.Count = 9
	key.LogIn(c.Client()).Want(200)
	for _, before := range []uint32{9, 4, 0} { // each use adds one
		key.Count = before
		key.LogIn(c.Client()).WantProblems("non_field_errors passkey_failed")
	}
	key.Countless = true
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_failed")
	key.Countless = false
	var row passkey.Credential
	if err := c.DB.First(&row).Error; err != nil || row.SignCount != 10 {
		c.Errorf("stored %d, %v", row.SignCount, err)
	}
	var events []models.Event
	if err := c.DB.Where("event = ?", "passkey_cloned").Find(&events).Error; err != nil || len(events) != 4 || events[0].UserID != c.user("ann").ID {
		c.Errorf("%d events, %v", len(events), err)
	}
	key.Count = 10
	key.LogIn(c.Client()).Want(200)
	if !strings.Contains(c.Log.String(), "the sign count of a passkey did not rise") {
		c.Error("the log has no warning")
	}
	c.Client().Post("/auth/security/revoke/", obj{"key": c.lastMail("passkey_cloned").Key(c.T)}).Want(200)
	key.Count = 10
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
}

// copiedPasskeysMailFiveTimes: someone who has the copy can try any number of times, and would fill the mailbox of the owner.
func copiedPasskeysMailFiveTimes(c *Case) {
	c.startPasskeys()
	_, key := c.withPasskey("ann")
	key.Count = 9
	key.LogIn(c.Client()).Want(200)
	c.Mails()
	for range 8 {
		key.Count = 4
		key.LogIn(c.Client()).WantProblems("non_field_errors passkey_failed")
	}
	if kinds := c.kinds(); kinds["passkey_cloned"] != 5 {
		c.Error(kinds)
	}
}

// passkeysOfOtherUsers: the passkey of one user with the handle of another one is refused (T177).
func passkeysOfOtherUsers(c *Case) {
	c.startPasskeys()
	_, ann := c.withPasskey("ann")
	browser, bob := c.withPasskey("bob")
	ann.Handle, bob.Handle = bob.Handle, ann.Handle
	ann.LogIn(c.Client()).WantProblems("non_field_errors passkey_failed")
	bob.LogIn(c.Client()).WantProblems("non_field_errors passkey_failed")
	completesKey(browser, ann.Create(c.beginsPasskey(browser, "register"))).WantProblems("non_field_errors passkey_registered")
}

// takeoversRemovePasskeys: an owner who confirms the address of a stranger's sign-up removes what the stranger set up (T114).
func takeoversRemovePasskeys(c *Case) {
	c.startPasskeys()
	browser := c.SignedUp("eve")
	c.Mails()
	key := c.Passkey(c.T, browser)
	c.Mails()
	c.Client().Post("/auth/password/reset/", obj{"email": "eve@example.com"}).Want(200)
	reset := c.Mail("reset")
	c.Client().Post("/auth/password/reset/confirm/", obj{
		"uid": reset.UID(c.T), "token": reset.Key(c.T), "new_password1": "another good one", "new_password2": "another good one",
	}).Want(200)
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
	if n := c.count(&passkey.Credential{}) + c.count(&passkey.Handle{}); n != 0 {
		c.Errorf("%d rows are left", n)
	}
}

// malformedPasskeys are refused as such, whatever the parser meets (T178).
func malformedPasskeys(c *Case) {
	c.startPasskeys()
	browser, key := c.withPasskey("ann")
	login := func() (map[string]any, *authtest.Response) {
		begun := c.beginsPasskey(browser, "login")
		return key.Sign(begun), begun
	}
	for _, bad := range []string{"", "!", "AA", strings.Repeat("A", 2000), "oA", "v____w"} {
		for _, field := range []string{"authenticatorData", "clientDataJSON", "signature"} {
			credential, begun := login()
			credential["response"].(map[string]any)[field] = bad
			if r := completesLogin(browser, begun, credential); r.StatusCode != 400 {
				c.Errorf("login with %s %.20q: %d %s", field, bad, r.StatusCode, r.Text)
			}
		}
		for _, field := range []string{"attestationObject", "clientDataJSON"} {
			credential := c.NewPasskey(c.T).Create(c.beginsPasskey(browser, "register"))
			credential["response"].(map[string]any)[field] = bad
			if r := completesKey(browser, credential); r.StatusCode != 400 {
				c.Errorf("registration with %s %.20q: %d %s", field, bad, r.StatusCode, r.Text)
			}
		}
	}
	for _, field := range []string{"id", "rawId", "type"} {
		credential, begun := login()
		credential[field] = "AAAA"
		completesLogin(browser, begun, credential).WantProblems("non_field_errors passkey_format")
	}
	for _, credential := range []any{"text", 1, []any{}, true} {
		completesKey(browser, credential).WantProblems("credential invalid")
	}
}
