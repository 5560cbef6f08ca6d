// Package ginauth gives a Gin application accounts: login, logout, registration, user
// details, password change and sessions, on the application's GORM database.
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
// # How it works
//
// The route table in routes.go leads to one handler a flow, in the file of its name.
// Request structs of package binding are decoded and validated, authenticate.go finds
// out who somebody is, every way in ends in signIn, and respond.go writes every answer.
//
// A session is a row in auth_session. The cookie, carried by any gin-contrib/sessions
// store, holds a random key; the row holds its SHA-256, and what the key is worth:
// the user, the lifetimes, and the user's epoch at login. [Auth.RequireUser] reads row
// and user in one query at each request, so what was ended is over at once.
//
// # What it leaves alone
//
// The library starts no goroutine, keeps no global, changes neither the handle nor the
// engine it is given, and creates tables only in [Auth.Migrate]. Call [Auth.Sweep] now
// and then to delete expired rows.
package ginauth
