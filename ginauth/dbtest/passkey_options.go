package dbtest

// Settings of passkeys, their findings, and the documents at /.well-known/.

import (
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
)

// newError returns the error of New with features.
func (c *Case) newError(change func(*config.Config), features ...core.Feature) error {
	c.Helper()
	cfg := authtest.Prepare(c.T, c.DB).Auth.Config()
	change(&cfg)
	_, err := ginauth.New(c.DB, cfg, features...)
	return err
}

// passkeyDocumentsAreAtTheRoot for browsers and password managers. From a group, the application mounts the handlers.
func passkeyDocumentsAreAtTheRoot(c *Case) {
	feature := passkeys(func(o *passkey.Options) {
		o.Origins = append(o.Origins, "https://example.org", "android:apk-key-hash:PpxMcBvK2Bz5kZ2x4dqdqmL3q0EYEcZYVBvtuo7JDkE")
		o.EnrollPage, o.ManagePage = "https://example.com/account/passkeys/new", "https://example.com/account/passkeys"
	})
	c.With(feature).Start()
	read := func(path string) string {
		r := c.browser().Get("/.well-known/" + path)
		if r.StatusCode == 200 && r.Header.Get("Content-Type") != "application/json" {
			c.Errorf("%s: %s", path, r.Header.Get("Content-Type"))
		}
		return strings.TrimSpace(r.Text)
	}
	related, endpoints := `{"origins":["https://example.com","https://example.org"]}`, `{"enroll":"https://example.com/account/passkeys/new","manage":"https://example.com/account/passkeys"}`
	if got := read("webauthn"); got != related {
		c.Errorf("webauthn: %s", got)
	}
	if got := read("passkey-endpoints"); got != endpoints {
		c.Errorf("passkey-endpoints: %s", got)
	}
	c.browser().Do("HEAD", "/.well-known/webauthn", nil).Want(200)
	c.App = authtest.With(feature).Prepare(c.T, c.DB)
	if err := c.Auth.Register(c.Router.Group("/api/auth")); err != nil {
		c.Fatal(err)
	}
	c.browser().Get("/.well-known/webauthn").Want(404)
	if log := c.Log.String(); !strings.Contains(log, "a well-known document has no route") {
		c.Errorf("log %s", log)
	}
	c.Router.GET("/.well-known/webauthn", passkey.RelatedOrigins(c.Auth))
	c.Router.GET("/.well-known/passkey-endpoints", passkey.Endpoints(c.Auth))
	if got := read("webauthn") + read("passkey-endpoints"); got != related+endpoints {
		c.Errorf("mounted: %s", got)
	}
	c.With(passkeys()).Start()
	if r := c.browser().Get("/.well-known/passkey-endpoints"); r.StatusCode != 404 {
		c.Errorf("without pages: %d", r.StatusCode)
	}
}

func passkeySettingsAreChecked(c *Case) {
	c.Start()
	for want, o := range map[string]passkey.Options{
		"needs the origin of a page": {}, `"example.com" is not an origin`: {Origins: []string{"example.com"}},
		`"https://example.com/" is not an origin`:     {Origins: []string{"https://example.com/"}},
		`"https://Example.com" is not an origin`:      {Origins: []string{"https://Example.com"}},
		`"https://u:p@example.com" is not an origin`:  {Origins: []string{"https://u:p@example.com"}},
		`"android:apk-key-hash:" is not an origin`:    {Origins: []string{"https://example.com", "android:apk-key-hash:"}},
		"passkey.Options.RPID: passkey: must be a":    {Origins: []string{"https://192.0.2.1"}},
		"passkey.Options.RPID: passkey: must be a do": {Origins: []string{"https://example.com"}, RPID: "https://example.com"},
		"is 101, and must be 1 to 100":                {Origins: []string{"https://example.com"}, MaxPerUser: 101},
		"passkey.Options.EnrollPage":                  {Origins: []string{"https://example.com"}, EnrollPage: "/passkeys"},
		"passkey.Options.ManagePage":                  {Origins: []string{"https://example.com"}, ManagePage: "http://example.com/passkeys"},
	} {
		if err := c.newError(func(*config.Config) {}, passkey.Feature(o)); err == nil || !strings.Contains(err.Error(), want) {
			c.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
	for _, origin := range []string{"http://localhost:8080", "https://app.example.com:8443"} {
		if err := c.newError(func(*config.Config) {}, passkey.Feature(passkey.Options{Origins: []string{origin}})); err != nil {
			c.Errorf("%s: %v", origin, err)
		}
	}
}

// passkeyFindings of Check: origins where browsers have no passkeys, and options that weaken security.
func passkeyFindings(c *Case) {
	found := func(change func(*passkey.Options)) (all []string) {
		c.Helper()
		c.With(passkeys(change)).StartMail(production)
		for _, f := range c.found(c.Auth) {
			if f.Setting == "passkey.Options" {
				all = append(all, f.Problem)
			}
		}
		return all
	}
	if all := found(func(*passkey.Options) {}); len(all) != 0 {
		c.Errorf("found %q", all)
	}
	for want, change := range map[string]func(*passkey.Options){
		"Origins has http://example.com, where browsers have no passkeys":       func(o *passkey.Options) { o.Origins = []string{"http://example.com"} },
		"RPID is example.org, which is neither the host of https://example.com": func(o *passkey.Options) { o.RPID = "example.org" },
		"RPID is ple.com, which is neither":                                     func(o *passkey.Options) { o.RPID = "ple.com" },
		"AllowUnverifiedUsers is set":                                           func(o *passkey.Options) { o.AllowUnverifiedUsers = true },
		"AllowOtherSessions is set":                                             func(o *passkey.Options) { o.AllowOtherSessions = true },
	} {
		if all := found(change); len(all) != 1 || !strings.Contains(all[0], want) {
			c.Errorf("found %q, want %q", all, want)
		}
	}
	for _, origin := range []string{"http://localhost:8080", "https://app.example.com"} {
		if all := found(func(o *passkey.Options) { o.Origins = []string{origin} }); len(all) != 0 {
			c.Errorf("%s: found %q", origin, all)
		}
	}
	c.With(passkeys()).Start(production)
	if !slices.ContainsFunc(c.found(c.Auth), func(f ginauth.Finding) bool { return strings.Contains(f.Problem, "no mail when a passkey") }) {
		c.Error("nothing about mails")
	}
}

// appsUsePasskeys with the origin of their signing certificate, compared exactly.
func appsUsePasskeys(c *Case) {
	const app = "android:apk-key-hash:PpxMcBvK2Bz5kZ2x4dqdqmL3q0EYEcZYVBvtuo7JDkE"
	c.With(passkeys(func(o *passkey.Options) { o.Origins = append(o.Origins, app) })).StartMail()
	_, key := c.withPasskey("ann")
	key.Origin = app
	key.LogIn(c.Client()).Want(200)
	for _, other := range []string{strings.ToLower(app), app + "A", app[:len(app)-1]} {
		key.Origin = other
		key.LogIn(c.Client()).WantProblems("non_field_errors passkey_failed")
	}
}
