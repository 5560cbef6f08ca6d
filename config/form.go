package config

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// Forms replaces the bodies of requests by structs of the application's own, made with
// [Form] or [FormTx]. Each must embed the struct that it replaces; nil keeps the library's.
//
// Login, PasswordChange and ResetConfirm are asked when the password or link was found right,
// so what they refuse tells whoever guesses. They are for what is noted with a login, not for
// captchas and limits: those go into middleware, auth.Use("login", captcha). If the user has a second factor, they are
// applied before it is asked for, so they must not change what needs it.
type Forms struct {
	SignUp         *FormSpec // embeds binding.Register
	Profile        *FormSpec // embeds binding.UpdateUser, for PUT and PATCH user/
	Login          *FormSpec // embeds binding.Login
	PasswordChange *FormSpec // embeds binding.ChangePassword
	PasswordReset  *FormSpec // embeds binding.ResetPassword
	ResetConfirm   *FormSpec // embeds binding.ConfirmReset
}

type applier func(ctx context.Context, tx *gorm.DB, form any, user models.Account) error

// A FormSpec is a form that [Form] or [FormTx] made.
type FormSpec struct {
	form, user reflect.Type // structs
	make       func() any   // a pointer to an empty form
	apply      applier      // the application's
	inTx       bool         // apply is to be called within the transaction
}

// Form makes a form of a function that takes what came in it over into the user:
//
//	type SignUp struct {
//		binding.Register
//		Company string `json:"company" binding:"required,max=80"`
//	}
//
//	config.Form(func(f *SignUp, m *Member) error { m.Company = f.Company; return nil })
//
// The form is decoded and validated like the library's own, by the same tags. The function
// is called when it is valid, and for a login or a new password when that is right. What it
// changes in the user's own columns, those that models.User does not have, is saved in the
// same transaction. It may refuse with a *binding.Error. A field that a PATCH may leave out is
// a pointer.
//
// Whatever else the function does to models.User is undone, except that at sign-up it may set
// FirstName, LastName and Locale. Rights are given in Hooks.BeforeRegister, which has the
// transaction. A change inside a struct that has unexported fields and is behind a pointer is
// not seen; set the pointer anew.
//
// GORM hooks of the user's type run when a user is created, read, and saved like this; the columns
// of models.User are written without them.
//
// The embedded struct's fields cannot be declared again: check more of them in the function.
//
// With PasswordReset the user is an empty one, so that the answer cannot tell who exists.
func Form[F, U any, P Embeds[U]](apply func(form *F, user *U) error) *FormSpec {
	if apply == nil {
		return &FormSpec{}
	}
	return newForm[F, U, P](false, func(_ context.Context, _ *gorm.DB, form *F, user *U) error { return apply(form, user) })
}

// FormTx is [Form] for a function that reads or writes the database. It is called in the
// transaction of the route and writes with tx; an error rolls everything back. It may be called
// again, with the original user, if the database rolled the transaction back:
//
//	config.FormTx(func(ctx context.Context, tx *gorm.DB, f *SignUp, m *Member) error {
//		return tx.Take(&Plan{}, "code = ?", f.Plan).Error // 503; return a *binding.Error for a 400
//	})
//
// The transaction has begun with a write by then, so the function may begin with a read on every
// database.
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

// New returns an empty form, a pointer.
func (s *FormSpec) New() any { return s.make() }

// Type is the form's struct type.
func (s *FormSpec) Type() reflect.Type { return s.form }

// Base returns a pointer to the library's struct in a form.
func (s *FormSpec) Base(form any, base reflect.Type) any {
	field, _ := s.form.FieldByName(base.Name())
	return reflect.ValueOf(form).Elem().FieldByIndex(field.Index).Addr().Interface()
}

// InTx reports whether the application's function wants the transaction.
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

// check wants the library's struct embedded, the application's user, and no name twice.
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
		bad("%s embeds %s, which is nil when a body comes; embed the struct itself", s.form, pointer)
	}
	s.checkNames(bad)
	s.checkFilled(s.form, nil, bad)
	if err := binding.CheckForm(s.make()); err != nil {
		bad("%w", err)
	}
}

// checkHidden wants each of the library's fields to be found by its name: one that another
// hides is filled by nobody and checked by nobody. So is one whose struct has a tag to skip it.
func (s *FormSpec) checkHidden(base reflect.Type, at []int, bad complaint) {
	for i := range at {
		if f := s.form.FieldByIndex(at[:i+1]); f.Tag.Get("binding") != "" {
			bad("%s has a binding tag on %s, which would change how ours are checked", s.form, f.Name)
		}
	}
	for _, ours := range reflect.VisibleFields(base) {
		got, found := s.form.FieldByName(ours.Name)
		if !found || !slices.Equal(got.Index, append(slices.Clone(at), ours.Index...)) {
			bad("%s hides %s of %s; call yours something else, and check more of ours in the function", s.form, ours.Name, base)
		}
	}
}

// checkFilled wants what a body or a tag speaks of to be filled from bodies: not a field that
// another hides, or that has no json name. Of an embedded struct the fields count, and no name.
func (s *FormSpec) checkFilled(t reflect.Type, at []int, bad complaint) {
	if t.PkgPath() == reflect.TypeFor[binding.Register]().PkgPath() {
		return // checkHidden says more of ours
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

// checkWithin wants the same of structs within a field, at any depth.
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

// checkNames wants no name in the body twice.
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

// embeddedPointer is the first pointer to a struct that a struct embeds, at any depth.
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
