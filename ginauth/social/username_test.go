package social_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// userNamesAreMadeUnique: the suggestion gets a number if it is taken, and has valid characters only.
func userNamesAreMadeUnique(c *dbtest.Case) {
	idp := start(c, acme())
	c.SignedUp("ann")
	for i, claims := range []obj{
		{"preferred_username": "ann"}, {"preferred_username": "ANN"}, {"preferred_username": "a n n"}, {"preferred_username": "ann@evil.example"}, {"nickname": "Zoë"},
		{"preferred_username": "..", "email": "bob.x+y@example.com"}, {"preferred_username": "\u0000\u202e", "name": "Ann van Dam"}, {}, {"preferred_username": strings.Repeat("x", 400)},
	} {
		_, user := entered(c, idp, fmt.Sprint("s", i), claims)
		if !binding.ValidUsername(user.Username) || len(user.Username) > 45 {
			c.Errorf("%v: the name is %q", claims, user.Username)
		}
	}
}

// userNamesFollowTheRules: reserved names get a number, and a pattern is kept if a suggestion can keep it.
func userNamesFollowTheRules(c *dbtest.Case) {
	pattern := "[a-z0-9]{3,40}"
	for range 2 {
		idp := start(c, acme(), func(cfg *config.Config) { cfg.Username.Pattern = pattern })
		for i, claims := range []obj{{"preferred_username": "Ann.van-Dam"}, {"preferred_username": "ab"}, {}, {"preferred_username": "admin"}} {
			_, r := enter(c, obj{"id_token": idp.idToken(fmt.Sprint("s", i), claims)})
			if pattern == "[A-Z]+" {
				if out := asksFor(c, r); !slices.Equal(out.Required, []string{"username"}) {
					c.Errorf("%v: the response is %+v", claims, out)
				}
				continue
			}
			r.Want(200)
			var user models.User
			if err := c.DB.Order("id DESC").First(&user).Error; err != nil || len(c.Auth.Config().Username.Problems(user.Username)) > 0 {
				c.Errorf("%v: the name is %q, %v", claims, user.Username, err)
			}
		}
		pattern = "[A-Z]+"
	}
}
