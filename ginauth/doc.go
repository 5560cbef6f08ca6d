// Package ginauth adds accounts to a Gin application: login, logout, registration, user details,
// password change and reset, e-mail verification, sessions, API tokens and JSON Web Tokens. It
// stores them in the application's GORM database.
//
// # Getting started
//
//	auth, err := ginauth.New(db, config.Config{Secret: secret}) // reports every mistake, by setting
//	err = auth.Migrate(ctx)                                     // creates the tables
//	err = auth.Register(router)                                 // /auth/login/, /auth/user/, ...
//
// [New] checks the configuration. [Auth.Migrate] creates missing tables and runs new migrations.
// [Auth.Register] mounts the routes: below /auth on an engine, directly on a group. Only Secret is
// required. The zero value of every other setting is the safe choice; see [config.Config].
//
// # Routes
//
// Paths, fields and responses are those of Python's dj-rest-auth, so front ends written for it
// work. README.md in this folder lists the routes and their bodies. [Auth.Routes] returns them as they are
// configured, and openapi.Serve of package openapi serves them as an OpenAPI document. [Auth.Use]
// puts your middleware before a route. A [core.Feature] adds routes.
//
// # Guards
//
// Guards are middleware for your own routes:
//
//	api := router.Group("/api", auth.RequireUser())
//	api.GET("/me", func(c *gin.Context) { user := ginauth.User(c) })
//
// [Auth.RequireUser] answers 401 if the request is not logged in. [Auth.OptionalUser] also serves
// requests that are not logged in. [Auth.RequireStaff], [Auth.RequireSuperuser], [Auth.Require],
// [RequireAs] and [Auth.RequireVerifiedEmail] look at the user. [Auth.RequireFresh] asks for a
// recent login. [Auth.RequireScope] also admits personal tokens that are limited to scopes. Behind
// a guard, [User], [UserAs] and [Session] return who made the request.
//
// # Your own user
//
//	type Member struct {
//		models.User
//		Role string
//	}
//
//	cfg.NewUser = config.Model[Member]() // and UserAs[Member](c) in handlers
//
// The library writes its own columns and no others. [Auth.CreateUser], [Auth.ConfirmEmail],
// [Auth.SetPassword], [Auth.SetActive] and [Auth.DeleteUser] manage users from your code.
// [Auth.LogIn] logs in a user that your handler has authenticated.
//
// # Forms, views, hooks and backends
//
// A form adds your fields to a request, see [config.Form]. A view replaces the body of a response,
// see [config.View] and [config.UserView]. A hook is called when something happens, see
// [config.Hooks]: Before hooks run in the transaction and can refuse the change, After hooks run
// when it is committed. A [config.Backend] checks passwords elsewhere, for example in a directory.
//
// # E-mail
//
// With a Sender in [config.Mail], users can confirm addresses, reset passwords, log in with a code
// and have several addresses, and they get notices about changes to their account. A mail is
// stored in the transaction of its request and sent by [Auth.Run]. Start it next to the server:
//
//	go func() { _ = auth.Run(ctx) }()
//
// Without [Auth.Run], or [Auth.SendOutbox] in your own scheduler, no mail is sent. Package mailer
// sends by SMTP and has senders for development. A sender of your own implements [config.Mailer], which has
// one method. Config.Texts replaces texts and mail templates, file by file and language by language.
//
// # Sessions and tokens
//
// A login creates a session: a row of the table auth_session. The session cookie holds a random
// key, and the row holds its SHA-256. [Auth.RequireUser] reads session and user in one query at
// each request, so a revoked session ends immediately; Config.Session.CacheFor trades some of that for speed.
//
// Opaque tokens and JSON Web Tokens refer to the same row. Config.Login chooses what a login
// returns. Users create personal tokens for their programs, with an expiry and scopes. The
// packages logincode, token and jwtroutes add the routes for this. You do not pass them to [New]:
// the configuration enables them.
//
// # Testing
//
// Packages authtest and authtest/memory log in a user in one line:
//
//	app := memory.New(t)
//	ann := app.User(t, "ann")
//	router.ServeHTTP(response, app.As(t, ann, httptest.NewRequest("GET", "/api/me", nil)))
//
// # Operations
//
//   - [Check] reports what [New] would reject, and risks that New cannot reject: settings for
//     development, weak settings, problems of the database, and mails that are not sent. Run it
//     before you go live. [Auth.Check] does the same for an Auth you already have.
//   - [Auth.Run] sends mails and deletes expired rows, at the start and every hour.
//   - [Auth.OutboxStats] shows whether mails are sent. [Auth.RetryFailedMails] queues failed mails again.
//   - Config.OldSecrets keeps cookies and links valid while you change Secret.
//
// The library leaves no goroutine behind, has no global state, does not change the database
// handle or the engine that you pass, and creates tables only in [Auth.Migrate]. You can run any
// number of instances.
//
// # Glossary
//
// These words have a fixed meaning in the documentation of all packages:
//
//   - session: one login of a user, on one client. All credentials of the login refer to it.
//   - credential: what a client sends to show that it is logged in: a session cookie, an opaque
//     token or a JSON Web Token.
//   - personal token: a token that a user creates for a program. It does not end with a logout.
//   - ticket: the one-time secret in a mail, as a link or a code. It confirms an address, sets a
//     password, logs in, or secures an account.
//   - notice: a mail that tells users about a change to their account. Its link ("it was not me")
//     secures the account.
//   - claim: an address that an account names but has not confirmed. Several accounts can claim an address;
//     the first to confirm it owns it, and the others lose it.
//   - pending sign-up: an account that cannot log in until its address is confirmed, with
//     config.VerifyMandatory. It is deleted if that does not happen in time.
//   - decoy: a ticket that is stored but never mailed, so that requests about a known and an unknown
//     address behave the same.
//   - epoch: a number on the user and on each session. Raising it on the user ends all sessions at
//     once, including logins in progress.
//   - recent login: a login, or a re-entered password, within Config.Session.Fresh. Sensitive
//     changes need one, or the password.
//   - feature: a package that adds to an Auth; see package core.
package ginauth
