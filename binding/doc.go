// Package binding defines what clients send to the library and what they get back: the structs of request and response
// bodies, the rules that check them, and the error type [Error] with its codes. You need it to add fields to a form, to
// change a response, or to reject a request from your own code. The package does not depend on Gin or GORM.
//
// # Requests
//
// Each route with a body has a struct for it, such as [Login], [Register] or [UpdateUser]. To accept more fields, embed the
// struct in your own one and pass that to config.Form:
//
//	type SignUp struct {
//		binding.Register
//		Company string `json:"company" binding:"required,max=80"`
//	}
//
// The tag binding has the rules of go-playground/validator, as in Gin. This package uses its own validator, so rules that you
// register with Gin's do not exist here. It has three rules of its own: username, address and maxbytes=N. The tag in changes
// how [Decode] reads a string: in:"raw" keeps white space at both ends, as passwords need it, and in:"blank" accepts an empty
// string as a value. Combine the two as in:"raw,blank".
//
// # Responses
//
// Responses have structs as well, such as [LoginResponse], [User] and [Session]. A view in config.Config.Views gets one of
// them and returns what the client sees instead.
//
// # Errors
//
// Hooks, forms, guards and backends reject a request with an [*Error]. [Invalid] makes one for a field, [Merge] combines
// several:
//
//	return binding.Invalid("company", binding.Problem{Code: "not_welcome", Message: "Please contact sales."})
//
// Codes are for programs and never change. Messages are for people and may change. A problem with a code of the library, such
// as [CodeTaken], needs no message: the client gets the library's text in the user's language. The same is true for a code in
// config.Config.Codes if config.Config.Texts has a text for it.
//
// The README in this directory describes the format as a client sees it: all rules, both shapes of errors, and all codes.
package binding
