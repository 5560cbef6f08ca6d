package config

import "slices"

// LoginMethod is one of the identifiers a user may log in with.
type LoginMethod string

// The login methods.
const (
	LoginByUsername LoginMethod = "username"
	LoginByEmail    LoginMethod = "email"
)

// SignUpLogin says what a sign-up does besides creating the account.
type SignUpLogin string

// What a sign-up does.
const (
	SignUpAndLogin SignUpLogin = "login"
	SignUpOnly     SignUpLogin = "none"
)

// FieldUse says how registration treats a field.
type FieldUse string

// The uses of a sign-up field. The zero value means the field's own default.
const (
	FieldRequired FieldUse = "required"
	FieldOptional FieldUse = "optional"
	FieldOff      FieldUse = "off" // ignored when sent
)

// SignUpFields says how registration treats username and e-mail.
type SignUpFields struct {
	Username FieldUse // default: required, or optional where it is no login method
	Email    FieldUse // default: optional, or required where it is the only login method or must be confirmed
}

func (f SignUpFields) withDefaults(methods []LoginMethod, verify Verification) SignUpFields {
	if verify == VerifyMandatory {
		or(&f.Email, FieldRequired)
	}
	if slices.Contains(methods, LoginByUsername) {
		or(&f.Username, FieldRequired)
		or(&f.Email, FieldOptional)
	}
	or(&f.Username, FieldOptional)
	or(&f.Email, FieldRequired)
	return f
}
