// Package ginauth gives a Gin application accounts: login, logout, registration, user
// details, password change and reset, e-mail verification, sessions, API tokens and JSON Web
// Tokens, on the application's GORM database.
//
// # Starting
//
//	auth, err := ginauth.New(db, config.Config{Secret: secret}) // every mistake, by field
//	err = auth.Migrate(ctx)                                     // explicit, idempotent
//	err = auth.Register(router)                                 // /auth/login/, /auth/user/, ...
//
// [New] checks the configuration, [Auth.Migrate] makes the tables that are missing, and
// [Auth.Register] mounts the routes: below /auth on an engine, directly on a group. Only
// Secret must be set; the zero value of every other setting is the safe choice. See
// [config.Config] for all of them.
//
// # The routes
//
// Paths, fields and answers are those of Python's dj-rest-auth, so front ends written for it
// work; the README lists the routes, and every difference with its reason. [Auth.Routes] lists
// them as they are configured. [Auth.Use] puts middleware before single ones. A [core.Feature] adds
// routes of its own: openapi.Serve of package openapi adds openapi.json, which describes the
// routes with the application's own forms and answers, and docs/, which shows it to people.
//
// # Who is logged in
//
//	api := router.Group("/api", auth.RequireUser())
//	api.GET("/me", func(c *gin.Context) { user := ginauth.User(c) })
//
// [Auth.RequireUser] answers 401 to strangers, [Auth.OptionalUser] lets them through. Narrower
// are [Auth.RequireStaff], [Auth.RequireSuperuser], [Auth.Require] with a rule of the
// application's, [Auth.RequireVerifiedEmail], [Auth.RequireFresh] for what somebody at an open
// session must not do, and [Auth.RequireScope] for programs with a token. Behind any of them
// [User], [UserAs] and [Session] say who it is. Values of the application's own go into the gin
// session, see [Auth.Sessions].
//
// # Your own user
//
//	type Member struct {
//		models.User
//		Company string
//	}
//
//	cfg.NewUser = config.Model[Member]() // and UserAs[Member](c) in handlers
//
// The library writes its own columns and no other. Where users do not sign up themselves,
// [Auth.CreateUser], [Auth.ConfirmEmail] and [Auth.SetActive] do what command lines and imports
// need.
//
// # Forms, answers and hooks
//
// A form of one's own embeds the library's and adds fields, see [config.Form]; a view replaces
// the body of an answer, see [config.View] and [config.UserView]. Hooks are told what happens:
// those whose name begins with Before run in the transaction and may refuse, those with After
// when all is stored; see [config.Hooks]. A [config.Backend] checks passwords elsewhere.
//
// # E-mail
//
// With a [config.Mail] Sender users can confirm addresses, reset passwords, log in by a code and
// have several addresses, and are told when something happens to their account. A mail is
// written in the transaction of what it tells of; start what sends it beside the server:
//
//	go func() { _ = auth.Run(ctx) }()
//
// Without [Auth.Run], or [Auth.SendOutbox] by a scheduler, no mail goes out.
// Config.EmailVerification says what an unconfirmed address may do. Package mailer has senders
// for SMTP and for development; a [config.Mailer] of one's own has one method. Config.Texts
// replaces the words and looks of mails and the texts of answers, file by file and language by
// language.
//
// # Sessions and tokens
//
// A session is a row in auth_session. The cookie, carried by any gin-contrib/sessions store,
// holds a random key; the row holds its SHA-256, and what the key is worth: the user, the
// lifetimes, and the user's epoch at login. [Auth.RequireUser] reads row and user in one query
// at each request, so a revocation takes effect at once. Session.CacheFor of the configuration trades some of that for speed.
//
// Opaque tokens and JSON Web Tokens hang on the same row; config.Config.Login chooses what a
// login gives. Personal tokens, which users make for their programs, are rows of the same table
// with an expiry and scopes. Login by code, personal tokens and the routes of JSON Web Tokens are features, in packages
// logincode, token and jwtroutes. You do not list them in [New]: the configuration switches them on.
//
// # Testing
//
// Packages authtest and authtest/memory test what is behind a login, in one line each:
//
//	app := memory.New(t)
//	ann := app.User(t, "ann")
//	router.ServeHTTP(answer, app.As(t, ann, httptest.NewRequest("GET", "/api/me", nil)))
//
// # Operations
//
//   - [Check] lists what New refuses, and what New cannot refuse because it is right in development:
//     weak settings, a database that is not as it should be, mails that do not go out. Run it before
//     going live; [Auth.Check] does the latter for an Auth that is there.
//   - [Auth.Run] sends mails and deletes expired rows, at the start and every hour.
//   - [Auth.OutboxStats] tells whether mails go out, [Auth.RetryFailedMails] tries those once more
//     that were given up.
//   - Config.OldSecrets keeps cookies good while Secret is changed.
//
// The library leaves no goroutine behind, keeps no global, changes neither the handle nor the engine it
// is given, and creates tables only in [Auth.Migrate]. It may run in any number of instances.
//
// T-numbers in comments name threats; SECURITY.md lists them with their tests.
package ginauth
