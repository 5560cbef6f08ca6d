package dbtest

import (
	"strconv"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// ownLoginForgivesNobodyElse: a login that also names another user does not take back the failures for that name.
func ownLoginForgivesNobodyElse(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	c.User(c.T, "mallory")
	tried := 0
	for range 4 {
		n, _ := guess(c.from("203.0.113.1"), "ann", 4)
		tried += n
		own := authtest.Login("ann")
		own.Email = "mallory@example.com" // decides whose login it is
		c.from("203.0.113.1").Post("/auth/login/", own)
	}
	if tried != 4 && tried != 5 {
		c.Error(tried)
	}
}

// spellingsOfANameAreOne: each spelling with which a login finds a user counts as the same name. Other programs allow @ in names.
func spellingsOfANameAreOne(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	c.User(c.T, "ian")
	c.set("ian", map[string]any{"username": "ian@straße", "username_key": models.UsernameKey("ian@straße")})
	for _, names := range [][]string{
		{"ann", " ANN", "ａｎｎ", "Ann ", "aNn", "ann", "AnN"},
		{"ann@example.com", "ANN@Example.com", "ann＠example.com", " ann@example.com", "ann@ｅxample.com", "anN@example.com", "ann@example.com "},
		{"ian@straße", "ian@strasse", "IAN@STRASSE", "i̇an@strasse", "i̇̇an@strasse", "ian＠straße", "i̇an@straße"},
	} {
		tried := 0
		for i, name := range names {
			if c.from("203.0.113."+strconv.Itoa(i)).Post("/auth/login/", wrong(name)).StatusCode == 400 {
				tried++
			}
		}
		if tried != 5 {
			c.Error(names[0], tried)
		}
	}
}
