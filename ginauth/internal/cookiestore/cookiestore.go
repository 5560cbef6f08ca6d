// Package cookiestore is the default session store: gorilla's cookie store, with a codec that encrypts and authenticates
// with keys from the application's secret, and a serializer that does not use reflection. It does not decide whether a user
// is logged in.
package cookiestore

import (
	"io"
	"time"

	"github.com/gorilla/sessions"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
)

// MaxCookie is the largest cookie that browsers accept, name and value together (RFC 6265bis, section 5.6). They silently
// drop larger ones.
const MaxCookie = 4096

// Store is gorilla's cookie store, and also reads single values.
type Store struct {
	*sessions.CookieStore
	name string
}

// New returns a store for cookies with this name. It writes with the first secret and reads with all of them. It does not
// read cookies older than maxAge by the clock now, and returns an error instead of writing a cookie that browsers would
// drop.
func New(name string, secrets []string, maxAge time.Duration, rand io.Reader, now func() time.Time) (*Store, error) {
	store := &Store{&sessions.CookieStore{Options: &sessions.Options{Path: "/"}}, name}
	for _, s := range secrets {
		key, err := secret.Derive(s, "session cookie", chacha20poly1305.KeySize)
		if err != nil {
			return nil, err
		}
		aead, err := chacha20poly1305.NewX(key)
		if err != nil {
			return nil, err
		}
		store.Codecs = append(store.Codecs, codec{aead, rand, now, maxAge, MaxCookie - len(name)})
	}
	return store, nil
}

// Text returns a string from the values in a cookie, or "". It is faster than decoding a session.
func (s *Store) Text(cookie, key string) string {
	for _, c := range s.Codecs {
		if values, err := c.(codec).open(s.name, cookie); err == nil {
			return textIn(values, key)
		}
	}
	return ""
}
