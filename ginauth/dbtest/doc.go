// Package dbtest is the behaviour suite of the library. Its cases use HTTP and the public API, and run on every
// database. The package imports no database driver, so you can run it on any database that GORM opens:
//
//	func TestMyDatabase(t *testing.T) { dbtest.Run(t, openFresh) }
//
// A feature of the library or of another module puts its cases in a [Group] and runs them on the same databases:
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
// The name of a test has its group and case: TestSQLite/reset/RaceToReset. The cases of a group are in the files whose
// names begin with the group's name.
//
//   - admin: routes at which operators manage users, groups and failed mails. admin.go, admin_user.go,
//     admin_session.go, admin_groups.go, admin_options.go
//   - audit: the audit trail. audit.go, audit_tx.go, audit_read.go
//   - backend: logins by another user store, such as LDAP. backend.go, backend_directory.go, backend_name.go
//   - cache: sessions that are cached for Session.CacheFor. cache.go, cache_attack.go
//   - canary: the secrets of all routes, searched for in all tables, logs, errors, mails, metrics and traces. canary.go
//   - captcha: captchas, always and after half of a limit. captcha.go
//   - calls: methods for the application's own code: LogIn, LogOut, SetPassword, DeleteUser, Ban, Ready. calls.go, calls_ban.go,
//     calls_banned.go, calls_check.go, calls_ready.go
//   - challenge: logins of users who have a second factor. challenge.go, challenge_attack.go, challenge_takeover.go
//   - check: findings of Check. check.go, check_db.go
//   - claim: unconfirmed addresses, and several accounts that name the same one. claim.go
//   - column: the application's own columns, and hooks that encrypt them. column.go, column_sealed.go
//   - command: commands of package cmd, among them the import of users. command.go, command_auth.go, command_import.go
//   - cookie: attributes, duplicates and sizes of cookies, and what a browser sends back. cookie.go, cookie_browser.go
//   - core: what package core offers to features: credentials, gates, listeners, keys, tickets, new users. core.go, core_attack.go,
//     core_nouser.go, core_keys.go, core_provider.go, core_wayin.go, core_redirect.go
//   - credential: which credential a login returns, and several credentials on one request. credential.go, credential_mixed.go
//   - delete: deleting an account, with and without a grace period, and the sweep. delete.go
//   - door: a thief who has everything but the second factor, at all doors, with random programs made by rapid. door.go,
//     door_thief.go
//   - email: a user's addresses: add, confirm, change, remove. email.go, email_attack.go
//   - enumeration: responses and work are the same for known and unknown addresses. enumeration.go, enumeration_attack.go
//   - erase: what stays in the database of a deleted user. erase.go
//   - export: what users download about themselves, and that no table is forgotten. export.go
//   - factor: the names of a user's second factors. factor.go
//   - fault: a database that fails, hangs, or rolls a transaction back. fault.go, fault_deadline.go, fault_read.go,
//     fault_feature.go, fault_flow.go, fault_signup.go; a panic in each function of the configuration, a full disk, and clocks
//     that jump: fault_panic.go, fault_panics.go, fault_background.go, fault_clock.go
//   - feature: declarations of another module's feature: routes, texts, codes, tables, findings. feature.go, feature_table.go,
//     feature_misuse.go, feature_texts.go, feature_facts.go
//   - form: the application's own forms and views. form.go, form_own.go, form_tx.go
//   - guard: RequireUser and the other guards, and middleware that refuses requests. guard.go, guard_fail.go
//   - hook: hooks before and after each event. hook.go, hook_address.go, hook_event.go
//   - http: the form of requests and responses: bodies, methods, headers, errors. http.go, http_wire.go
//   - invite: package invite: invitations by mail and codes, and sign-ups that need one. invite.go, invite_accept.go, invite_attack.go
//   - jwt: JSON Web Tokens, their claims and keys. jwt.go, jwt_claims.go
//   - limit: how many mails an address gets. limit.go, limit_claim.go
//   - impersonate: package impersonate: operators in the place of users. impersonate.go,
//     impersonate_credential.go, impersonate_end.go
//   - locale: languages, and texts that the application replaces. locale.go, locale_texts.go
//   - login: login by name or address with a password, and changes during a login. login.go, login_race.go,
//     login_remember.go
//   - logincode: login by a code from a mail. logincode.go
//   - logout: logout. logout.go
//   - machine: random requests to the routes of all features by users, an operator and a stranger, against a model, in two applications;
//     and that no route of theirs is left out. machine.go, machine_pass.go, machine_secret.go, machine_user.go, machine_join.go,
//     machine_account.go, machine_refresh.go, machine_factor.go, machine_lost.go, machine_provider.go, machine_more.go, machine_attack.go, machine_operator.go,
//     machine_fall.go, machine_strict.go, machine_route.go
//   - mfa: package mfa: authenticator apps, recovery codes, what sessions have proven, trusted browsers, required factors,
//     codes in mails, recovery. mfa.go, mfa_codes.go, mfa_texts.go, mfa_secret.go, mfa_race.go, mfa_attack.go, mfa_level.go, mfa_trust.go, mfa_require.go, mfa_email.go, mfa_django.go,
//     mfa_recovery.go, mfa_recovery_cancel.go, mfa_recovery_who.go, mfa_notme.go
//   - migrate: creating and filling tables, and taking over Django's. migrate.go, migrate_keys.go, migrate_version.go
//   - notice: mails about changes, and "it was not me". notice.go, notice_old.go, notice_owner.go
//   - observe: observers of features, for metrics and traces. observe.go, observe_login.go
//   - operator: routes with a permission, and on whom operators may act. operator.go, operator_matrix.go
//   - origin: the origin check, CORS, and what is logged about them. origin.go
//   - outbox: the outbox, its worker, and Run. outbox.go, outbox_priority.go, outbox_run.go, outbox_worker.go
//   - passkey: package passkey: its contract, attacks, second factors, sign-ups, settings. passkey.go, passkey_attack.go,
//     passkey_factor.go, passkey_race.go, passkey_signup.go, passkey_options.go, passkey_user.go
//   - password: changing the password, its rules and its form. password.go, password_form.go, password_tokens.go,
//     password_breached.go, password_django.go, password_page.go, password_set.go
//   - refresh: refresh tokens: rotation, reuse, kinds. refresh.go, refresh_kind.go
//   - register: sign-up, and pending sign-ups. register.go, register_pending.go
//   - reset: resetting the password by link or code. reset.go, reset_owner.go, reset_reclaim.go
//   - rival: an owner against a stranger, with random programs made by rapid. rival.go, rival_alike.go, rival_arrival.go,
//     rival_owner.go, rival_party.go
//   - roles: package roles: groups and permissions, also Django's. roles.go, roles_group.go
//   - secret: no secret in the database or the log. secret.go
//   - session: listing, ending and expiring sessions; the session store. session.go, session_store.go
//   - threat: attacks that no other group has: headers that name users, injected SQL, late saves, long input. threat.go
//   - throttle: rate limits. throttle.go, throttle_store.go, throttle_gate.go, throttle_wait.go, throttle_attack.go, throttle_botnet.go,
//     throttle_bounds.go, throttle_budget.go, throttle_fair.go
//   - token: opaque tokens and personal tokens. token.go, token_personal.go
//   - user: the profile, CreateUser and SetActive, and rules for names. user.go, user_name.go
//   - verify: confirming an address by link or code. verify.go, verify_owner.go
//   - webhook: web-hooks of each event, and how they are sent. webhook.go, webhook_queue.go, webhook_instances.go,
//     webhook_attack.go, webhook_feature.go
//
// Helpers that several groups use:
//
//   - case.go: Case, with the application, browsers, mails, the clock and rows of users
//   - helper_check.go: findings of Check
//   - helper_credential.go: settings and requests of sessions, tokens and JWT; listed sessions
//   - helper_django.go: Django's users and encodings of passwords; a dump of the database
//   - helper_fault.go: a database that fails, work in the middle of a request, concurrent requests
//   - helper_hook.go: a log of hook calls
//   - helper_mail.go: users with confirmed and claimed addresses, links and codes, resets
//   - helper_mfa.go: users with an authenticator app
//   - helper_meter.go: the queries, hashes and random bytes that a request costs
//   - helper_passkey.go: users with a passkey
//   - helper_pin.go: a feature with a second factor, and users who have it
//   - helper_roles.go: an application with permissions, and Django's tables of them
//   - helper_social.go: applications with all features that have tables, and logins by a provider
//   - helper_user.go: users with own columns, forms for them, and a directory
package dbtest
