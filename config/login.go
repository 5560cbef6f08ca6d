package config

import "slices"

// LoginMethod is what a user types to log in, besides the password.
type LoginMethod string

// The login methods.
const (
	LoginByUsername LoginMethod = "username" // the user name
	LoginByEmail    LoginMethod = "email"    // an e-mail address of the account
)

// SignUpLogin says what a sign-up does besides creating the account.
type SignUpLogin string

// What a sign-up does.
const (
	SignUpAndLogin SignUpLogin = "login" // it logs in
	SignUpOnly     SignUpLogin = "none"  // the user logs in afterwards
)

// FieldUse says whether registration asks for a field.
type FieldUse string

// The uses of a sign-up field. The zero value means the field's own default.
const (
	FieldRequired FieldUse = "required" // 400 without it
	FieldOptional FieldUse = "optional" // it can be left out
	FieldOff      FieldUse = "off"      // it is ignored
)

// SignUpFields says whether registration asks for a user name and an e-mail address. At least one field
// that is a login method must be required, or New returns an error, because new users could not log in.
type SignUpFields struct {
	// Username is the use of the user name. Default: FieldRequired if it is a login method, else FieldOptional.
	Username FieldUse
	// Email is the use of the address. Default: FieldRequired if it is the only login method or with
	// VerifyMandatory, else FieldOptional.
	Email FieldUse
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
