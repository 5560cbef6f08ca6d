package config

import "github.com/gorilla/sessions"

// SessionStore is a store of gin-contrib/sessions or gorilla/sessions: redis, memstore, gorm and others.
// Pass it unchanged. The type is declared this way so that this package does not import Gin.
//
// A store must give a session a new ID when it is saved with an empty one, as all stores of
// gin-contrib do. Login needs that to prevent session fixation. If the store keeps the old
// ID, the login fails with 500.
//
// A store must sign the ID that it puts into the cookie, as all stores of gin-contrib do. Otherwise
// anyone who can read the store could forge the cookie. Nothing else in the store is a credential. The
// cookie has the attributes of [Cookie], whatever the store sets.
//
// The default and gin-contrib's cookie store keep everything in the cookie. Your own values in it can
// have at most 2 KB, and anyone who has a copy of the cookie can send them again after logout. The login
// itself ends at logout with every store, because it is a row of the table auth_session.
//
// If a store hides its read errors, as gin-contrib's gorm store does, an outage looks like a missing
// session: users get 401 instead of 503.
type SessionStore interface{ sessions.Store }
