package openapi_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi/openapitest"
	"github.com/ginauth/gin-rest-auth/models"
)

type obj = map[string]any

const otherPassword = "Mirror-Maze-88"

// world is an application. Each of its responses is compared with its document.
type world struct {
	*testing.T
	*authtest.App
	checker *openapitest.Checker
	handler http.Handler
	box     *authtest.Mailbox
	db      *gorm.DB
}

func newWorld(t *testing.T, box *authtest.Mailbox, change change) *world {
	db := openDB(t)
	w := &world{T: t, App: authtest.New(t, db, change), box: box, db: db}
	w.checker = openapitest.New(w.Auth)
	w.handler = w.checker.Handler(t, w.Router)
	return w
}

// client is a browser that accepts problem+json; djangoClient is one that does not.
func (w *world) client() *authtest.Client { return authtest.NewClient(w.T, w.handler) }

func (w *world) djangoClient() *authtest.Client {
	c := w.client()
	c.Header.Del("Accept")
	return c
}

// mail sends the outbox and returns the latest mail of a kind.
func (w *world) mail(kind string) authtest.Mail {
	w.Helper()
	var found authtest.Mail
	for _, m := range w.Mails(w.T, w.box) {
		if m.Kind == kind {
			found = m
		}
	}
	if found.Kind == "" {
		w.Fatalf("no mail %q", kind)
	}
	return found
}

// TestResponses calls every route with success, and causes every kind of error.
func TestResponses(t *testing.T) {
	t.Parallel()
	box := &authtest.Mailbox{}
	w := newWorld(t, box, everything(box))
	ann := w.client()
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	emails(w, ann)
	tokens(w, ann)
	sessions(w, ann)
	profile(ann)
	firstPassword(w, ann)
	byMail(w)
	invalid(w)
	deletion(w)
	missing, err := w.checker.Missing()
	if err != nil {
		t.Fatal(err)
	}
	if len(missing) > 0 {
		t.Errorf("the test did not get these responses: %s", strings.Join(missing, ", "))
	}
}

func profile(ann *authtest.Client) {
	ann.Get("/auth/user/").Want(200)
	ann.Do("HEAD", "/auth/user/", nil).Want(200)
	ann.Do("OPTIONS", "/auth/user/", nil).Want(200)
	ann.Do("DELETE", "/auth/user/", nil).Want(405)
	ann.Put("/auth/user/", obj{"username": "ann", "first_name": "Ann"}).Want(200)
	ann.Put("/auth/user", obj{}).Want(400)
	ann.Patch("/auth/user", obj{"last_name": "Lee", "locale": "de"}).Want(200)
	ann.Patch("/auth/user", obj{"locale": "?", "username": nil}).Want(400)
	ann.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	ann.Post("/auth/reauthenticate/", obj{"password": "wrong"}).Want(400)
	change := obj{"old_password": authtest.Password, "new_password1": otherPassword, "new_password2": otherPassword}
	ann.Post("/auth/password/change/", change).Want(200)
	ann.Post("/auth/password/change/", change).Want(400)
	change["old_password"], change["new_password1"], change["new_password2"] = otherPassword, authtest.Password, authtest.Password
	ann.Post("/auth/password/change/", change).Want(200)
}

// firstPassword is for a user without a password, such as one of a provider.
func firstPassword(w *world, ann *authtest.Client) {
	if err := w.db.Model(&models.User{}).Where("username_key = ?", "ann").Update("password", "!none").Error; err != nil {
		w.Fatal(err)
	}
	body := obj{"new_password1": authtest.Password, "new_password2": authtest.Password}
	ann.Post("/auth/password/set/", body).Want(200)
	ann.Post("/auth/password/set/", body).Want(400)
}

func emails(w *world, ann *authtest.Client) {
	ann.Post("/auth/registration/verify-email/", obj{"key": w.mail("verify").Key(w.T)}).Want(200)
	var email binding.Email
	ann.Post("/auth/emails/", obj{"email": "ann@example.org"}).Want(201).JSON(&email)
	ann.Post("/auth/emails/", obj{"email": "ann@example.org"}).Want(400)
	path := "/auth/emails/" + strconv.FormatInt(email.ID, 10)
	ann.Post(path+"/primary/", obj{}).Want(400) // not confirmed
	ann.Post(path+"/resend/", nil).Want(200)
	key := w.mail("verify").Key(w.T)
	w.client().Post("/auth/registration/verify-email/", obj{"key": key}).Want(401)
	ann.Post("/auth/registration/verify-email/", obj{"key": key}).Want(200)
	ann.Post("/auth/registration/verify-email/", obj{"key": key}).Want(404)
	ann.Post(path+"/resend/", nil).Want(400)
	ann.Get("/auth/emails/").Want(200)
	w.Clock.Advance(6 * 60e9)
	ann.Post(path+"/primary/", obj{}).Want(403) // not a recent login
	ann.Post(path+"/primary/", obj{"password": authtest.Password}).Want(200)
	ann.Delete(path + "/").Want(403)
	ann.Do("DELETE", path+"/", obj{"password": authtest.Password}).Want(400) // the primary one
	first := "/auth/emails/" + strconv.FormatInt(email.ID-1, 10) + "/"
	ann.Do("DELETE", first, obj{"password": authtest.Password}).Want(204)
	ann.Do("DELETE", first, obj{"password": authtest.Password}).Want(404)
	ann.Post("/auth/emails/none/resend/", nil).Want(404)
	w.djangoClient().Post("/auth/registration/resend-email/", obj{"email": "bob@example.com"}).Want(200)
}

func tokens(w *world, ann *authtest.Client) {
	var token binding.NewToken
	ann.Post("/auth/tokens/", obj{"name": "cron", "scopes": []string{"orders:read"}, "expires_in": 3600, "password": authtest.Password}).Want(201).JSON(&token)
	ann.Post("/auth/tokens/", obj{"name": "", "scopes": "all"}).Want(400)
	ann.Get("/auth/tokens/").Want(200)
	program := w.client()
	program.Header.Set("Authorization", "Bearer "+token.Key)
	program.Get("/auth/user/").Want(403)
	program.Get("/auth/sessions/").Want(403)
	ann.Delete("/auth/tokens/" + token.ID + "/").Want(204)
	ann.Delete("/auth/tokens/" + token.ID + "/").Want(404)
	program.Get("/auth/user/").Want(401)
	var login binding.LoginResponse
	w.client().Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&login)
	w.client().Post("/auth/token/verify/", obj{"token": login.Access}).Want(200)
	w.djangoClient().Post("/auth/token/verify/", obj{"token": "x"}).Want(401)
	w.client().Post("/auth/token/refresh/", obj{"refresh": login.Refresh}).Want(200)
	w.client().Post("/auth/token/refresh/", obj{}).Want(401)
	w.client().Get("/auth/jwks.json").Want(200)
	w.client().Get("/auth/config/").Want(200)
}

func sessions(w *world, ann *authtest.Client) {
	other := w.client()
	other.Post("/auth/login/", authtest.Login("ann")).Want(200)
	var all []binding.Session
	ann.Get("/auth/sessions/").Want(200).JSON(&all)
	for _, s := range all {
		if !s.Current {
			ann.Delete("/auth/sessions/" + s.ID + "/").Want(204)
			break
		}
	}
	ann.Delete("/auth/sessions/none/").Want(404)
	ann.Delete("/auth/sessions/").Want(204)
	other.Get("/auth/sessions/").Want(401)
	other.Get("/auth/logout/").Want(200)
	other.Post("/auth/logout/", nil).Want(200)
}

// byMail resets a password, logs in by a code, and revokes both.
func byMail(w *world) {
	ask := obj{"email": "ann@example.org"}
	w.client().Post("/auth/password/reset/", ask).Want(200)
	mail := w.mail("reset")
	form := obj{"uid": mail.UID(w.T), "token": mail.Key(w.T), "new_password1": otherPassword, "new_password2": otherPassword}
	w.client().Post("/auth/password/reset/confirm/", form).Want(200)
	w.client().Post("/auth/password/reset/confirm/", form).Want(400)
	notice := w.mail("password_changed")
	w.client().Post("/auth/login/code/", ask).Want(200)
	w.client().Post("/auth/login/code/confirm/", obj{"key": w.mail("login_code").Key(w.T)}).Want(200)
	w.djangoClient().Post("/auth/login/code/confirm/", obj{"email": "ann@example.org", "code": "BBBB-BBBB"}).Want(400)
	w.client().Post("/auth/security/revoke/", obj{"key": notice.Key(w.T)}).Want(200)
	w.djangoClient().Post("/auth/security/revoke/", obj{"key": notice.Key(w.T)}).Want(404)
}

// invalid sends requests that fail, with both formats of errors.
func invalid(w *world) {
	for _, c := range []*authtest.Client{w.client(), w.djangoClient()} {
		c.Post("/auth/login/", authtest.Login("unknown")).Want(400)
		c.Post("/auth/login/", obj{}).Want(400)
		c.Post("/auth/login/", []string{}).Want(400)
		c.Do("POST", "/auth/login/", "{", "Content-Type", "application/json").Want(400)
		c.Do("POST", "/auth/login/", "x", "Content-Type", "text/plain").Want(415)
		c.Post("/auth/login/", obj{"username": strings.Repeat("x", binding.MaxBody)}).Want(413)
		c.Do("POST", "/auth/login/", authtest.Login("ann"), "Sec-Fetch-Site", "cross-site").Want(403)
		c.Post("/auth/registration/", obj{"username": "a b", "email": "x", "password1": "1", "password2": "2"}).Want(400)
		c.Post("/auth/registration/", url.Values{"username": {"carl"}}).Want(400)
		c.Get("/auth/user/").Want(401)
		c.Do("TRACE", "/auth/login/", nil).Want(405)
		c.Get("/auth/no/such/route").Want(404) // the response of Gin
	}
}

// deletion deletes an account, and sends another request of its session.
func deletion(w *world) {
	bob := w.client()
	bob.Post("/auth/registration/", authtest.SignUp("bob")).Want(201)
	kept := bob.Clone()
	bob.Post("/auth/user/delete/", obj{}).Want(200)
	kept.Post("/auth/user/delete/", obj{}).Want(401)
}
