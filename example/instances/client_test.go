//go:build unix

package instances

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"time"
)

const password = "Looking-Glass-7"

type fields map[string]any

func signUp(name string) fields {
	return fields{"username": name, "email": address(name), "password1": password, "password2": password}
}

func address(name string) string { return name + "@example.com" }

// client is a browser or an app. It follows its user from process to process, and keeps connections open as a proxy does.
type client struct {
	http    *http.Client
	header  http.Header
	refresh string
}

// transport is that of the load balancer. Like a proxy, it sends a request again only if a kept connection turns out to be closed.
var transport = &http.Transport{MaxIdleConnsPerHost: 50}

func newClient() *client {
	jar, _ := cookiejar.New(nil) // cannot fail
	return &client{http: &http.Client{Jar: jar, Timeout: time.Minute, Transport: transport}, header: http.Header{}}
}

// response is what a client got. Its status is 0 if it got none.
type response struct {
	status int
	body   []byte
	header http.Header
	err    error
}

func (r response) String() string { return fmt.Sprintf("%d %s %v", r.status, r.body, r.err) }

// text returns a field of the body.
func (r response) text(name string) string {
	var body map[string]any
	_ = json.Unmarshal(r.body, &body) // no field then
	text, _ := body[name].(string)
	return text
}

// send sends a request to a process.
func (c *client) send(to *process, method, path string, body fields) (r response) {
	var content []byte
	if body != nil {
		content, _ = json.Marshal(body) // strings and numbers can be encoded
	}
	request, err := http.NewRequest(method, to.url+path, bytes.NewReader(content))
	if err != nil {
		return response{err: err}
	}
	request.Header = c.header.Clone()
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return response{err: err}
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(answer.Body); err != nil {
		return response{err: err}
	}
	return response{status: answer.StatusCode, body: text.Bytes(), header: answer.Header}
}

// take keeps the JSON Web Tokens of a response.
func (c *client) take(r response) {
	c.refresh = r.text("refresh")
	c.header.Set("Authorization", "Bearer "+r.text("access"))
}

// renew exchanges the refresh token.
func (c *client) renew(at *process) response {
	r := c.send(at, http.MethodPost, "/auth/token/refresh/", fields{"refresh": c.refresh})
	if r.status == http.StatusOK {
		c.take(r)
	}
	return r
}
