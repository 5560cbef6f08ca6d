package dbtest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// play sends the request of a case, after the requests that it depends on.
func (s *contractServer) play(t *testing.T, c contractCase) response {
	t.Helper()
	var mail authtest.Mail
	if c.Ask != "" {
		mail = s.requestMail(t, c.Ask)
	}
	if c.Confirm != "" {
		key := s.requestMail(t, "verify:"+c.Confirm).Key(t)
		s.browser().Post("/auth/registration/verify-email/", map[string]string{"key": key}).Want(200)
	}
	browser := s.browserOf(t, c.As, c.Token)
	browser.Header.Del("Accept")
	fill := s.filler(t, c, mail)
	if c.Cookies != nil {
		browser.Cookies = map[string]string{}
		for name, value := range c.Cookies {
			browser.Cookies[name] = fill(value)
		}
	}
	if strings.HasPrefix(c.As, "ended:") && strings.HasPrefix(c.Profile, "jwt") {
		browser.Clone().Do("POST", "/auth/logout/", fill(`{"refresh":"{refresh}"}`), "Content-Type", "application/json").Want(200)
	}
	header := []string{}
	for name, value := range c.Header {
		header = append(header, name, fill(value))
	}
	path := "/auth" + c.Path
	if strings.HasPrefix(c.Path, "//") {
		path = "/" + path
	}
	body := c.body(fill)
	for range c.Times - 1 {
		browser.Do(c.Method, path, body, header...)
	}
	before := s.sent(t)
	r := browser.Do(c.Method, path, body, header...)
	return responseOf(t, r, c.Method, int(s.sent(t)-before))
}

func (c contractCase) body(fill func(string) string) any {
	switch {
	case c.Padding > 0:
		return `{"username": "alice", "password": "` + strings.Repeat("x", c.Padding) + `"}`
	case c.Fields > 0:
		var form strings.Builder
		for i := range c.Fields {
			fmt.Fprintf(&form, "f%d=%d&", i, i)
		}
		return form.String()
	case c.Body == "":
		return nil
	}
	return fill(c.Body)
}

// browserOf returns the browser that sends the request. Its user has a live session, unless the case says that something
// happened to it.
func (s *contractServer) browserOf(t *testing.T, as string, token bool) *authtest.Client {
	t.Helper()
	event, name, found := strings.Cut(as, ":")
	if !found {
		event, name = "", as
	}
	if name == "" {
		return s.browser()
	}
	browser := s.login(t, name)
	if token {
		browser.Header.Set("Authorization", "Token "+s.keys[name])
		browser.Cookies = map[string]string{}
	}
	before := browser.Clone()
	s.applyEvent(t, event, name, browser)
	return before
}

// applyEvent applies an event to a user or to the session of the user's browser.
func (s *contractServer) applyEvent(t *testing.T, event, name string, browser *authtest.Client) {
	t.Helper()
	switch event {
	case "ended":
		browser.Post("/auth/logout/", nil).Want(200)
	case "changed":
		body := map[string]string{
			"old_password": "Wonderland-42!", "new_password1": "Looking-Glass-7", "new_password2": "Looking-Glass-7",
		}
		s.login(t, name).Post("/auth/password/change/", body).Want(200)
	case "reset":
		m := s.requestMail(t, event+":"+name)
		s.browser().Post("/auth/password/reset/confirm/", map[string]string{
			"uid": m.UID(t), "token": m.Key(t), "new_password1": "Looking-Glass-7", "new_password2": "Looking-Glass-7",
		}).Want(200)
	case "deactivated":
		s.deactivate(t, name)
	case "deleted":
		if err := s.db.Exec("DELETE FROM auth_user WHERE id = ?", s.users[name]).Error; err != nil {
			t.Fatal(err)
		}
	case "expired":
		s.Clock.Advance(6 * time.Minute)
	case "expired-refresh":
		s.Clock.Advance(15 * 24 * time.Hour)
	case "other":
		s.login(t, name).Post("/auth/logout/", nil).Want(200)
	}
}

func (s *contractServer) login(t *testing.T, name string) *authtest.Client {
	t.Helper()
	if s.users[name] == 0 {
		s.create(t, name, name+"@example.com", "Wonderland-42!")
	}
	browser := s.browser()
	body := map[string]string{"username": name, "email": name + "@example.com", "password": "Wonderland-42!"}
	var out binding.LoginResponse
	browser.Post("/auth/login/", body).Want(200).JSON(&out)
	s.keys[name] = out.Key
	p := tokenPair{session: browser.Cookies["__Host-session"], access: browser.Cookies["access"], refresh: browser.Cookies["refresh"]}
	if out.Tokens != nil && out.Access != "" {
		p.access, p.refresh = out.Access, out.Refresh
	}
	s.pairs[name] = p
	return browser
}

// filler replaces the placeholders of credentials by those of the case's user.
func (s *contractServer) filler(t *testing.T, c contractCase, mail authtest.Mail) func(string) string {
	t.Helper()
	var uid, key string
	if c.Ask != "" {
		uid, key = mail.UID(t), mail.Key(t)
	}
	_, name, found := strings.Cut(c.As, ":")
	if !found {
		name = c.As
	}
	own := s.pairs[name]
	if c.As != "" && strings.HasPrefix(c.Profile, "jwt") {
		if s.pairs["user19"].refresh == "" || strings.Contains(c.Cookies["refresh"], "{other}") {
			s.login(t, "user19")
		}
	}
	const foreign = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIn0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	return strings.NewReplacer("{access}", own.access, "{refresh}", own.refresh, "{session}", own.session,
		"{uid}", uid, "{token}", key, "{key}", key, "{tampered}", strings.TrimRight(key, key[max(len(key)-1, 0):])+"_",
		"{other}", s.pairs["user19"].refresh, "{foreign}", foreign).Replace
}
