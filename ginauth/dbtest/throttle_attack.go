package dbtest

import "github.com/ginauth/gin-rest-auth/ginauth/authtest"

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
