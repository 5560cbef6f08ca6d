// Package ginauth gives a Gin application accounts: login, logout, registration, user
// details, password change, sessions, API tokens and JSON Web Tokens, on the
// application's GORM database.
//
// # Start
//
//	auth, err := ginauth.New(db, config.Config{Secret: secret}) // every mistake, by field
//	err = auth.Migrate(ctx)                                     // explicit, idempotent
//	err = auth.Register(router)                                 // /auth/login/, /auth/user/, ...
//
//	api := router.Group("/api", auth.RequireUser())
//	api.GET("/me", func(c *gin.Context) { user := ginauth.User(c) })
//
// Paths, fields and answers are those of Python's dj-rest-auth, so front ends written
// for it work; the README lists every difference and its reason.
//
// Settings are in package config; users with columns of your own come from
// config.Model. Package authtest helps to test what is behind a login.
//
// # How it works
//
// A session is a row in auth_session. The cookie, carried by any gin-contrib/sessions
// store, holds a random key; the row holds its SHA-256, and what the key is worth:
// the user, the lifetimes, and the user's epoch at login. [Auth.RequireUser] reads row
// and user in one query at each request, so what was ended is over at once.
//
// Opaque tokens and JSON Web Tokens hang on the same row; config.Config.Login chooses
// what a login gives. Personal tokens, which users make for their programs, are rows of
// the same table, with an expiry and scopes; see [Auth.RequireScope].
//
// T-numbers in comments name threats; CONTRIBUTING.md lists them with their tests.
//
// # What it leaves alone
//
// The library starts no goroutine, keeps no global, changes neither the handle nor the
// engine it is given, and creates tables only in [Auth.Migrate]. Call [Auth.Sweep] now
// and then to delete expired rows.
package ginauth
