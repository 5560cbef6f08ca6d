package dbtest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// response is what the recording keeps of a response. dj-rest-auth sends Allow with every response. The recording keeps
// it where HTTP requires it (RFC 9110, sections 9.3.7 and 15.5.6): for OPTIONS and 405.
type response struct {
	Status     int      `json:"status"`
	Shape      any      `json:"shape"`                 // keys and JSON types of the body
	Media      string   `json:"media,omitempty"`       // Content-Type without parameters
	Allow      string   `json:"allow,omitempty"`       // sorted
	Challenge  string   `json:"challenge,omitempty"`   // WWW-Authenticate, unchanged
	RetryAfter string   `json:"retry_after,omitempty"` // unchanged
	Cookies    []string `json:"cookie,omitempty"`      // set and deleted cookies, in the form of cookieText
	Mails      int      `json:"mails"`                 // number of mails sent
}

func responseOf(t *testing.T, r *authtest.Response, method string, mails int) response {
	t.Helper()
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	got := response{
		Status: r.StatusCode, Shape: shapeOf(r.Text), Media: media, Mails: mails,
		Challenge: strings.Join(r.Header.Values("WWW-Authenticate"), ", "), RetryAfter: r.Header.Get("Retry-After"),
	}
	if allow := r.Header.Get("Allow"); allow != "" {
		methods := strings.Split(allow, ", ")
		slices.Sort(methods)
		got.Allow = strings.Join(methods, ", ")
	}
	if method == http.MethodHead {
		got.Shape = "empty" // net/http drops the body of HEAD, the recorder keeps it
	}
	for _, cookie := range r.Cookies() {
		got.Cookies = append(got.Cookies, cookieText(t, cookie))
	}
	slices.Sort(got.Cookies)
	return got
}

// cookieText writes a cookie as "access+ HttpOnly Max-Age=300 Path=/ SameSite=Lax", or as "access- Path=/ SameSite=Lax"
// if it is deleted: a deletion needs no other attributes. Expires is left out, since Max-Age takes precedence. Cookies
// of this library are always Secure, and the name of the session cookie shows it. The recorded ones are Secure where
// dj-rest-auth was configured so.
func cookieText(t *testing.T, cookie *http.Cookie) string {
	t.Helper()
	name, host := strings.CutPrefix(cookie.Name, "__Host-")
	if !cookie.Secure || host != (name == "session") {
		t.Errorf("cookie %s is not Secure, or its name has no __Host- prefix", cookie.Raw)
	}
	sign := "+"
	if cookie.MaxAge < 0 {
		sign = "-"
	}
	attributes := slices.DeleteFunc(strings.Split(cookie.Raw, "; ")[1:], func(a string) bool {
		kind, _, _ := strings.Cut(a, "=")
		return kind == "Expires" || kind == "Secure" || sign == "-" && (kind == "Max-Age" || kind == "HttpOnly")
	})
	slices.Sort(attributes)
	return strings.Join(append([]string{name + sign}, attributes...), " ")
}

// shapeOf reduces a body to its keys and JSON types, as the recording does.
func shapeOf(text string) any {
	if text == "" {
		return "empty"
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return "non-JSON"
	}
	return shape(v)
}

func shape(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range v {
			out[key] = shape(value)
		}
		return out
	case []any:
		if len(v) == 0 {
			return []any{}
		}
		return []any{shape(v[0])}
	case string:
		return "string"
	case float64:
		return "integer"
	case bool:
		return "boolean"
	}
	return "null"
}
