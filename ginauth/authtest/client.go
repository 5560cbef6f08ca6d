package authtest

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/binding"
)

// Password is the password of the users that this package creates. It satisfies the default password rules.
const Password = "Looking-Glass-7"

// SignUp returns the body of a registration with [Password] and the address NAME@example.com.
func SignUp(username string) binding.Register {
	return binding.Register{
		Username: username, Email: username + "@example.com", Password1: Password, Password2: Password,
	}
}

// Login returns the body of a login with [Password].
func Login(username string) binding.Login {
	return binding.Login{Username: username, Password: Password}
}

// Client sends requests to a handler and keeps cookies, like a browser. It is not safe for concurrent use; use Clone.
type Client struct {
	Cookies map[string]string
	Header  http.Header // sent with each request

	t       testing.TB
	handler http.Handler
}

// Client returns a new client for App.Router that is not logged in. It accepts errors as application/problem+json, which
// [Response.WantCode] and [Response.WantProblems] need.
func (a *App) Client(t testing.TB) *Client { return NewClient(t, a.Router) }

// NewClient returns a new client for any handler. It accepts errors as application/problem+json.
func NewClient(t testing.TB, handler http.Handler) *Client {
	return &Client{
		Cookies: map[string]string{}, t: t, handler: handler,
		Header: http.Header{"Accept": {"application/problem+json, application/json"}},
	}
}

// Clone returns a client with the same cookies and headers.
func (c *Client) Clone() *Client {
	return &Client{Cookies: maps.Clone(c.Cookies), Header: c.Header.Clone(), t: c.t, handler: c.handler}
}

// Get sends a GET request.
func (c *Client) Get(path string) *Response { return c.Do(http.MethodGet, path, nil) }

// Post sends a POST request; see [Client.Do] for the body.
func (c *Client) Post(path string, body any) *Response { return c.Do(http.MethodPost, path, body) }

// Patch sends a PATCH request; see [Client.Do] for the body.
func (c *Client) Patch(path string, body any) *Response { return c.Do(http.MethodPatch, path, body) }

// Put sends a PUT request; see [Client.Do] for the body.
func (c *Client) Put(path string, body any) *Response { return c.Do(http.MethodPut, path, body) }

// Delete sends a DELETE request.
func (c *Client) Delete(path string) *Response { return c.Do(http.MethodDelete, path, nil) }

// Do sends a request and keeps the cookies of the response. It sends url.Values as a form, a string or []byte unchanged, and any
// other body as JSON. header is a list of names and values, which replace those of Client.Header.
func (c *Client) Do(method, path string, body any, header ...string) *Response {
	c.t.Helper()
	r := httptest.NewRequest(method, path, c.reader(body))
	maps.Copy(r.Header, c.Header.Clone())
	switch body.(type) {
	case nil, string, []byte:
	case url.Values:
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	default:
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	for _, name := range slices.Sorted(maps.Keys(c.Cookies)) {
		r.AddCookie(&http.Cookie{Name: name, Value: c.Cookies[name]})
	}
	recorder := httptest.NewRecorder()
	c.handler.ServeHTTP(recorder, r)
	result := recorder.Result()
	for _, cookie := range result.Cookies() {
		if cookie.MaxAge < 0 {
			delete(c.Cookies, cookie.Name)
		} else {
			c.Cookies[cookie.Name] = cookie.Value
		}
	}
	return &Response{Response: result, Text: recorder.Body.String(), t: c.t}
}

func (c *Client) reader(body any) io.Reader {
	switch b := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(b)
	case []byte:
		return bytes.NewReader(b)
	case url.Values:
		return strings.NewReader(b.Encode())
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	return bytes.NewReader(encoded)
}

// Response is a response whose body is in Text.
type Response struct {
	*http.Response
	Text string

	t testing.TB
}

// Want ends the test unless the response has this status.
func (r *Response) Want(status int) *Response {
	r.t.Helper()
	if r.StatusCode != status {
		r.t.Fatalf("got %d, want %d; body: %s", r.StatusCode, status, r.Text)
	}
	return r
}

// WantCode ends the test unless the response is an error with this status and code. For the codes of fields and of
// non_field_errors, use [Response.WantProblems].
func (r *Response) WantCode(status int, code binding.Code) *Response {
	r.t.Helper()
	r.Want(status)
	if got := r.problem().Code; got != code {
		r.t.Fatalf("got code %q, want %q; body: %s", got, code, r.Text)
	}
	return r
}

// WantProblems ends the test unless the response is a 400 with exactly these problems. Write each as "field code", such as
// "email taken".
func (r *Response) WantProblems(want ...string) *Response {
	r.t.Helper()
	r.Want(http.StatusBadRequest)
	var got []string
	for _, e := range r.problem().Errors {
		got = append(got, e.Field+" "+string(e.Code))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		r.t.Fatalf("got problems %q, want %q", got, want)
	}
	return r
}

type problem struct {
	Code   binding.Code
	Errors []struct {
		Field string
		Code  binding.Code
	}
}

func (r *Response) problem() (p problem) {
	r.t.Helper()
	r.JSON(&p)
	return p
}

// JSON decodes the body into a pointer, and ends the test if it is not JSON.
func (r *Response) JSON(into any) {
	r.t.Helper()
	if err := json.Unmarshal([]byte(r.Text), into); err != nil {
		r.t.Fatalf("body is not JSON: %v: %s", err, r.Text)
	}
}
