package dbtest

// Every secret that clients and the library exchange, and where else it is.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

var canaryCases = Group{Name: "canary", Cases: []func(*Case){secretsAreNowhereElse}}

// secretsAreNowhereElse covers T043, T205 and T222 for the routes of all features: passwords, tokens, codes, cookies and keys are in no
// table, log, error or other mail.
func secretsAreNowhereElse(c *Case) { c.searchCanaries(nil) }

// searchCanaries plays requests to the routes of all features, and then searches for their secrets. elsewhere returns more texts in which
// they must not be.
func (c *Case) searchCanaries(elsewhere func() map[string]string, more ...core.Feature) {
	c.Helper()
	m := c.startMachine(more...)
	var tap canaries
	m.handler = tap.on(c.Router)
	var mails []authtest.Mail
	m.begin(c.T)
	for i := range 3 * len(userVerbs) {
		m.play(userVerbs, move{verb: i, by: i % 3, client: i % 8, pick: i * 5 % 16})
		if i%6 == 0 {
			m.play(strangersVerbs, move{verb: i / 6, on: i % 3, client: i % 8, pick: i % 16})
		}
		if i%5 == 0 {
			m.play(operatorVerbs, move{verb: i / 5, on: 1, pick: i % 4})
		}
	}
	m.finish()
	for _, p := range m.players {
		mails = append(mails, p.inbox...)
	}
	c.Box.Break(true)
	c.Client().Post("/auth/password/reset/", obj{"email": m.players[0].address()})
	_, _ = c.Auth.SendOutbox(c.Context())
	c.Logf("%d secrets, %d requests, %d mails; what succeeded: %v", len(tap.secrets), tap.requests, len(mails), m.done)
	texts := map[string]string{"the log": c.Log.String(), "an error": tap.errors.String(), "the database": c.wholeDump()}
	if elsewhere != nil {
		for name, text := range elsewhere() {
			texts[name] = text
		}
	}
	for _, secret := range tap.all() {
		for name, text := range texts {
			if i := strings.Index(text, secret); i >= 0 {
				c.Errorf("%s (%s) is in %s: %s", secret, tap.secrets[secret], name, text[max(0, i-200):min(len(text), i+200)])
			}
		}
		c.wantOneMail(secret, tap.secrets[secret], mails)
	}
	for _, name := range []string{"cookie", "access", "refresh", "key", "password", "recovery_codes", "secret", "ephemeral_token", "session_id", "code", "id_token"} {
		if !slices.Contains(tap.kinds(), name) {
			c.Errorf("no secret of the kind %s was seen", name)
		}
	}
}

// wantOneMail wants that a secret is in no mail or, if it came from one, in that mail and in those that the address got again.
func (c *Case) wantOneMail(secret, kind string, mails []authtest.Mail) {
	c.Helper()
	allowed := 0
	if strings.HasPrefix(kind, "sent ") {
		allowed = 1
	}
	var in []string
	for _, mail := range mails {
		if strings.Contains(mail.Text+mail.HTML+mail.Subject, secret) {
			in = append(in, mail.Kind+" to "+mail.To)
		}
	}
	slices.Sort(in)
	in = slices.Compact(in)
	if len(in) > allowed {
		c.Errorf("%s (%s) is in the mails %v", secret, kind, in)
	}
}

// wholeDump returns all tables.
func (c *Case) wholeDump() string {
	c.Helper()
	tables, err := c.DB.Migrator().GetTables()
	c.must(err)
	var dump strings.Builder
	for _, table := range tables {
		if table == "sqlite_sequence" {
			continue
		}
		var rows []map[string]any
		c.must(c.DB.Table(table).Find(&rows).Error)
		for _, row := range rows {
			for column, value := range row {
				if bytes, ok := value.([]byte); ok {
					value = string(bytes)
				}
				fmt.Fprintf(&dump, "%s.%s is %v\n", table, column, value)
			}
		}
	}
	return dump.String()
}

// canaries records what requests and responses contain.
type canaries struct {
	mu       sync.Mutex
	secrets  map[string]string // and what they are
	errors   strings.Builder   // bodies and headers of errors
	requests int
}

// secretFields are the fields of requests and responses whose value is a secret.
var secretFields = regexp.MustCompile(`^(password.?|new_password.|old_password|code|key|token|ephemeral_token|activation_token|access|refresh|id_token|invitation|secret|recovery_codes|codes|session_id|signature)$`)

func (k *canaries) on(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		k.note(r, body, recorder)
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
	})
}

func (k *canaries) note(r *http.Request, sent []byte, got *httptest.ResponseRecorder) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.requests++
	for _, cookie := range append(r.Cookies(), got.Result().Cookies()...) {
		k.add("cookie", cookie.Value)
	}
	k.add("token", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	k.walk("sent ", "", sent)
	if got.Code < 300 {
		k.walk("", "", got.Body.Bytes())
	} else if got.Code >= 400 { // a redirect gives the front end its code
		fmt.Fprintf(&k.errors, "%s %s: %d %s %v\n", r.Method, r.URL.Path, got.Code, got.Body, got.Header())
	}
}

// walk adds the secrets of a JSON document.
func (k *canaries) walk(from, name string, document []byte) {
	var object map[string]json.RawMessage
	var list []json.RawMessage
	var text string
	switch {
	case json.Unmarshal(document, &object) == nil:
		for name, value := range object {
			k.walk(from, name, value)
		}
	case json.Unmarshal(document, &list) == nil:
		for _, value := range list {
			k.walk(from, name, value)
		}
	case json.Unmarshal(document, &text) == nil && secretFields.MatchString(name):
		k.add(from+name, text)
	}
}

// add adds a secret. Codes of six digits are left out, because times and numbers have the same digits.
func (k *canaries) add(what, value string) {
	if k.secrets == nil {
		k.secrets = map[string]string{}
	}
	if len(value) < 8 || value == "BBBB-BBBB" || value == "0000-0000-0000-0000" {
		return
	}
	if was := k.secrets[value]; was == "" || strings.HasPrefix(was, "sent ") {
		k.secrets[value] = what
	}
	if i := strings.LastIndexByte(value, '.'); i > 0 && len(value)-i > 20 { // the signature of a token
		k.secrets[value[i+1:]] = what
	} else if len(value) > 64 {
		k.secrets[value[len(value)-32:]] = what
	}
}

func (k *canaries) all() (all []string) {
	for secret := range k.secrets {
		all = append(all, secret)
	}
	slices.Sort(all)
	return all
}

// kinds returns the names of the fields in which secrets were.
func (k *canaries) kinds() (all []string) {
	for _, kind := range k.secrets {
		all = append(all, strings.TrimRight(strings.TrimPrefix(kind, "sent "), "12"))
	}
	return all
}
