package config

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// Forms adds your own fields to the bodies of requests. Make each form with [Form] or [FormTx], from a struct that
// embeds the library's struct. Nil, the default, keeps the library's own body. A form that does not fit is an
// error of New.
//
// The functions of Login, PasswordChange and ResetConfirm run after the password or link was accepted. If one of
// them rejects a request, that reveals a correct guess. So use them to store values with a login, not for captchas
// and limits: see [Captcha] and [Limits]. If the user has a second factor,
// the functions run before it is asked for, so they must not change anything that needs it.
type Forms struct {
	SignUp         *FormSpec // for registration/; embeds binding.Register
	Profile        *FormSpec // for PUT and PATCH user/; embeds binding.UpdateUser
	Login          *FormSpec // for login/; embeds binding.Login
	PasswordChange *FormSpec // for password/change/; embeds binding.ChangePassword
	PasswordReset  *FormSpec // for password/reset/; embeds binding.ResetPassword
	ResetConfirm   *FormSpec // for password/reset/confirm/; embeds binding.ConfirmReset
}

type applier func(ctx context.Context, tx *gorm.DB, form any, user models.Account) error

// A FormSpec is a form made by [Form] or [FormTx]. Its methods are for the library.
type FormSpec struct {
	form, user reflect.Type // structs
	make       func() any   // a pointer to an empty form
	apply      applier      // the application's function
	inTx       bool         // whether apply gets the transaction
}

// Form returns a form from a function that copies your own fields into the user:
//
//	type SignUp struct {
//		binding.Register
//		Company string `json:"company" binding:"required,max=80"`
//	}
//
//	config.Form(func(f *SignUp, m *Member) error { m.Company = f.Company; return nil })
//
// The form is decoded and validated like the library's forms, with the same tags. The function runs if the form
// is valid; for a login or a new password, after the password was accepted. What it changes in your own columns
// is saved in the same transaction. It rejects the request with a *binding.Error. Declare a field that a PATCH can
// leave out as a pointer.
//
// Changes to models.User are undone, except to FirstName, LastName and Locale at sign-up. To give rights to new
// users, use Hooks.BeforeRegister, which has the transaction. A change inside a struct that has unexported
// fields and is behind a pointer is not noticed; assign a new pointer.
//
// GORM hooks of your user type run when a user is created, read, and saved by a form. The columns of models.User
// are written without them.
//
// You cannot declare a field of the embedded struct again. To check more of it, do that in the function.
//
// With PasswordReset the user is empty, so that the response does not reveal who has an account.
func Form[F, U any, P Embeds[U]](apply func(form *F, user *U) error) *FormSpec {
	if apply == nil {
		return &FormSpec{}
	}
	return newForm[F, U, P](false, func(_ context.Context, _ *gorm.DB, form *F, user *U) error { return apply(form, user) })
}

// FormTx returns a form, as [Form] does, from a function that reads or writes the database. The function runs
// inside the transaction of the route, and uses tx. An error rolls everything back. It may run again,
// with the original user, if the database rolled the transaction back and the library retries it:
//
//	config.FormTx(func(ctx context.Context, tx *gorm.DB, f *SignUp, m *Member) error {
//		return tx.Take(&Plan{}, "code = ?", f.Plan).Error // 503; return a *binding.Error for a 400
//	})
//
// The transaction has already written something, so the function can begin with a read on every database.
//
// At sign-up the user is not stored yet and has no ID. Write rows that refer to the user in
// Hooks.BeforeRegister, which gets the form in Event.Form. With VerifyMandatory that hook runs in a
// later request, and Event.Form is nil: keep what it needs in a column of the user.
func FormTx[F, U any, P Embeds[U]](apply func(ctx context.Context, tx *gorm.DB, form *F, user *U) error) *FormSpec {
	if apply == nil {
		return &FormSpec{}
	}
	return newForm[F, U, P](true, apply)
}

func newForm[F, U any, P Embeds[U]](inTx bool, apply func(context.Context, *gorm.DB, *F, *U) error) *FormSpec {
	return &FormSpec{
		form: reflect.TypeFor[F](), user: reflect.TypeFor[U](), inTx: inTx,
		make: func() any { return new(F) },
		apply: func(ctx context.Context, tx *gorm.DB, form any, account models.Account) error {
			user, _ := any(account).(P)
			return apply(ctx, tx, form.(*F), (*U)(user))
		},
	}
}

// New returns a pointer to an empty form.
func (s *FormSpec) New() any { return s.make() }

// Type returns the struct type of the form.
func (s *FormSpec) Type() reflect.Type { return s.form }

// Base returns a pointer to the library's struct within a form.
func (s *FormSpec) Base(form any, base reflect.Type) any {
	field, _ := s.form.FieldByName(base.Name())
	return reflect.ValueOf(form).Elem().FieldByIndex(field.Index).Addr().Interface()
}

// Check returns what is wrong with a form of a feature that must embed base and be for users of a type, which are both structs.
func (s *FormSpec) Check(base, user reflect.Type) (err error) {
	s.check(base, user, func(format string, args ...any) { err = errors.Join(err, fmt.Errorf(format, args...)) })
	return err
}

// InTx reports whether the application's function gets the transaction.
func (s *FormSpec) InTx() bool { return s.inTx }

// Apply calls the application's function; tx is nil unless InTx.
func (s *FormSpec) Apply(ctx context.Context, tx *gorm.DB, form any, user models.Account) error {
	return s.apply(ctx, tx, form, user)
}

func (c Config) checkForms(user reflect.Type, bad report) {
	f := c.Forms
	for _, form := range []struct {
		name string
		spec *FormSpec
		base reflect.Type
	}{
		{"SignUp", f.SignUp, reflect.TypeFor[binding.Register]()},
		{"Profile", f.Profile, reflect.TypeFor[binding.UpdateUser]()},
		{"Login", f.Login, reflect.TypeFor[binding.Login]()},
		{"PasswordChange", f.PasswordChange, reflect.TypeFor[binding.ChangePassword]()},
		{"PasswordReset", f.PasswordReset, reflect.TypeFor[binding.ResetPassword]()},
		{"ResetConfirm", f.ResetConfirm, reflect.TypeFor[binding.ConfirmReset]()},
	} {
		if form.spec != nil {
			form.spec.check(form.base, user, bad.of("Forms."+form.name))
		}
	}
}

// check reports a form that does not embed the library's struct, is for another user type, or has a name twice.
func (s *FormSpec) check(base, user reflect.Type, bad complaint) {
	if s.apply == nil {
		bad("is empty; make it with config.Form and a function")
		return
	}
	if s.form.Kind() != reflect.Struct {
		bad("%s is not a struct", s.form)
		return
	}
	field, found := s.form.FieldByName(base.Name())
	if !found || !field.Anonymous || field.Type != base {
		bad("%s must embed %s", s.form, base)
	} else {
		s.checkHidden(base, field.Index, bad)
	}
	if s.user != user {
		bad("it is for %s, but NewUser makes %s", s.user, user)
	}
	if pointer := embeddedPointer(s.form); pointer != nil {
		bad("%s embeds %s, which is nil when a body is decoded; embed the struct itself", s.form, pointer)
	}
	s.checkNames(bad)
	s.checkFilled(s.form, nil, bad)
	if err := binding.CheckForm(s.make()); err != nil {
		bad("%w", err)
	}
}

// checkHidden reports fields of the library that another field hides, and a tag on the embedded struct: such fields
// would be neither filled nor checked.
func (s *FormSpec) checkHidden(base reflect.Type, at []int, bad complaint) {
	for i := range at {
		if f := s.form.FieldByIndex(at[:i+1]); f.Tag.Get("binding") != "" {
			bad("%s has a binding tag on %s, which would change how the library's fields are checked; remove it", s.form, f.Name)
		}
	}
	for _, own := range reflect.VisibleFields(base) {
		got, found := s.form.FieldByName(own.Name)
		if !found || !slices.Equal(got.Index, append(slices.Clone(at), own.Index...)) {
			bad("%s hides %s of %s; rename your field, and check more of the library's in the function", s.form, own.Name, base)
		}
	}
}

// checkFilled reports fields that look as if a body filled them, but that no body fills: another field hides
// them, or they have a binding tag and no json name. An embedded struct counts by its fields.
func (s *FormSpec) checkFilled(t reflect.Type, at []int, bad complaint) {
	if t.PkgPath() == reflect.TypeFor[binding.Register]().PkgPath() {
		return // checkHidden checks the library's structs
	}
	for i := range t.NumField() {
		f, index := t.Field(i), append(slices.Clone(at), i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		got, found := s.form.FieldByName(f.Name)
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			if name != "" && name != "-" {
				bad("%s embeds %s with the json name %q, which has no effect; give it a field name", s.form, f.Type, name)
			}
			s.checkFilled(f.Type, index, bad)
		case name == "" || name == "-" || !f.IsExported():
			if f.Tag.Get("binding") != "" {
				bad("%s of %s has a binding tag and no json name, so no body fills it", f.Name, s.form)
			}
		case !found || !slices.Equal(got.Index, index):
			bad("%s of %s is hidden by another field of that name, so no body fills it", f.Name, s.form)
		default:
			checkWithin(f.Type, map[reflect.Type]bool{}, bad)
		}
	}
}

// checkWithin does the same for structs within a field, at any depth.
func checkWithin(t reflect.Type, seen map[reflect.Type]bool, bad complaint) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] || reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return
	}
	seen[t] = true
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Tag.Get("binding") != "" && !f.Anonymous && (name == "" || name == "-" || !f.IsExported()) {
			bad("%s of %s has a binding tag and no json name, so no body fills it", f.Name, t)
		}
		checkWithin(f.Type, seen, bad)
	}
}

// checkNames reports names that the body has twice.
func (s *FormSpec) checkNames(bad complaint) {
	seen := map[string]string{}
	for _, f := range reflect.VisibleFields(s.form) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" {
			continue
		}
		if other := seen[name]; other != "" {
			bad("%s and %s are both %q; the library's own fields cannot be replaced", other, f.Name, name)
		}
		seen[name] = f.Name
	}
}

// embeddedPointer returns the type of the first pointer to a struct that t embeds, at any depth, or nil.
func embeddedPointer(t reflect.Type) reflect.Type {
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.Anonymous {
			continue
		}
		if f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct {
			return f.Type
		}
		if f.Type.Kind() == reflect.Struct {
			if inner := embeddedPointer(f.Type); inner != nil {
				return inner
			}
		}
	}
	return nil
}
