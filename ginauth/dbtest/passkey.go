package dbtest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
)

// Package passkey: the contract of its routes.
var passkeyCases = Group{Name: "passkey", Cases: []func(*Case){
	passkeysLogIn, creationOptionsOfTheContract, requestOptionsTellNothing, passkeysAreListedAndRenamed, passkeysAreRemoved, passkeysNeedARecentLogin,
	theLastWayInCannotBeRemoved, passkeyNotices, passkeyTextsOfTheContract, passkeyTextsAreTranslated, passkeyMethods, passkeyNamesAreLimited,
	passkeysAreLimited, passkeyCredentials, shortPasskeyLogins, passkeysOfInactiveUsers, deletedUsersLeaveNoPasskeys, passkeysAreExported,
	passkeyProvidersAreNamed,
	passkeyChallengesWorkOnce, passkeyChallengesExpire, passkeyChallengesAreBound, passkeyResponsesOfOthers, passkeyRegistrationsOfOthers,
	passkeysMustVerifyTheUser, copiedPasskeysAreRefused, copiedPasskeysMailFiveTimes, passkeysOfOtherUsers, raceForOneAssertion, raceForOneRegistration, raceToRemovePasskeys,
	takeoversRemovePasskeys, malformedPasskeys,
	passkeysCompleteLogins, passkeysEndTrust, secondFactorsAreBound, wrongPasskeysAreLimited, passkeysAsSecondFactors, unverifiedPasskeysAreOneFactor, passkeysReauthenticate,
	resetRemovesPasskeys, resetKeepsTheLastWayIn, recoveryCodesEndWithTheLastFactor,
	passkeysSignUp, passkeySignUpsArePending, passkeySignUpsYieldTheAddress, passkeySignUpsHaveTheForm, passkeySignUpsOfTakenNames, passkeySignUpsMustLogIn, passkeySignUpsAreBound, raceForOnePasskeySignUp,
	passkeySignUpsFollowTheConfiguration,
	passkeyDocumentsAreAtTheRoot, passkeySettingsAreChecked, passkeyFindings, appsUsePasskeys,
}}

// beginsPasskey sends a request that begins something with a passkey.
func (c *Case) beginsPasskey(browser *authtest.Client, path string) *authtest.Response {
	c.Helper()
	return browser.Post("/auth/passkeys/"+path+"/begin/", nil).Want(200)
}

// completesLogin sends what an authenticator signed.
func completesLogin(browser *authtest.Client, begun *authtest.Response, credential any) *authtest.Response {
	var out passkey.RequestOptions
	begun.JSON(&out)
	return browser.Post("/auth/passkeys/login/complete/", obj{"credential": credential, "session_id": out.SessionID})
}

// completesKey sends a new passkey.
func completesKey(browser *authtest.Client, credential any) *authtest.Response {
	return browser.Post("/auth/passkeys/register/complete/", obj{"credential": credential})
}

// passkeysOf returns what GET passkeys/ returns.
func (c *Case) passkeysOf(browser *authtest.Client) (all []passkey.Passkey) {
	c.Helper()
	browser.Get("/auth/passkeys/").Want(200).JSON(&all)
	return all
}

// passkeysLogIn without a name or password.
func passkeysLogIn(c *Case) {
	c.startPasskeys()
	browser, key := c.withPasskey("ann")
	all := c.passkeysOf(browser)
	if len(all) != 1 || all[0].Name != "Passkey" || !all[0].Discoverable || !all[0].UserVerified || all[0].BackedUp || all[0].LastUsedAt != nil ||
		strings.Join(all[0].Transports, " ") != "hybrid internal" || all[0].CredentialID != base64.RawURLEncoding.EncodeToString(key.ID) {
		c.Errorf("%+v", all)
	}
	other := c.Client()
	var out binding.LoginResponse
	key.LogIn(other).Want(200).JSON(&out)
	if out.User == nil || out.User.Username != "ann" {
		c.Errorf("the login returns %+v", out)
	}
	if got, want := provenIn(c, other), "passkey [mfa swk user] aal2 0s"; got != want {
		c.Errorf("got %s, want %s", got, want)
	}
	if all = c.passkeysOf(other); all[0].LastUsedAt == nil {
		c.Error("the use is not stored")
	}
	if mail := c.Mail("new_device"); mail.To != "ann@example.com" {
		c.Errorf("a new device is told to %s", mail.To)
	}
	key.Synced = false
	for range 3 {
		key.LogIn(c.Client()).Want(200)
	}
}

func creationOptionsOfTheContract(c *Case) {
	c.startPasskeys()
	browser := c.verified("ann")
	begin := func() (out passkey.CreationOptions) {
		c.beginsPasskey(browser, "register").JSON(&out)
		return out
	}
	first, second := begin(), begin()
	handle, err := base64.RawURLEncoding.DecodeString(first.User.ID)
	if err != nil || len(handle) != 64 || first.User.ID != second.User.ID {
		c.Errorf("handles %q and %q: %v", first.User.ID, second.User.ID, err)
	}
	if first.Challenge == second.Challenge {
		c.Error("the same challenge twice")
	}
	first.Challenge, first.User.ID = "", ""
	var algorithms []int
	for _, p := range first.PubKeyCredParams {
		algorithms = append(algorithms, p.Alg)
	}
	if got, want := fmt.Sprint(algorithms), "[-7 -8 -36 -37 -38 -39 -257 -258 -259]"; got != want {
		c.Errorf("algorithms %s", got)
	}
	first.PubKeyCredParams = nil
	want := passkey.CreationOptions{
		RP: passkey.RP{Name: "My App", ID: "example.com"}, User: passkey.UserEntity{Name: "ann", DisplayName: "ann"}, Timeout: 300000,
		AuthenticatorSelection: passkey.Selection{ResidentKey: "preferred", UserVerification: "preferred"}, Attestation: "none",
		Extensions: passkey.Extensions{CredProps: true},
	}
	if got := fmt.Sprintf("%+v", first); got != fmt.Sprintf("%+v", want) || first.ExcludeCredentials == nil {
		c.Errorf("got %s", got)
	}
	key := c.Passkey(c.T, browser)
	browser.Do("PATCH", "/auth/user/", obj{"first_name": "Ann", "last_name": "Smith"}).Want(200)
	after := begin()
	if len(after.ExcludeCredentials) != 1 || after.ExcludeCredentials[0].ID != base64.RawURLEncoding.EncodeToString(key.ID) || after.User.DisplayName != "Ann Smith" ||
		after.User.ID != second.User.ID {
		c.Errorf("with a passkey: %+v", after)
	}
	c.Client().Post("/auth/passkeys/register/begin/", nil).Want(401)
}

// requestOptionsTellNothing about who has an account: names are ignored, and all responses look the same (T012).
func requestOptionsTellNothing(c *Case) {
	c.startPasskeys()
	c.withPasskey("ann")
	for _, body := range []any{nil, obj{"username": "ann"}, obj{"username": "nobody"}, obj{"email": "ann@example.com"}, obj{"email": "no address"}} {
		var out passkey.RequestOptions
		r := c.Client().Post("/auth/passkeys/login/begin/", body).Want(200)
		r.JSON(&out)
		if len(out.SessionID) != 32 || len(out.Challenge) < 100 || out.RPID != "example.com" || out.Timeout != 300000 || out.UserVerification != "required" ||
			!strings.Contains(r.Text, `"allowCredentials":[]`) {
			c.Errorf("%v: %s", body, r.Text)
		}
	}
}

func passkeysAreListedAndRenamed(c *Case) {
	c.startPasskeys()
	browser, _ := c.withPasskey("ann")
	c.Passkey(c.T, browser)
	c.Mails()
	other, _ := c.withPasskey("bob")
	all := c.passkeysOf(browser)
	if len(all) != 2 || all[0].ID < all[1].ID {
		c.Fatalf("%+v", all)
	}
	at := fmt.Sprint("/auth/passkeys/", all[1].ID, "/")
	for _, method := range []string{"PATCH", "PUT"} {
		if r := browser.Do(method, at, obj{"name": "Renamed " + method}).Want(200); strings.TrimSpace(r.Text) != `{"name":"Renamed `+method+`"}` {
			c.Errorf("%s: %s", method, r.Text)
		}
		browser.Do(method, at, obj{"name": "Renamed " + method}).Want(200) // MySQL changes no row
	}
	var one passkey.Passkey
	browser.Get(at).Want(200).JSON(&one)
	if one.Name != "Renamed PUT" || one.ID != all[1].ID {
		c.Errorf("%+v", one)
	}
	browser.Do("PATCH", at, obj{"name": ""}).WantProblems("name blank")
	browser.Do("PATCH", at, obj{}).WantProblems("name required")
	for _, path := range []string{at, "/auth/passkeys/0/", "/auth/passkeys/99999999999999999999/", "/auth/passkeys/x/"} {
		other.Get(path).Want(404)
		other.Do("PATCH", path, obj{"name": "x"}).Want(404)
		other.Do("DELETE", path, nil).Want(404)
		c.Client().Get(path).Want(401)
	}
}

func passkeysAreRemoved(c *Case) {
	c.startPasskeys()
	browser, key := c.withPasskey("ann")
	other := c.Client()
	key.LogIn(other).Want(200)
	at := fmt.Sprint("/auth/passkeys/", c.passkeysOf(browser)[0].ID, "/")
	browser.Do("DELETE", at, nil).Want(204)
	browser.Do("DELETE", at, nil).Want(404)
	other.Get("/auth/user/").Want(401) // it may be an intruder's
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
	if len(c.passkeysOf(browser)) != 0 {
		c.Error("it is still listed")
	}
	key = c.Passkey(c.T, browser)
	c.With(passkeys(func(o *passkey.Options) { o.AllowOtherSessions = true }))
	c.App = c.another(c.Box.Configure)
	other = c.Client()
	key.LogIn(other).Want(200)
	mine := c.as(browser)
	mine.Do("DELETE", fmt.Sprint("/auth/passkeys/", c.passkeysOf(mine)[0].ID, "/"), nil).Want(204)
	other.Get("/auth/user/").Want(200)
}

func passkeysNeedARecentLogin(c *Case) {
	c.startPasskeys()
	browser, _ := c.withPasskey("ann")
	at := fmt.Sprint("/auth/passkeys/", c.passkeysOf(browser)[0].ID, "/")
	c.Clock.Advance(time.Hour)
	browser.Post("/auth/passkeys/register/begin/", nil).WantCode(403, "fresh_login_required")
	browser.Post("/auth/passkeys/register/begin/", obj{"password": "wrong"}).WantProblems("password password_incorrect")
	browser.Do("DELETE", at, nil).WantCode(403, "fresh_login_required")
	browser.Do("PATCH", at, obj{"name": "still"}).Want(200)
	begun := browser.Post("/auth/passkeys/register/begin/", obj{"password": authtest.Password}).Want(200)
	c.Clock.Advance(4 * time.Minute)
	completesKey(browser, c.NewPasskey(c.T).Create(begun)).Want(201)
	browser.Do("DELETE", at, obj{"password": authtest.Password}).Want(204)
}

// theLastWayInCannotBeRemoved: a user without a password needs a passkey that logs in (T179).
func theLastWayInCannotBeRemoved(c *Case) {
	c.startPasskeys()
	browser, _ := c.withPasskey("ann")
	c.set("ann", map[string]any{"password": "!"})
	at := fmt.Sprint("/auth/passkeys/", c.passkeysOf(browser)[0].ID, "/")
	browser.Do("DELETE", at, nil).WantProblems("non_field_errors passkey_last_way_in")
	weak := c.NewPasskey(c.T)
	weak.Unverified = true
	completesKey(browser, weak.Create(c.beginsPasskey(browser, "register"))).Want(201)
	browser.Do("DELETE", at, nil).WantProblems("non_field_errors passkey_last_way_in") // weak cannot log in alone
	c.Passkey(c.T, browser)
	browser.Do("DELETE", at, nil).Want(204)
}

func passkeyNotices(c *Case) {
	c.startPasskeys()
	browser := c.verified("ann")
	c.Passkey(c.T, browser)
	added := c.Mail("passkey_added")
	browser.Do("DELETE", fmt.Sprint("/auth/passkeys/", c.passkeysOf(browser)[0].ID, "/"), nil).Want(204)
	c.Mail("passkey_removed")
	key := c.Passkey(c.T, browser)
	c.Client().Post("/auth/security/revoke/", obj{"key": added.Key(c.T)}).Want(200) // "this was not me"
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
}

// passkeyTextsOfTheContract: texts and shapes of dj-rest-auth, as a client without problem+json sees them.
func passkeyTextsOfTheContract(c *Case) {
	c.startPasskeys()
	browser, key := c.withPasskey("ann")
	send, want := c.bodiesOf(browser)
	nonField := func(text string) string { return `{"non_field_errors":["` + text + `"]}` }
	register, login := "/auth/passkeys/register/complete/", "/auth/passkeys/login/complete/"
	want(send("POST", register, obj{}), `{"credential":["This field is required."]}`)
	want(send("POST", register, obj{"credential": obj{}}), nonField("Invalid credential format."))
	fresh := c.NewPasskey(c.T)
	begun := c.beginsPasskey(browser, "register")
	fresh.Origin = "https://evil.example"
	want(send("POST", register, obj{"credential": fresh.Create(begun)}), nonField("Registration verification failed."))
	want(send("POST", register, obj{"credential": fresh.Create(begun)}), nonField("Registration challenge has expired. Please start over."))
	want(send("POST", register, obj{"credential": key.Create(c.beginsPasskey(browser, "register"))}), nonField("This credential is already registered."))
	want(send("POST", login, obj{}), `{"credential":["This field is required."],"session_id":["This field is required."]}`)
	want(send("POST", login, obj{"credential": obj{}, "session_id": strings.Repeat("0", 32)}), nonField("Invalid credential format."))
	begun = c.beginsPasskey(browser, "login")
	want(send("POST", login, obj{"credential": key.Sign(begun), "session_id": strings.Repeat("0", 32)}), nonField("Authentication challenge has expired. Please start over."))
	fresh.Origin = ""
	var out passkey.RequestOptions
	begun.JSON(&out)
	want(send("POST", login, obj{"credential": fresh.Sign(begun), "session_id": out.SessionID}), nonField("Credential not found."))
	begun = c.beginsPasskey(browser, "login")
	begun.JSON(&out)
	key.Origin = "https://evil.example"
	want(send("POST", login, obj{"credential": key.Sign(begun), "session_id": out.SessionID}), nonField("Authentication verification failed."))
	want(send("DELETE", "/auth/passkeys/999/", nil), `{"detail":"Not found.","code":"not_found"}`)
	browser.Post(login, obj{"credential": obj{}, "session_id": "x"}).WantProblems("session_id invalid")
	browser.Post(register, obj{"credential": "text"}).WantProblems("credential invalid")
}

func passkeyTextsAreTranslated(c *Case) {
	c.startPasskeys()
	browser := c.verified("ann")
	seen := map[string]bool{}
	for _, lang := range []string{"en", "de", "fr", "es", "pt", "zh", "ja"} {
		text := browser.Do("POST", "/auth/passkeys/register/complete/", obj{"credential": obj{}}, "Accept-Language", lang, "Accept", "application/json").Want(400).Text
		if seen[text] {
			c.Errorf("%s: the same text as in another language: %s", lang, text)
		}
		seen[text] = true
	}
}
