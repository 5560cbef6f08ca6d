// Package openapi describes an application's accounts as OpenAPI 3.1, and shows the
// description in a browser. It is a feature of its own:
//
//	auth, err := ginauth.New(db, cfg, openapi.Serve(openapi.Version("1.4.0")))
//
// adds two routes below the base:
//
//	GET openapi.json   the document
//	GET docs/          the same for people, in Swagger UI
//
// Everything in the document is read from what is live: the routes that the configuration
// switches on, the application's own forms and views, the tags by which forms are validated,
// and the credentials that a login gives. So it cannot fall behind the server, and front ends
// can have their types made from it:
//
//	npx openapi-typescript https://api.example.com/auth/openapi.json -o auth.d.ts
//
// # What is where
//
// Each route is one operation, called after its method and path: postPasswordReset. A body is
// described once and may be sent as JSON or as a form. The schemas have the names of the Go
// types, so that "SignUp" in the program is "SignUp" in the document; two types of one name get
// the names of their packages before it.
//
// A field of a form is required where its tag says required, or the configuration does. The
// tags max, min, len, oneof, email, url and uuid become the keywords that say the same; others
// are checked by the server alone. A field of an answer is always there, unless its json tag
// says omitempty. What a login answers depends on config.Config.Login, and so does its schema.
//
// A type with an encoding of its own is a string where it implements encoding.TextMarshaler
// (or, in forms, TextUnmarshaler), and anything at all where it implements json.Marshaler.
//
// # Errors
//
// An error is application/json, in the shape of Django REST framework or that of the
// application's own view, or application/problem+json for clients that ask for it. The schema
// Code lists the stable codes. Where the application can refuse with codes of its own, by a
// form, a hook, a backend, a guard or a password rule, the list is open; config.Config.Codes closes it:
//
//	cfg.Codes = []binding.CodeDoc{{Code: "not_welcome", Meaning: "the company is not a customer"}}
//
// # Your own part
//
// The document is one of github.com/getkin/kin-openapi. [Edit] hands it to a function before it is
// served, and [Document] returns it to a program that has a document of its own:
//
//	openapi.Serve(openapi.Edit(func(doc *openapi3.T) {
//		doc.Paths.Value("/login/").Post.Description = "Ten times a minute."
//	}))
//
// # Who may read it
//
// Everybody, by default: it holds nothing that the routes do not tell. Where it should be
// for staff, say so before Register:
//
//	auth.Use("openapi.json", auth.RequireStaff())
//
// # Tests
//
// Package openapitest holds each answer of a handler against the document.
package openapi
