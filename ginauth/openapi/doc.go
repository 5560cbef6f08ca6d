// Package openapi describes the authentication API of an application as an OpenAPI 3.1 document, and shows it on a page
// where people can read and try it. Front ends can generate types and clients from the document. It is an optional
// feature; add it to ginauth.New:
//
//	auth, err := ginauth.New(db, cfg, openapi.Serve(openapi.Version("1.4.0")))
//
// It adds two routes below the base path:
//
//	GET openapi.json   the document
//	GET docs/          the page (Swagger UI, served by this server, no other host)
//
// Everything in the document comes from the running configuration: the routes that are switched on, your own forms and
// views, the validation tags of forms, and the credentials that a login returns. It cannot fall behind the server:
//
//	npx openapi-typescript https://api.example.com/auth/openapi.json -o auth.d.ts
//
// # What the document contains
//
// Each route is one operation. Its ID consists of the method and the path, such as postPasswordReset. A request body is
// described once; clients can send it as JSON or as a form. A schema has the name of its Go type: SignUp in the program
// is SignUp in the document. If two types have the same name, the name of the package comes before it.
//
// A field of a form is required if its tag or the configuration says so. The tags max, min, len, oneof, email, url and
// uuid become the corresponding keywords; other tags are checked by the server only. A field of a response is always
// present unless its json tag has omitempty or omitzero. The schema of a login response follows [config.Config.Login].
//
// A type with its own encoding is a string if it implements encoding.TextMarshaler (in forms, TextUnmarshaler), and can
// be anything if it implements json.Marshaler (in forms, json.Unmarshaler).
//
// # Errors
//
// Errors are application/json, in the format of Django REST framework or of your own view, or application/problem+json if
// the client accepts it. The schema Code lists the stable error codes. The list is open if your application can return
// its own codes from a form, hook, backend, guard or password rule. [config.Config.Codes] closes it:
//
//	cfg.Codes = []binding.CodeDoc{{Code: "not_welcome", Meaning: "the company is not a customer"}}
//
// # Changing the document
//
// The document is an openapi3.T of github.com/getkin/kin-openapi. [Edit] passes it to your function before it is served.
// [Document] returns it, for example to write it to a file:
//
//	openapi.Serve(openapi.Edit(func(doc *openapi3.T) {
//		doc.Paths.Value("/login/").Post.Description = "Ten times a minute."
//	}))
//
// # Who can read it
//
// By default anyone can; it contains nothing that the routes do not reveal. To restrict it to staff, call this before
// Register:
//
//	auth.Use("openapi.json", auth.RequireStaff())
//
// # Tests
//
// Package openapitest checks in your tests that responses match the document.
package openapi
