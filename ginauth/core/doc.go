// Package core is the base of all flows and features of gin-rest-auth. Import it to write a feature. Applications
// use package ginauth instead; they see core only in the type [Feature].
//
// A feature is a package that adds routes, tables, mails, second factors or other credentials to an Auth. An
// application lists it in ginauth.New, and so compiles only the features it uses. README.md in this folder is the
// guide "Write a feature". It explains the example in example/pin.
//
// A feature imports core, and never ginauth or another feature. core does not know any feature. The library's own
// flows, in package ginauth, use the same functions as features: they declare routes with [Add], run transactions
// with [Core.Tx] and [Core.Held], and log users in with [Core.SignIn].
//
// Two pairs of names are easily confused. A [Holder] is an Auth, as functions of features receive it, while
// [Core.Held] runs a transaction that locks the logged-in user. [Core.NewTicket] makes a ticket for a mail, which
// [Core.TicketFor] finds, while [Core.Issue] makes one for a response or a redirect, which [Core.TicketByKey]
// finds.
package core
