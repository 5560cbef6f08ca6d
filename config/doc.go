// Package config holds every setting of the library, as plain data and functions.
//
// Only Secret is required. The default of each setting is the safe choice. The settings that weaken
// security have names that begin with Allow or Insecure, except JWT.Stateless and Session.CacheFor.
//
//	secret, err := config.SecretFile("app.secret")
//	...
//	auth, err := ginauth.New(db, config.Config{Secret: secret})
//
// ginauth.New copies the [Config], fills in the defaults and checks every setting. It returns an error
// with one [Mistake] for each invalid setting, by name. Later changes to your struct have no effect.
// ginauth.Check makes the same checks and also reports risks, such as settings for development.
//
// # Groups of settings
//
//   - Essentials: Secret, where the routes are, your user type. See [SecretFile] and [Model].
//   - Logging in: what users type, who checks it, what a sign-up does. See [Backend].
//   - Sessions and cookies: [Session], [SessionStore], [Cookie], other origins and proxies.
//   - Tokens: what a login gives, see [Credential], [Token] and [JWT].
//   - Mail and verification: [Mail] and [Verification]. Without a [Mailer], the routes that
//     send mail do not exist.
//   - Forms, views and hooks: your own fields in requests ([Form], [FormTx]), your own responses ([View],
//     [UserView]), and functions that run when something happens ([Hooks]).
//   - Passwords: [PasswordRule] for new ones, [Hash] for how they are stored.
//   - Limits, time-outs, logging, and settings that weaken security.
//
// # Your functions
//
// Your functions are typed, and New checks that they fit your user type. Forms, hooks named Before,
// backends and RegisterGuard reject a request with a *binding.Error, which the client gets. Any other
// error is logged, and the client gets 503. Several requests can call a function at the same time.
//
// The README of this package has tables of all settings, a chapter about running in production, and the
// counterparts of the settings of dj-rest-auth.
package config
