package openapi

import "reflect"

// samples are the example values of the library's form fields, which docs/ fills in. They look real, but a form that is sent
// unchanged has no effect: a new password differs from its repetition, current passwords are wrong, and a token expires
// after a minute.
var samples = map[string]any{
	"username": "ann", "email": "ann@example.com", "first_name": "Ann", "last_name": "Lee", "locale": "de or pt-BR",
	"password": "my-current-password", "old_password": "my-current-password",
	"password1": "a-long-new-password", "password2": "the-same-new-password",
	"new_password1": "a-long-new-password", "new_password2": "the-same-new-password",
	"key": "the-key-in-the-link", "uid": "the-uid-in-the-link", "code": "BBBB-BBBB",
	"name": "Nightly backup", "remember": true, "expires_in": 60, "refresh": "the-refresh-token", "token": "the-token",
}

// sample returns an example value for a field of a library form.
func sample(owner reflect.Type, field string) []any {
	if value, known := samples[field]; known && fromLibrary(owner) {
		return []any{value}
	}
	return nil
}
