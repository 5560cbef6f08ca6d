package openapi

import "reflect"

// samples are what a page like docs/ fills into the forms of the library, by field. They look
// like the real thing, and a form that is sent unchanged changes nothing: new
// passwords differ from their repetition, current passwords are wrong, and a token that is still
// created expires in a minute.
var samples = map[string]any{
	"username": "ann", "email": "ann@example.com", "first_name": "Ann", "last_name": "Lee", "locale": "de or pt-BR",
	"password": "my-current-password", "old_password": "my-current-password",
	"password1": "a-long-new-password", "password2": "the-same-new-password",
	"new_password1": "a-long-new-password", "new_password2": "the-same-new-password",
	"key": "the-key-in-the-link", "uid": "the-uid-in-the-link", "code": "BBBB-BBBB",
	"name": "Nightly backup", "expires_in": 60, "refresh": "the-refresh-token", "token": "the-token",
}

// sample is an example of a field, if the field is one of the library's.
func sample(owner reflect.Type, field string) []any {
	if value, known := samples[field]; known && fromLibrary(owner) {
		return []any{value}
	}
	return nil
}
