package main

// Verification before measuring: each property of a system in the table is tested first.

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"gorm.io/gorm"
)

// verify logs in, forges, logs out and replays. It changes the user's address and changes it back.
func (s *system) verify(db *gorm.DB) error {
	for _, check := range []func(*gorm.DB) error{s.refusesStrangers, s.knowsItsUsers, s.loadsUserAsItSays, s.revocableAsItSays} {
		if err := check(db); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func (s *system) refusesStrangers(*gorm.DB) error {
	wrong := strings.Replace(s.loginBody(username(1)), password, "Mirror-Maze-88", 1)
	refused := send(s.handler, request(http.MethodPost, s.loginPath, wrong, nil))
	forged := s.logIn(username(1)).Clone()
	for _, values := range forged {
		middle := len(values[0]) / 2
		values[0] = values[0][:middle] + string(values[0][middle]^1) + values[0][middle+1:]
	}
	for what, credential := range map[string]http.Header{
		"no credential": nil, "a wrong password": s.credential(refused), "a forged credential": forged,
	} {
		if status, body := s.me(credential); status != http.StatusUnauthorized {
			return fmt.Errorf("%s gives %d %s, want 401", what, status, body)
		}
	}
	return nil
}

func (s *system) knowsItsUsers(*gorm.DB) error {
	for _, i := range []int{1, 2} {
		got, err := s.who(s.logIn(username(i)))
		if err != nil {
			return err
		}
		if got.User != username(i) && got.User != strconv.Itoa(i) {
			return fmt.Errorf("user %d is taken for %+v", i, got)
		}
	}
	return nil
}

func (s *system) loadsUserAsItSays(db *gorm.DB) error {
	credential := s.logIn(username(1))
	if err := moveEmails(db, 1, "moved@example.com"); err != nil {
		return err
	}
	got, err := s.who(credential)
	if err != nil {
		return err
	}
	if (got.Email == "moved@example.com") != s.loadsUser {
		return fmt.Errorf("the user after a change is %+v", got)
	}
	return moveEmails(db, 1, username(1)+"@example.com")
}

func (s *system) revocableAsItSays(*gorm.DB) error {
	credential := s.logIn(username(1))
	if out := send(s.handler, request(http.MethodPost, s.logoutPath, "", credential)); out.status >= http.StatusBadRequest {
		return fmt.Errorf("the logout gives %d %s", out.status, out.body.String())
	}
	status, _ := s.me(credential)
	if (status == http.StatusUnauthorized) != s.revocable {
		return fmt.Errorf("after the logout, the credential gives %d", status)
	}
	return nil
}

func (s *system) who(credential http.Header) (got reply, err error) {
	status, body := s.me(credential)
	if status != http.StatusOK {
		return got, fmt.Errorf("got %d %s", status, body)
	}
	return got, json.Unmarshal([]byte(body), &got)
}
