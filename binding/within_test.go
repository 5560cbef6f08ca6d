package binding_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/binding"
)

type role string

func (r *role) UnmarshalText(text []byte) error {
	if s := strings.ToLower(string(text)); s == "member" || s == "guest" {
		*r = role(s)
		return nil
	}
	return errors.New("unknown role")
}

type receiver struct {
	Email string `json:"email" binding:"required"`
}

type weighed struct {
	Weight int `json:"weight" binding:"max=9"`
}

type parcel struct {
	weighed `json:"-"`
	Email   string              `json:"email" binding:"required"`
	Role    role                `json:"role"`
	Price   json.Number         `json:"price"`
	Seats   *int                `json:"seats"`
	Contact *struct{ receiver } `json:"contact"`
	Items   []struct {
		Name string `json:"name" binding:"required,max=3"`
	} `json:"items" binding:"dive"`
	Tags  []string `json:"tags" binding:"dive,max=3"`
	Boxes map[string]struct {
		Name string `json:"name" binding:"required"`
	} `json:"boxes" binding:"dive"`
	Numbers []int          `json:"numbers"`
	Any     map[string]any `json:"any"`
}

func decodeParcel(media, body string) (parcel, string) {
	var f parcel
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", media)
	if err := binding.Decode(httptest.NewRecorder(), r, &f); err != nil {
		return f, err.Error()
	}
	return f, ""
}

// TestWithinFields: values inside a field follow the rules of the body.
func TestWithinFields(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`"role":"admin"`: "invalid: role invalid",
		`"price":"abc"`:  "invalid: price invalid",
		`"contact":{}`:   "invalid: contact.email required",
		`"weight":10`:    "invalid: weight max_value",
		`"items":[{"name":"a"},{"name":"longer"}]`: "invalid: items[1].name max_length",
		`"tags":["longer","longer"]`:               "invalid: tags[0] max_length",
		`"tags":["\u0000"]`:                        "invalid: tags invalid_text",
		`"tags":["\ud800"]`:                        "invalid: tags invalid_text",
		`"boxes":{"9]x":{}}`:                       "invalid: boxes required",
		`"boxes":{"k":{}}`:                         "invalid: boxes required",
		`"any":{"a":1,"a":2}`:                      "invalid: any invalid",
		`"any":{"a":{"b":[1,{"c":1}]},"d":"\"\\"},"role":"Guest","price":12.50,"seats":0`: "",
	} {
		if _, got := decodeParcel("application/json", `{"email":"x",`+body+`}`); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
	if f, _ := decodeParcel("application/json", `{"email":"x","role":"Guest"}`); f.Role != "guest" {
		t.Errorf("role %q", f.Role)
	}
}

// TestFormsOfBrowsers: an empty input counts as missing, and null is not a value.
func TestFormsOfBrowsers(t *testing.T) {
	t.Parallel()
	for seats, want := range map[string]string{"": "", "null": "invalid: seats null", "3": "", "x": "invalid: seats invalid"} {
		f, got := decodeParcel("application/x-www-form-urlencoded", url.Values{"email": {"x"}, "seats": {seats}}.Encode())
		if got != want || seats == "" && f.Seats != nil {
			t.Errorf("%q: %q, want %q", seats, got, want)
		}
	}
	deep := url.Values{"email": {"x"}, "any": {`{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`}}.Encode()
	if _, got := decodeParcel("application/x-www-form-urlencoded", deep); got != "invalid: any invalid" {
		t.Errorf("deep: %q", got)
	}
}

// TestListsInForms: a list is JSON, or a repeated field.
func TestListsInForms(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		"tags=a&tags=b": {"a", "b"}, "tags=a": {"a"}, `tags=["a","b"]`: {"a", "b"}, "tags=": nil, "tags=&tags=b": {"", "b"}, "tags=1": {"1"},
	} {
		f, got := decodeParcel("application/x-www-form-urlencoded", "email=x&"+body)
		if got != "" || !slices.Equal(f.Tags, want) {
			t.Errorf("%s: %q %s, want %q", body, f.Tags, got, want)
		}
	}
	for body, want := range map[string]string{
		"email=x&email=y": "parse_error", "email=x&other=1&other=2": "parse_error", "email=x&seats=1&seats=2": "parse_error",
		"email=x&tags=%00": "invalid: tags invalid_text", "email=x&role=%00": "invalid: role invalid_text", "email=x&numbers=1&numbers=x": "invalid: numbers invalid",
		"email=x&numbers=1&numbers=2,3": "invalid: numbers invalid", "email=x" + strings.Repeat("&tags=a", 1000): "parse_error",
	} {
		if _, got := decodeParcel("application/x-www-form-urlencoded", body); !strings.HasPrefix(got, want) {
			t.Errorf("%.40s: %q, want %q", body, got, want)
		}
	}
	const boundary = "x"
	var multipart strings.Builder
	for _, part := range [][2]string{{"email", "x"}, {"numbers", "1"}, {"numbers", "2"}} {
		multipart.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + part[0] + "\"\r\n\r\n" + part[1] + "\r\n")
	}
	f, got := decodeParcel("multipart/form-data; boundary="+boundary, multipart.String()+"--"+boundary+"--\r\n")
	if got != "" || !slices.Equal(f.Numbers, []int{1, 2}) {
		t.Errorf("multipart: %v %s", f.Numbers, got)
	}
}

func TestMergeKeepsAStatus(t *testing.T) {
	t.Parallel()
	closed := &binding.Error{Status: 403, Code: "closed", Fields: map[string][]binding.Problem{binding.NonField: {{Code: "closed"}}}}
	if got := binding.Merge(binding.Invalid("a", binding.Problem{Code: "b"}), closed); got != error(closed) { //nolint:errorlint // the very value
		t.Errorf("got %#v", got)
	}
}

type seal struct {
	Sealed bool `json:"sealed"`
}

type vault struct {
	Name     string `json:"name"`
	Verified bool
	Level    int64 `json:"level,string"`
	seal     `json:"-"`
	Next     *vault `json:"next"`
}

type deposit struct {
	Contact *vault           `json:"contact"`
	Items   []vault          `json:"items"`
	Pair    [1]vault         `json:"pair"`
	ByName  map[string]vault `json:"by_name"`
}

// TestObjectsByExactNames: an object inside a field fills only fields with a json name, by exactly that name.
func TestObjectsByExactNames(t *testing.T) {
	t.Parallel()
	for _, way := range []string{`{"contact":%}`, `{"items":[%]}`, `{"pair":[%]}`, `{"by_name":{"x":%}}`, `{"contact":{"next":%}}`} {
		for object, want := range map[string]string{
			`{"name":"ann","Verified":true,"verified":true,"sealed":true,"level":"7"}`: "ann false false 7",
			`{"Name":"eve","NAME":"eve","Level":"7","unknown":{"name":1}}`:             " false false 0",
			`{"name":"ann","Name":"eve"}`:                                              "invalid",
			`{"level":"7","le\u0056el":"8"}`:                                           "invalid",
			`{"name":"ann","name":"eve"}`:                                              "invalid",
			`{"name":"ann","level":7}`:                                                 "invalid",
			`{"name":5}`:                                                               "invalid",
		} {
			var in deposit
			r := httptest.NewRequest("POST", "/", strings.NewReader(strings.Replace(way, "%", object, 1)))
			r.Header.Set("Content-Type", "application/json")
			got := "invalid"
			if err := binding.Decode(httptest.NewRecorder(), r, &in); err == nil {
				v := in.Pair[0]
				switch {
				case in.Contact != nil && in.Contact.Next != nil:
					v = *in.Contact.Next
				case in.Contact != nil:
					v = *in.Contact
				case in.Items != nil:
					v = in.Items[0]
				case in.ByName != nil:
					v = in.ByName["x"]
				}
				got = fmt.Sprint(v.Name, " ", v.Verified, v.Sealed, v.Level)
			}
			if got != want {
				t.Errorf("%s with %s: %q, want %q", way, object, got, want)
			}
		}
	}
}

// TestNothingInOptionalFields: an optional field that is empty or null counts as missing. In a partial body it is a
// change.
func TestNothingInOptionalFields(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"key":"k","email":"","code":""}`, `{"key":"k","email":null,"code":" "}`} {
		var in binding.KeyOrCode
		if err := decode("application/json", body, &in); err != nil || in != (binding.KeyOrCode{Key: "k"}) {
			t.Errorf("%s: %+v, %v", body, in, err)
		}
	}
	var token binding.CreateToken
	sent, _ := json.Marshal(binding.CreateToken{Name: "ci"})
	if err := decode("application/json", string(sent), &token); err != nil || token.ExpiresIn != nil {
		t.Errorf("%s: %v", sent, err)
	}
	var user binding.UpdateUser
	for body, want := range map[string]string{
		`{"first_name":null}`: "invalid: first_name null", `{"username":""}`: "invalid: username blank", `{"username":null}`: "invalid: username null",
	} {
		if err := decode("application/json", body, &user, binding.Partial()); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
	for _, required := range []string{`{"email":""}`, `{"email":null}`, `{"email":" "}`} {
		var in binding.EmailRequest
		if err := decode("application/json", required, &in); err == nil {
			t.Errorf("%s is taken", required)
		}
	}
	var in binding.Register
	body := `{"username":"ann@example.com","email":{},"password1":"x","password2":"x"}`
	if err := decode("application/json", body, &in, binding.Ignore("username", "email")); err != nil || in.Username != "" {
		t.Errorf("ignored: %+v, %v", in, err)
	}
}

func TestLabelsOfUTF8(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]bool{"utf8": true, "UTF8": true, `"utf-8"`: true, "x-unicode20utf8": true, "utf-16": false, "utf": false, "latin1": false} {
		var in binding.NoticeKey
		if err := decode("application/json; charset="+label, `{"key":"k"}`, &in); (err == nil) != want {
			t.Errorf("%s: %v", label, err)
		}
	}
}
