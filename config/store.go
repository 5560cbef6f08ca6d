package config

import "github.com/gorilla/sessions"

// SessionStore is what a gin-contrib/sessions store is underneath. The interface is
// spelled this way so that this package does not import Gin; pass any store of
// gin-contrib/sessions (redis, memstore, gorm, ...) unchanged.
//
// A store must give a session a new ID when it is saved with an empty one, as all of
// gin-contrib's do; login depends on it to make fixation impossible, and answers 500
// where a store keeps the old ID.
//
// A store must sign the ID that it puts into the cookie, or anyone who reads the store could make
// the cookie; all of gin-contrib's do. Nothing else in it is a credential. The cookie has the
// attributes of Cookie, whatever the store sets.
//
// A store without a server side, which gin-contrib's cookie store and the default are, keeps
// values of the application in the cookie: at most 2 KB, and anyone who has a copy of the cookie
// can send them again after logout. Logins are rows of the table and end whatever the store.
//
// A store that hides its read errors (gin-contrib's gorm store does) makes an outage
// look like a missing session: 401 in place of 503.
type SessionStore interface{ sessions.Store }
