package dbtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// dump returns all rows of the library's tables.
func (c *Case) dump() string {
	c.Helper()
	var dump []string
	for _, table := range []string{"auth_user", "auth_session", "auth_email", "auth_ticket", "auth_outbox"} {
		var rows []map[string]any
		if err := c.DB.Table(table).Find(&rows).Error; err != nil {
			c.Fatal(err)
		}
		for _, row := range rows {
			for column, value := range row {
				dump = append(dump, fmt.Sprintf("%s.%s of %s%s is %s", table, column, row["id"], row["selector"], value))
			}
		}
	}
	slices.Sort(dump)
	return strings.Join(dump, "\n")
}

// djangoEncodings are encodings of "Looking-Glass-7" by other software: five by Django 3.2, one as Django 4 makes it
// with Python's hashlib, two by argon2-cffi, and one by hashlib in PHC form.
func djangoEncodings() []string {
	return []string{
		"pbkdf2_sha256$1000$NaClNaClNaCl$BSsUMlS/EHAAM8DrC+paLZIA9p77LO55tA2WkcBNoNA=",
		"pbkdf2_sha1$1000$NaClNaClNaCl$tbDtPKiCpqFSzth9YDuo3RteAFc=",
		"argon2$argon2id$v=19$m=64,t=1,p=2$TmFDbE5hQ2xOYUNs$toMF6iDxyhJr/Jwb1iVwWg",
		"bcrypt_sha256$$2b$04$TRbD3.2.8mEmKmuvhSpEmOhZqZJVoEGvscMctT/ooEUIgYUop.5Qi",
		"bcrypt$$2b$04$UTRwok3B2RhvjmpkuCwPv.StPPZeHQ2rqBjIa/rzgbeBi4PdwR2U.",
		"scrypt$1024$NaClNaClNaCl$8$5$0m5RXBmoz1g1sXtyoVHlL3wVnq5XAQgt38fq3dnYij5jPWpapHnSYoXrj9Jwp5Oakk2JA8KkTA5v8qdwV9LilQ==",
		"$argon2id$v=19$m=128,t=2,p=1$+7E86/w7MJuesUIioo030g$Z0kNjjf4kVlG7P/pCpUOVw",
		"$argon2i$v=19$m=128,t=2,p=1$iEQCGghKfblnxzT0Jd7r8Q$xTJh+J0JRq7n1M0BPOVNFw",
		"$scrypt$ln=10,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$2QulLOGAHEOHW4qVK8Vuv8yW8ADG+Gaw0gwkSjgXXIY",
	}
}

func (c *Case) addDjangoUser(name, email, password string) error {
	return c.DB.Table("auth_user").Create(map[string]any{
		"username": name, "email": email, "password": password, "first_name": "", "last_name": "", "is_superuser": false, "is_staff": false,
		"is_active": true, "date_joined": time.Date(2020, 1, 2, 3, 4, 5, 123456000, time.UTC),
	}).Error
}

func (c *Case) exec(statement string, args ...any) {
	c.Helper()
	if err := c.DB.Exec(statement, args...).Error; err != nil {
		c.Fatal(err)
	}
}

// bodiesOf returns a function that sends a request as a client without problem+json and returns the body, and one that compares bodies.
func (c *Case) bodiesOf(browser *authtest.Client) (send func(method, path string, body any) string, want func(got, want string)) {
	send = func(method, path string, body any) string {
		return strings.TrimSpace(browser.Do(method, path, body, "Accept", "application/json").Text)
	}
	want = func(got, want string) {
		c.Helper()
		if got != want {
			c.Errorf("got %s, want %s", got, want)
		}
	}
	return send, want
}
