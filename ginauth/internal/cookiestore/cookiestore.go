// Package cookiestore is the default session store: gorilla's cookie store, whose
// codec encrypts and signs, with keys from the application's secret and a serializer
// that does not use reflection. It decides nothing about who is logged in.
package cookiestore

import (
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
)

// MaxCookie is how much of a cookie browsers take, name and value together (RFC 6265bis,
// section 5.6). They drop a larger one without a word.
const MaxCookie = 4096

// New returns a store for cookies of a name that writes with the first secret and reads with
// all. A cookie older than maxAge is not read; one that browsers would not keep is an error.
func New(name string, secrets []string, maxAge time.Duration) (*sessions.CookieStore, error) {
	store := &sessions.CookieStore{Options: &sessions.Options{Path: "/"}}
	for _, s := range secrets {
		sign, err := secret.Derive(s, "session cookie signature", 32)
		if err != nil {
			return nil, err
		}
		encrypt, err := secret.Derive(s, "session cookie encryption", 32)
		if err != nil {
			return nil, err
		}
		codec := securecookie.New(sign, encrypt).SetSerializer(serializer{}).MaxAge(int(maxAge / time.Second))
		codec.MaxLength(MaxCookie - len(name))
		store.Codecs = append(store.Codecs, codec)
	}
	return store, nil
}
