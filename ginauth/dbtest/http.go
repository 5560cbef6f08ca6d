package dbtest

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var httpCases = Group{Name: "http", Cases: []func(*Case){
	differencesWithoutARecordedCase, bodiesOfEveryKind, invalidBodies, invalidText, methodsAndSlashes,
	responsesHaveTheirHeaders, errorsInBothShapes, requestStructsCanBeSent, emptyOptionalFields, fieldsThatAreOffAreIgnored,
	nestedObjectsFillNamedFieldsOnly, charsetLabels,
}}

func bodiesOfEveryKind(c *Case) {
	c.Start()
	c.SignedUp("ann")
	form := url.Values{"username": {"ann"}, "password": {authtest.Password}}
	c.Client().Post("/auth/login/", form).Want(200)
	c.Client().Post("/auth/login", form).Want(200)

	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("username", "ann")
	_ = w.WriteField("password", authtest.Password)
	_ = w.Close()
	c.Client().Do("POST", "/auth/login/", body.Bytes(), "Content-Type", w.FormDataContentType()).Want(200)

	for _, contentType := range []string{"application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"} {
		c.Client().Do("POST", "/auth/login/", `{"username":"ann","password":"Looking-Glass-7"}`, "Content-Type", contentType).Want(200)
	}
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": authtest.Password, "unknown": []any{1, obj{"x": nil}}}).Want(200)
	for _, empty := range []string{"", "application/json", "application/x-www-form-urlencoded", "text/plain"} {
		c.Client().Do("POST", "/auth/login/", "", "Content-Type", empty).WantProblems("password required")
	}
	c.Client().Do("POST", "/auth/login/?username=ann&password="+authtest.Password, "").WantProblems("password required") // T032, T072
}

// invalidBodies covers T057 and T075 to T082: bodies that the library refuses, with their status.
func invalidBodies(c *Case) {
	c.Start()
	json := "application/json"
	good := `{"username":"ann","password":"x"}`
	for _, bad := range []struct {
		contentType, body string
		status            int
		code              binding.Code
	}{
		{"text/plain", good, 415, binding.CodeUnsupportedMediaType},
		{"", good, 415, binding.CodeUnsupportedMediaType},
		{"garbage", good, 415, binding.CodeUnsupportedMediaType},
		{"application/xml", "<a/>", 415, binding.CodeUnsupportedMediaType},
		{"application/json; charset=utf-16", good, 415, binding.CodeUnsupportedMediaType},
		{json, good[:20], 400, binding.CodeParseError},
		{json, good + "{}", 400, binding.CodeParseError},
		{json, "\ufeff" + good, 400, binding.CodeParseError},
		{json, `{"username":"a","username":"b","password":"x"}`, 400, binding.CodeParseError},
		{json, `{"username": NaN}`, 400, binding.CodeParseError},
		{json, "{\"username\": \"\xff\"}", 400, binding.CodeParseError},
		{json, strings.Repeat("[", 33) + strings.Repeat("]", 33), 400, binding.CodeParseError},
		{json, strings.Repeat(`{"a":`, 10000) + "1" + strings.Repeat("}", 10000), 400, binding.CodeParseError},
		{json, `{"password":"` + strings.Repeat("x", 64<<10) + `"}`, 413, binding.CodeTooLarge},
		{"application/x-www-form-urlencoded", "username=a&username=b", 400, binding.CodeParseError},
		{"application/x-www-form-urlencoded", "username=%zz", 400, binding.CodeParseError},
		{"application/x-www-form-urlencoded", manyFields(1500), 400, binding.CodeParseError},
		{"multipart/form-data", "x", 400, binding.CodeParseError},
		{"multipart/form-data; boundary=x", "--x\r\nContent-Dispo", 400, binding.CodeParseError},
		{"multipart/form-data; boundary=x", "hello", 400, binding.CodeParseError},
		{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\na\r\n--x\r\n", 400, binding.CodeParseError},
		{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n--x--y\r\n--x\r\n", 400, binding.CodeParseError},
	} {
		c.Client().Do("POST", "/auth/login/", bad.body, "Content-Type", bad.contentType).WantCode(bad.status, bad.code)
	}
	c.Client().Do("POST", "/auth/login/", good, "Content-Type", json, "Content-Encoding", "gzip").
		WantCode(415, binding.CodeUnsupportedMediaType)
	for _, notObject := range []string{`"alice"`, "5", "null", "[]", "true"} {
		c.Client().Do("POST", "/auth/login/", notObject, "Content-Type", json).WantProblems("non_field_errors not_an_object")
	}
	file := "--x\r\nContent-Disposition: form-data; name=\"username\"; filename=\"a\"\r\n\r\nann\r\n--x--\r\n"
	c.Client().Do("POST", "/auth/login/", file, "Content-Type", "multipart/form-data; boundary=x").
		WantProblems("username invalid", "password required")
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "f%d=%d&", i, i)
	}
	return b.String()
}

// invalidText covers T018 and T081: on every database the response is 400, never 500.
func invalidText(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	for _, bad := range []string{`"a\u0000b"`, `"\ud800"`, `"\udc00x"`, `"\ud800\ud800"`, `"x\ud83d"`} {
		raw := func(field string) string { return fmt.Sprintf(`{"password":"x","%s":%s}`, field, bad) }
		json := []string{"Content-Type", "application/json"}
		c.Client().Do("POST", "/auth/login/", raw("username"), json...).WantProblems("username invalid_text")
		ann.Do("PATCH", "/auth/user/", raw("first_name"), json...).WantProblems("first_name invalid_text")
	}
	for _, fine := range []string{`"\ufffd"`, `"\uFFFD\\ufffd"`, `"😀\ud83d\ude00"`, `"<script>&'\"\u2028é"`, `"\u0085x"`} {
		ann.Do("PATCH", "/auth/user/", `{"first_name":`+fine+`}`, "Content-Type", "application/json").Want(200)
	}
	ann.Patch("/auth/user/", url.Values{"first_name": {"a\x00b"}}).WantProblems("first_name invalid_text")
	ann.Do("PATCH", "/auth/user/", "first_name=%ff", "Content-Type", "application/x-www-form-urlencoded").
		WantProblems("first_name invalid_text")
	c.Client().Post("/auth/login/", obj{"username": true, "password": obj{}}).WantProblems("username invalid", "password invalid")
	c.Client().Post("/auth/login/", obj{"username": strings.Repeat("a", 255), "password": strings.Repeat("x", 1025)}).
		WantProblems("username max_length", "password max_length")
}

// methodsAndSlashes covers T064: there are no redirects, and 405 names the allowed methods, even though the engine does
// not set HandleMethodNotAllowed.
func methodsAndSlashes(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	for path, allow := range map[string]string{
		"login": "POST, OPTIONS", "logout": "POST, OPTIONS", "user": "GET, HEAD, PUT, PATCH, OPTIONS",
		"password/change": "POST, OPTIONS", "registration": "POST, OPTIONS", "sessions": "GET, HEAD, DELETE, OPTIONS",
		"sessions/x": "DELETE, OPTIONS",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"} {
			for _, slash := range []string{"", "/"} {
				r := c.Client().Do(method, "/auth/"+path+slash, nil)
				switch allowed := strings.Contains(allow, method); {
				case r.StatusCode/100 == 3 || r.StatusCode == 404:
					c.Errorf("%s %s%s: %d", method, path, slash, r.StatusCode)
				case (r.StatusCode == 405) == allowed:
					c.Errorf("%s %s%s: %d, Allow %q", method, path, slash, r.StatusCode, allow)
				case (method == "OPTIONS" || !allowed) && r.Header.Get("Allow") != allow:
					c.Errorf("%s %s%s: Allow %q, want %q", method, path, slash, r.Header.Get("Allow"), allow)
				}
			}
		}
	}
	ann.Do("HEAD", "/auth/user/", nil).Want(200)
	ann.Do("HEAD", "/auth/login/", nil).Want(405)
	ann.Do("OPTIONS", "/auth/user/", nil).Want(200)
	c.Client().Do("POST", "/auth/LOGIN/", nil).Want(404)
}

// responsesHaveTheirHeaders covers T046: every response has the headers against caching and content sniffing.
func responsesHaveTheirHeaders(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	for _, r := range []*authtest.Response{
		ann.Get("/auth/user/").Want(200), c.Client().Get("/auth/user/").Want(401), ann.Post("/auth/login/", obj{}).Want(400),
		ann.Get("/auth/login/").Want(405), ann.Do("OPTIONS", "/auth/login/", nil).Want(200), ann.Delete("/auth/sessions/x").Want(404),
		ann.Delete("/auth/sessions/").Want(204), ann.Do("POST", "/auth/login/", "x", "Content-Type", "text/plain").Want(415),
		ann.Do("PATCH", "/auth/user/", obj{}, "Origin", "https://evil.example").Want(403),
	} {
		for header, want := range map[string]string{
			"Cache-Control": "no-store", "Pragma": "no-cache", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Vary": "Accept, Accept-Language, Authorization, Cookie, Origin",
		} {
			if got := r.Header.Get(header); got != want {
				c.Errorf("%d: %s is %q, want %q", r.StatusCode, header, got, want)
			}
		}
		if challenge := r.Header.Get("WWW-Authenticate"); (challenge != "") != (r.StatusCode == 401) {
			c.Errorf("%d: WWW-Authenticate %q", r.StatusCode, challenge)
		}
	}
}

func errorsInBothShapes(c *Case) {
	c.Start()
	for accept, want := range map[string][3]string{
		"application/json": {
			`{"detail":"Please log in to continue.","code":"not_authenticated"}`,
			`{"password":["This field is required."]}`, "application/json",
		},
		"application/problem+json": {
			`{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Please log in to continue.","code":"not_authenticated"}`,
			`{"type":"about:blank","title":"Bad Request","status":400,"detail":"The request could not be processed. Please check your input.","code":"invalid","errors":` +
				`[{"field":"password","pointer":"#/password","code":"required","detail":"This field is required."}]}`,
			"application/problem+json",
		},
	} {
		for _, variant := range []string{accept, "text/html, " + accept + ";q=0.5"} {
			one := c.Client().Do("GET", "/auth/user/", nil, "Accept", variant).Want(401)
			two := c.Client().Do("POST", "/auth/login/", "", "Accept", variant).Want(400)
			if one.Text != want[0] || two.Text != want[1] || one.Header.Get("Content-Type") != want[2] {
				c.Errorf("%s: got %s and %s as %s", variant, one.Text, two.Text, one.Header.Get("Content-Type"))
			}
		}
	}
	r := c.Client().Do("GET", "/auth/user/", nil, "Accept", "application/problem+json;q=0").Want(401)
	if r.Header.Get("Content-Type") != "application/json" {
		c.Errorf("got %s", r.Header.Get("Content-Type"))
	}
}
