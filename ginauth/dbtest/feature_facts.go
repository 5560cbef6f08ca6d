package dbtest

// GET config/: what front ends can know, and what features add to it.

import (
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
)

const defaultPublicConfig = `{"login":{"methods":["username","email"],"credentials":["cookie"],"code":false},` +
	`"registration":{"username":"required","email":"optional","logs_in":true,"restricted":false},` +
	`"username":{"min_length":1,"max_length":150,"pattern":""},"email":{"max_length":254},` +
	`"password":{"min_length":8,"max_bytes":1024,"rules":["not_similar","not_common","not_numeric"]},"factors":[],"captcha":null,` +
	`"languages":["de","en","es","fr","ja","pt","zh"],"default_language":"en","email_verification":"none","features":{}}`

// publicConfigIsTheSameForEveryone: no matter who asks, in which language, and how many users there are.
func publicConfigIsTheSameForEveryone(c *Case) {
	c.Start()
	first := c.Client().Get("/auth/config/").Want(200)
	if first.Text != defaultPublicConfig {
		c.Errorf("got %s", first.Text)
	}
	tag := first.Header.Get("ETag")
	if first.Header.Get("Cache-Control") != "public, max-age=300" || len(tag) < 10 || first.Header.Get("Set-Cookie") != "" {
		c.Errorf("headers %v", first.Header)
	}
	ann := c.SignedUp("ann")
	ann.Patch("/auth/user/", obj{"locale": "de"}).Want(200)
	for _, r := range []*authtest.Response{
		ann.Get("/auth/config"), ann.Do("GET", "/auth/config/", nil, "Accept-Language", "ja", "Origin", "https://evil.example"),
		c.Client().Do("GET", "/auth/config/?v=1", nil, "Authorization", "Token wrong"),
	} {
		if r.Want(200).Text != first.Text || r.Header.Get("ETag") != tag {
			c.Errorf("got %s", r.Text)
		}
	}
	other := authtest.New(c.T, c.open(c.T)) // another instance
	if r := authtest.NewClient(c.T, other.Router).Get("/auth/config/").Want(200); r.Header.Get("ETag") != tag {
		c.Errorf("another instance says %s", r.Text)
	}
	authtest.NewClient(c.T, c.Router).Do("GET", "/auth/config/", nil, "If-None-Match", tag).Want(304)
	c.Client().Post("/auth/config/", obj{}).Want(405)
	ann.Get("/auth/user/").Want(200)
}

func publicConfigFollowsTheSettings(c *Case) {
	c.With(func(s *core.Setup) error {
		s.Name("shop")
		s.Factor("zip")
		s.Factor("pin")
		mutable := map[string]any{"providers": []string{"google"}}
		s.Facts("shop", mutable)
		mutable["providers"] = "changed"
		return nil
	}).StartMail(withEverything, mandatory, byCode, func(cfg *config.Config) {
		cfg.LoginMethods = []config.LoginMethod{config.LoginByEmail}
		cfg.TrustedOrigins = []string{"https://canary.example.com"}
		cfg.Username = config.Username{MinLength: 3, Pattern: "[a-z]+"}
		cfg.PasswordRules = append(config.DefaultPasswordRules(), config.MinLength(12), &config.NotBreached{})
		cfg.Hash = config.Hash{Algorithm: "bcrypt", Cost: 4, InsecureCheapForTests: true}
		cfg.Captcha = config.Captcha{Verifier: config.Turnstile("canary"), SiteKey: "0x4AAA"}
		cfg.DefaultLocale = "de"
	})
	r := c.Client().Get("/auth/config/").Want(200)
	var out binding.PublicConfig
	r.JSON(&out)
	for _, want := range []string{
		`"methods":["email"],"credentials":["cookie","token","jwt"],"code":true`, `"email":"required","logs_in":false`, `"min_length":3,"max_length":150,"pattern":"[a-z]+"`,
		`"min_length":12,"max_bytes":72,"rules":["not_similar","not_common","not_numeric","not_breached"]`, `"factors":["pin","zip"]`,
		`"captcha":{"kind":"turnstile","site_key":"0x4AAA","always":["registration"],"after_half":["login"]}`,
		`"default_language":"de","email_verification":"mandatory","features":{"shop":{"providers":["google"]}}`,
	} {
		if !strings.Contains(r.Text, want) {
			c.Errorf("no %s in %s", want, r.Text)
		}
	}
	if strings.Contains(r.Text, "canary") || strings.Contains(r.Text, "example.com") {
		c.Errorf("it tells %s", r.Text)
	}
}

func publicConfigCanBeHidden(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.HideConfig = true })
	if r := authtest.NewClient(c.T, c.Router).Get("/auth/config/"); r.StatusCode != 404 {
		c.Errorf("status %d", r.StatusCode)
	}
}

func wrongFactsAreErrorsOfNew(c *Case) {
	err := c.newWith(func(s *core.Setup) error {
		s.Name("shop")
		s.Facts("shop", 1)
		s.Facts("shop", 2)
		s.Facts("Shop", 1)
		s.Facts("wire", make(chan int))
		return nil
	})
	for _, want := range []string{`shop: the name "shop" of facts is taken`, `shop: the name "Shop" of facts`, `shop: the facts "wire": json`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			c.Errorf("no %s in %v", want, err)
		}
	}
}

// factsOfFeatures: providers in their order with their paths, and the second factors, without client IDs and hosts.
func factsOfFeatures(c *Case) {
	second := acme()
	second.Name = "another"
	c.With(socialtest.New(c.T).Feature(second, acme()), mfa.Feature(mfa.Options{Digits: 8})).Start()
	text := c.Client().Get("/auth/config/").Want(200).Text
	for _, want := range []string{
		`"social":{"providers":[{"name":"another","login":"another/","connect":"another/connect/"},{"name":"acme","login":"acme/","connect":"acme/connect/"}],"signup":"socialsignup/"}`,
		`"mfa":{"factors":["totp","recovery_code"],"digits":8,"trust_days":0,"recovery":false}`, `"factors":["totp"]`,
	} {
		if !strings.Contains(text, want) {
			c.Errorf("no %s in %s", want, text)
		}
	}
	if strings.Contains(text, "our-") || strings.Contains(text, "login.acme.example") {
		c.Errorf("it tells %s", text)
	}
}
