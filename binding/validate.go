package binding

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/ginauth/gin-rest-auth/models"
	"github.com/go-playground/validator/v10"
	"golang.org/x/text/secure/precis"
)

// validate is an instance of our own: Gin's is global and belongs to the application.
var validate = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.SetTagName("binding")
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	for tag, check := range map[string]validator.Func{
		"username": func(fl validator.FieldLevel) bool { return ValidUsername(fl.Field().String()) },
		"address":  func(fl validator.FieldLevel) bool { return ValidEmail(fl.Field().String()) },
		"maxbytes": maxBytes,
	} {
		if err := v.RegisterValidation(tag, check); err != nil {
			panic(err) // the tags above are constant
		}
	}
	return v
})

// validateStruct returns the first problem of each field.
func validateStruct(s any) map[string]Problem {
	err := validate().Struct(s)
	failed, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		return nil
	}
	problems := make(map[string]Problem, len(failed))
	for _, f := range failed {
		problems[f.Field()] = problemOf(f)
	}
	return problems
}

// problemOf names a failed validator tag.
func problemOf(f validator.FieldError) Problem {
	code := map[string]Code{
		"required": CodeRequired, "max": CodeMaxLength, "lte": CodeMaxLength, "maxbytes": CodeMaxLength, "min": CodeMinLength, "gte": CodeMinLength,
		"username": CodeInvalidUsername, "address": CodeInvalidEmail,
	}[f.Tag()]
	if code == "" {
		return Problem{Code: CodeInvalid}
	}
	if k := f.Kind(); k >= reflect.Int && k <= reflect.Float64 {
		code = cmp.Or(map[Code]Code{CodeMaxLength: CodeMaxValue, CodeMinLength: CodeMinValue}[code], code)
	}
	return Problem{Code: code, Params: map[string]any{"Limit": f.Param()}}
}

func maxBytes(fl validator.FieldLevel) bool {
	limit, err := strconv.Atoi(fl.Param())
	return err == nil && len(fl.Field().String()) <= limit
}

const (
	maxUsername  = 150 // code points, as Django's
	maxEmail     = 254 // bytes, RFC 5321 with the erratum
	maxEmailUser = 64  // bytes before the at sign
)

var (
	usernameForm = regexp.MustCompile(`^[\p{L}\p{N}_.+\-][\p{L}\p{M}\p{N}_.+\-]*$`)
	localForm    = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	domainForm   = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	notOnlyDigit = regexp.MustCompile(`[a-z]`)
)

// ValidUsername reports whether a name, in its normal form, may be given to a new
// user: letters, digits and . + - _ in up to 150 code points. Django's set also has
// the at sign; here a name can never look like somebody's address (T095). Characters
// that cannot be seen are refused by RFC 8265 (PRECIS, UsernameCaseMapped); letters of
// other scripts that look alike are not (T094).
func ValidUsername(name string) bool {
	name = models.NormalizeUsername(name)
	if len([]rune(name)) > maxUsername || !usernameForm.MatchString(name) {
		return false
	}
	_, err := precis.UsernameCaseMapped.String(name)
	return err == nil
}

// ValidEmail reports whether an address, in its normal form, may be given to a user:
// an ASCII dot-atom, one at sign, and a domain of two labels or more. Quoted local
// parts, comments, address literals and source routes are refused (T091).
func ValidEmail(address string) bool {
	if len(address) > 4*maxEmail {
		return false
	}
	address = models.NormalizeEmail(address)
	local, domain, found := strings.Cut(address, "@")
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	return found && len(address) <= maxEmail && len(local) <= maxEmailUser &&
		localForm.MatchString(local) && domainForm.MatchString(domain) && notOnlyDigit.MatchString(last)
}

// CheckForm reports what is wrong with the tags of a form, which would otherwise panic at its
// first request: form is a pointer to an empty one.
func CheckForm(form any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%T has a bad binding tag: %v", form, p)
		}
	}()
	validateStruct(form)
	return nil
}
