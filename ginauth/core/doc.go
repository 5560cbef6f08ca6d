// Package core is the part of gin-rest-auth that every flow and feature stands on. Applications use
// package ginauth, which is its face; they meet core only in the type [Feature] of their features.
//
// A feature is a package that adds to an Auth: routes, tables, mails, second factors, other credentials. An application
// lists it in ginauth.New, so that it compiles only what it uses. The README of this folder is a guide, "Write a
// feature", which reads the one in example/pin.
//
// A feature imports core, never ginauth or another feature, and core names no feature. The library's own flows, in
// package ginauth, use what features use: they declare their routes with [Add], run transactions with [Core.Tx], and
// end in [Core.SignIn], the one way to log a user in.
package core
