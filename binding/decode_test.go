package binding_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// signUp is a form of an application. It embeds a form of the library.
type signUp struct {
	binding.Register
	Age     int      `json:"age" binding:"omitempty,min=18"`
	Terms   bool     `json:"terms" binding:"required"`
	Tags    []string `json:"tags"`
	Company *string  `json:"company" binding:"omitnil,max=5"`
	Hidden  string   `json:"-"`
	NoName  string
}

func decode(contentType, body string, into any, options ...binding.Option) error {
	r := httptest.NewRequest(http.MethodPost, "/?username=query", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return binding.Decode(httptest.NewRecorder(), r, into, options...)
}

func TestDecodeFormsOfApplications(t *testing.T) {
	t.Parallel()
	var in signUp
	body := `{"username":"ann","password1":"x","password2":"x","age":20,"terms":true,"tags":["a"],"company":"Acme","-":"x","Hidden":"x","NoName":"x"}`
	if err := decode("application/json", body, &in); err != nil {
		t.Fatal(err)
	}
	if in.Username != "ann" || in.Age != 20 || !in.Terms || !slices.Equal(in.Tags, []string{"a"}) || *in.Company != "Acme" ||
		in.Hidden != "" || in.NoName != "" {
		t.Errorf("got %+v", in)
	}
	in = signUp{}
	if err := decode("application/x-www-form-urlencoded", "username=ann&password1=x&password2=x&age=20&terms=true", &in); err != nil {
		t.Fatal(err)
	}
	if in.Age != 20 || !in.Terms || in.Company != nil {
		t.Errorf("got %+v", in)
	}
}

func TestDecodeReportsEveryField(t *testing.T) {
	t.Parallel()
	var in signUp
	err := decode("application/json", `{"username":null,"age":17,"terms":"yes","tags":{},"company":"too long"}`, &in, binding.Require("email", "username"))
	e, ok := errors.AsType[*binding.Error](err)
	if !ok {
		t.Fatal(err)
	}
	got := map[string]binding.Code{}
	for field, problems := range e.Fields {
		got[field] = problems[0].Code
	}
	for field, want := range map[string]binding.Code{
		"username": "null", "email": "required", "password1": "required", "password2": "required", "age": "min_value",
		"terms": "invalid", "tags": "invalid", "company": "max_length",
	} {
		if got[field] != want {
			t.Errorf("%s: %q, want %q", field, got[field], want)
		}
	}
	if text := binding.Merge(binding.Invalid("b", binding.Problem{Code: "x"}, binding.Problem{Code: "y"}),
		binding.Invalid("a", binding.Problem{Code: "z"})).Error(); text != "invalid: a z; b x y" {
		t.Errorf("Error() = %q", text)
	}
	if strings.Contains(e.Error(), "too long") {
		t.Errorf("the input is repeated: %s", e.Error())
	}
}

func TestErrorsCompareByCodeAndCopy(t *testing.T) {
	t.Parallel()
	cause := errors.New("why")
	shared := &binding.Error{Status: 503, Code: binding.CodeBusy}
	copied := shared.Because(cause).WithHeader("Retry-After", "1")
	if !errors.Is(copied, shared) || !errors.Is(copied, cause) || errors.Is(copied, &binding.Error{Code: binding.CodeInternal}) {
		t.Errorf("%v", copied)
	}
	if shared.Unwrap() != nil || shared.Header != nil {
		t.Errorf("the shared value changed: %+v", shared)
	}
	if binding.Merge(nil, nil) != nil {
		t.Error("Merge of nothing is something")
	}
	if err := binding.Merge(binding.Invalid("a", binding.Problem{}), cause); !errors.Is(err, cause) {
		t.Errorf("Merge hid %v behind %v", cause, err)
	}
}

func TestValidEmail(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"a@b.co": true, "first.last+tag@sub.example.com": true, "o'neil@example.com": true, "x@bücher.example": true,
		"a\uff20b.co": true, "": false, "a@b": false, "a@b.1": false, "a b@c.de": false, "a@b.c-": false,
	} {
		if got := binding.ValidEmail(address); got != want {
			t.Errorf("ValidEmail(%q) = %v", address, got)
		}
	}
}

// FuzzValidEmail: an accepted address is ASCII and has one @. Its stored form is accepted as well and does not
// change (T089).
func FuzzValidEmail(f *testing.F) {
	for _, seed := range []string{"a@b.co", "a@\uff42.co", "x@xn--bcher-kva.example", "\"a\"@b.co", "a@b.co\r\n", "a\uff20b@c.de"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if !binding.ValidEmail(address) {
			return
		}
		stored := models.NormalizeEmail(address)
		if strings.Count(stored, "@") != 1 || len(stored) > 254 || strings.ContainsFunc(stored, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%q is stored as %q", address, stored)
		}
		if !binding.ValidEmail(stored) || models.NormalizeEmail(stored) != stored {
			t.Errorf("%q, stored as %q, is not stable", address, stored)
		}
	})
}

// FuzzDecode: Decode never panics, and returns only *Error. Accepted text is valid and has no NUL.
func FuzzDecode(f *testing.F) {
	for _, seed := range [][2]string{
		{"application/json", `{"username":"a","password1":"b","password2":"\ud83d\ude00"}`}, {"application/json", `{"username":`},
		{"application/json", "[[[["}, {"application/json", `{"a":1,"a":2}`}, {"application/json", `"\ud800"`},
		{"application/x-www-form-urlencoded", "username=a&terms=true&age=1"}, {"multipart/form-data; boundary=x", "--x\r\n\r\n--x--"},
		{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\na\r\n--x--\r\n"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, contentType, body string) {
		var in signUp
		err := decode(contentType, body, &in)
		if err != nil {
			if e, ok := errors.AsType[*binding.Error](err); !ok || e.Status < 400 || e.Status >= 500 {
				t.Errorf("%v", err)
			}
		}
		for _, s := range []string{in.Username, in.Email, in.Password1, in.Password2} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) || s == "query" && !strings.Contains(body, "query") {
				t.Errorf("accepted %q", s)
			}
		}
	})
}
