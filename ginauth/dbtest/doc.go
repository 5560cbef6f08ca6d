// Package dbtest is the suite of the library's behaviour. It is written once, over HTTP and through
// the public API, and runs on every database. It imports no driver, so you can run it on any database
// that GORM opens:
//
//	func TestMyDatabase(t *testing.T) { dbtest.Run(t, openFresh) }
//
// A feature, also one of another module, has its own cases in a [Group] and runs them on the same databases:
//
//	var Cases = dbtest.Group{Name: "totp", Cases: []func(*dbtest.Case){codeIsAsked, codeCountsOnce}}
//
//	func codeIsAsked(c *dbtest.Case) {
//		c.With(totp.Feature()).StartMail()
//		ann := c.SignedUp("ann")
//		...
//	}
//
//	func TestSQLite(t *testing.T) { dbtest.Run(t, openSQLite, Cases) }
//
// # Index
//
// A test is named by its group and case: TestSQLite/reset/RaceToReset. A group is in the file of its name,
// and in those whose names begin with it.
//
//   - backend: accounts of another user store: a directory, LDAP. backend.go, backend_directory.go, backend_name.go
//   - cache: sessions that are kept for Session.CacheFor. cache.go, cache_attack.go
//   - calls: what an application calls in its own code: LogIn, LogOut, SetPassword, DeleteUser. calls.go, calls_check.go
//   - check: what Check finds. check.go, check_db.go
//   - claim: addresses that nobody has confirmed, and several accounts that name one. claim.go
//   - column: the application's own columns, and what seals them. column.go, column_sealed.go
//   - cookie: cookies: attributes, twins, sizes, what a browser sends back. cookie.go, cookie_browser.go
//   - credential: which credential a login gives, and several on one request. credential.go, credential_mixed.go
//   - delete: deletion of an account, with and without grace, and the sweep. delete.go
//   - challenge: logins of users with a second factor. challenge.go, challenge_attack.go, challenge_takeover.go
//   - email: a user's addresses: add, confirm, change, remove. email.go, email_attack.go
//   - factor: the names of a user's second factors. factor.go
//   - fault: a database that fails, hangs, or takes a transaction back. fault.go, fault_deadline.go, fault_read.go
//   - feature: what a third party's feature declares: routes, texts, codes, tables, findings. feature.go, feature_table.go,
//     feature_misuse.go, feature_texts.go
//   - form: the application's own forms and views. form.go, form_own.go, form_tx.go
//   - guard: RequireUser and the other guards, and middleware that refuses. guard.go, guard_fail.go
//   - hook: hooks before and after each event. hook.go, hook_address.go, hook_event.go
//   - http: requests and responses as they are written: bodies, methods, headers, errors. http.go, http_wire.go
//   - jwt: JSON Web Tokens, their claims and keys. jwt.go, jwt_claims.go
//   - enumeration: responses and work are alike for known and unknown addresses. enumeration.go, enumeration_attack.go
//   - limit: how many mails an address gets. limit.go
//   - locale: languages, and texts that are replaced. locale.go, locale_texts.go
//   - login: login by name, address and password, and changes during a login. login.go, login_race.go
//   - logincode: login by a code from a mail. logincode.go
//   - logout: logout. logout.go
//   - migrate: tables: made, filled, taken over from Django. migrate.go, migrate_keys.go,
//     migrate_version.go
//   - notice: notices of changes, and "it was not me". notice.go, notice_old.go, notice_owner.go
//   - origin: the origin check, CORS, and what is logged of them. origin.go
//   - outbox: the outbox, its worker, and Run. outbox.go, outbox_run.go, outbox_worker.go
//   - password: change of the password, its rules and its form. password.go, password_form.go, password_tokens.go
//   - refresh: refresh tokens: rotation, reuse, kinds. refresh.go, refresh_kind.go
//   - register: sign-up, and sign-ups that are pending. register.go, register_pending.go
//   - reset: reset of the password by link or code. reset.go, reset_owner.go
//   - rival: an owner against a stranger, with programs made by rapid. rival.go, rival_alike.go, rival_arrival.go, rival_owner.go, rival_party.go
//   - core: what features have of the core: credentials, gates, listeners, keys, tickets, new users. core.go, core_attack.go,
//     core_nouser.go, core_keys.go, core_provider.go
//   - secret: no secret in the database or the log. secret.go
//   - session: sessions: list, end, age; the session store. session.go, session_store.go
//   - token: opaque tokens and personal tokens. token.go, token_personal.go
//   - user: the profile, CreateUser and SetActive. user.go
//   - verify: confirmation of an address by link or code. verify.go, verify_owner.go
//
// Helpers that several groups use:
//
//   - case.go: Case: the application, browsers, mails, time, rows of users
//   - helper_check.go: findings of Check
//   - helper_credential.go: settings and requests of sessions, tokens and JWT; listed sessions
//   - helper_django.go: Django's users and encodings of passwords; a dump of the database
//   - helper_fault.go: a database that fails, work in the middle of a request, requests at once
//   - helper_hook.go: a diary of hooks
//   - helper_mail.go: users with confirmed and claimed addresses, links and codes, resets
//   - helper_meter.go: the queries, hashes and bytes that a request costs
//   - helper_pin.go: a second factor by a feature, and users who have it
//   - helper_user.go: users with own columns, forms for them, and a directory
package dbtest
