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
	"unicode/utf8"

	"github.com/go-playground/validator/v10"
	"golang.org/x/text/secure/precis"

	"github.com/ginauth/gin-rest-auth/models"
)

// validate is separate from Gin's validator, which is global and belongs to the application.
var validate = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.SetTagName("binding")
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if t := f.Type; f.Anonymous && (name == "" || name == "-") {
			if t.Kind() == reflect.Pointer {
				t = t.Elem()
			}
			if t.Kind() == reflect.Struct {
				return embedded
			}
		}
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

// embedded is the placeholder in paths for an embedded struct. validateStruct removes it, because in the body the
// fields belong to the outer struct.
const embedded = "\x00"

// validateStruct returns the first problem of each field of the body, by its path: "name", or "contact.email" and
// "items[1].name" for a field inside another one. One problem per field keeps the response small.
func validateStruct(s any) map[string]Problem {
	err := validate().Struct(s)
	failed, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		return nil
	}
	form := reflect.TypeOf(s).Elem().Name() + "."
	problems, seen := map[string]Problem{}, map[string]bool{}
	for _, f := range failed {
		path := strings.ReplaceAll(strings.TrimPrefix(f.Namespace(), form), embedded+".", "")
		if top := topOf(path); !seen[top] {
			seen[top] = true
			problems[withoutKeys(path)] = problemOf(f)
		}
	}
	return problems
}

// plainPath matches a path of field names and element numbers. The keys of maps come from the client, so an error does not
// repeat a key that does not match.
var plainPath = regexp.MustCompile(`^[\w-]+(\[\d+\])*(\.[\w-]+(\[\d+\])*)*$`)

func withoutKeys(path string) string {
	if plainPath.MatchString(path) {
		return path
	}
	return topOf(path)
}

// topOf returns the field of the body that a path begins with.
func topOf(path string) string {
	if i := strings.IndexAny(path, ".["); i > 0 {
		return path[:i]
	}
	return path
}

// problemOf returns the problem for a failed validator tag.
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

// The limits of names and addresses.
const (
	MaxUsername  = 150 // code points, as in Django
	MaxEmail     = 254 // bytes, RFC 5321 with the erratum
	maxEmailUser = 64  // bytes before the at sign
)

var (
	usernameForm = regexp.MustCompile(`^[\p{L}\p{N}_.+\-][\p{L}\p{M}\p{N}_.+\-]*$`)
	notOnlyDots  = regexp.MustCompile(`[^.]`)
	localForm    = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	domainForm   = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	notOnlyDigit = regexp.MustCompile(`[a-z]`)
)

// ValidUsername reports whether a new user can have this name. It normalizes the name first. A name has up to 150
// letters, digits and . + - _, and not only dots, because paths read those as directories. Django also allows @. This
// package does not, so that a name never looks like an address. Invisible characters are rejected as in RFC 8265
// (UsernameCaseMapped). Letters of different scripts that look alike are allowed.
func ValidUsername(name string) bool {
	if len(name) > utf8.UTFMax*MaxUsername {
		return false
	}
	name = models.NormalizeUsername(name)
	if len([]rune(name)) > MaxUsername || !usernameForm.MatchString(name) || !notOnlyDots.MatchString(name) {
		return false
	}
	_, err := precis.UsernameCaseMapped.String(name)
	return err == nil
}

// ValidEmail reports whether a user can have this e-mail address. It normalizes the address first. An address is an ASCII
// dot-atom, one @, and a domain with at least two labels. Quoted local parts, comments, address literals and source
// routes are rejected.
func ValidEmail(address string) bool {
	if len(address) > 4*MaxEmail {
		return false
	}
	address = models.NormalizeEmail(address)
	local, domain, found := strings.Cut(address, "@")
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	return found && len(address) <= MaxEmail && len(local) <= maxEmailUser &&
		localForm.MatchString(local) && domainForm.MatchString(domain) && notOnlyDigit.MatchString(last)
}

// CheckForm returns an error if a form has an invalid binding tag. Without this check, the first request would panic. The
// argument is a pointer to an empty form. ginauth.New calls CheckForm for the forms in config.Config.Forms.
func CheckForm(form any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%T has a bad binding tag: %v", form, p)
		}
	}()
	validateStruct(form)
	// The validator reads tags in lists, and behind pointers and omitempty, only if there is a value.
	full := reflect.New(reflect.TypeOf(form).Elem())
	populate(full.Elem(), 8)
	validateStruct(full.Interface())
	return nil
}

// populate puts a value into v and, up to a depth, into everything inside it.
func populate(v reflect.Value, depth int) {
	if depth == 0 || !v.CanSet() && v.Kind() != reflect.Struct { // an embedded struct may have an unexported type
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			populate(v.Field(i), depth-1)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		populate(v.Elem(), depth-1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		populate(v.Index(0), depth-1)
	case reflect.Array:
		for i := range min(v.Len(), 1) {
			populate(v.Index(i), depth-1)
		}
	case reflect.Map:
		key, element := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		populate(key, depth-1)
		populate(element, depth-1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, element)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1)
	default:
		if v.CanInt() {
			v.SetInt(1)
		} else if v.CanUint() {
			v.SetUint(1)
		}
	}
}
