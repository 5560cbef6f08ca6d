package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// callsOf calls every method that takes the ID of a user, and returns the errors by name.
func (c *Case) callsOf(ctx context.Context, id int64) map[string]error {
	return map[string]error{
		"SetPassword":  c.Auth.SetPassword(ctx, id, "Rabbit-Hole-99"),
		"EndSessions":  c.Auth.EndSessions(ctx, id),
		"ConfirmEmail": c.Auth.ConfirmEmail(ctx, id, "ann@example.com"),
		"SetActive":    c.Auth.SetActive(ctx, id, true),
		"deactivating": c.Auth.SetActive(ctx, id, false),
		"DeleteUser":   c.Auth.DeleteUser(ctx, id),
	}
}

// callsWithAnUnknownUser: the ID belongs to no user.
func callsWithAnUnknownUser(c *Case) {
	c.Start()
	g := requestOf("POST")
	for _, id := range []int64{0, -1, 12345} {
		all := c.callsOf(c.Context(), id)
		_, all["LogIn"] = c.Auth.LogIn(g, &models.User{ID: id})
		for name, err := range all {
			if !errors.Is(err, ginauth.ErrNoSuchUser) {
				c.Errorf("%s of %d returned %v", name, id, err)
			}
		}
	}
}

// requestOf returns the context of a request that came through no router.
func requestOf(method string) *gin.Context {
	g, _ := gin.CreateTestContext(httptest.NewRecorder())
	g.Request = httptest.NewRequest(method, "/", nil)
	return g
}

// callsRejectNil: if the application passes nil, or a user of another type, it gets an error that names the call or the
// missing value. There is no panic.
func callsRejectNil(c *Case) {
	c.Start()
	ann := &models.User{Username: "ann"}
	if err := c.Auth.CreateUser(c.Context(), ann, ""); err != nil {
		c.Fatal(err)
	}
	want := func(err error, text string) {
		c.Helper()
		if err == nil || !strings.Contains(err.Error(), text) {
			c.Errorf("returned %v, want %q", err, text)
		}
	}
	for account, text := range map[models.Account]string{
		nil: "got <nil>", (*models.User)(nil): "got a nil *models.User", (*Member)(nil): "got *dbtest.Member, but", &Member{}: "got *dbtest.Member, but",
	} {
		_, err := c.Auth.LogIn(requestOf("POST"), account)
		want(err, "ginauth: LogIn "+text)
		want(c.Auth.CreateUser(c.Context(), account, ""), "ginauth: CreateUser "+text)
	}
	bare, _ := gin.CreateTestContext(httptest.NewRecorder())
	for _, g := range []*gin.Context{nil, bare} {
		_, err := c.Auth.LogIn(g, ann)
		want(err, "ginauth: LogIn needs the context of a request")
		want(c.Auth.LogOut(g), "ginauth: LogOut needs the context of a request")
		if ginauth.User(g) != nil || ginauth.UserAs[models.User](g) != nil || ginauth.Session(g) != nil {
			c.Error("a context without a request has a user")
		}
	}
	var none context.Context
	for name, err := range c.callsOf(none, ann.ID) {
		want(fmt.Errorf("%s: %w", name, err), "the context is nil")
	}
	want(c.Auth.CreateUser(none, &models.User{Username: "bob"}, ""), "the context is nil")
	want(c.Auth.CreateUser(none, &models.User{Username: "bob"}, "Rabbit-Hole-99"), "the context is nil")
	_, sweep := c.Auth.Sweep(none)
	_, stats := c.Auth.OutboxStats(none)
	_, retry := c.Auth.RetryFailedMails(none)
	for _, err := range []error{c.Auth.Ping(none), c.Auth.Migrate(none), sweep, stats, retry} {
		want(err, "the context is nil")
	}
	if c.count(&models.User{}) != 1 || c.count(&models.Session{}) != 0 {
		c.Error("a failed call changed something")
	}
}

// logInOnGetGivesCookies: a browser may leave out of a GET the headers that its POST always has. So where cookies are in
// use, a GET gives a token only to a page in TokenOrigins. A POST without Origin does not come from a browser. Without
// cookies, a login can only give a token.
func logInOnGetGivesCookies(c *Case) {
	const page = "https://app.example.com"
	enter := func(method, credential string, headers ...string) *authtest.Response {
		if credential != "" {
			headers = append(headers, config.CredentialHeader, credential)
		}
		return c.browser().Do(method, "/callback", nil, headers...)
	}
	start := func(change ...func(*config.Config)) {
		c.documented = nil
		c.Start(change...)
		c.SignedUp("ann")
		ann := c.user("ann")
		for _, method := range []string{"GET", "HEAD", "POST"} {
			c.Router.Handle(method, "/callback", func(g *gin.Context) {
				body, err := c.Auth.LogIn(g, &ann)
				if err != nil {
					c.Auth.Fail(g, err)
					return
				}
				g.JSON(200, body)
			})
		}
	}
	start(withEachCredential, func(cfg *config.Config) { cfg.TrustedOrigins, cfg.TokenOrigins = []string{page}, []string{page} })
	for _, credential := range []string{"token", "jwt"} {
		sessions := c.count(&models.Session{})
		enter("GET", credential).WantCode(403, binding.CodeCredential)
		enter("GET", credential, "Sec-Fetch-Site", "none").WantCode(403, binding.CodeCredential)
		enter("HEAD", credential).Want(403)
		if c.count(&models.Session{}) != sessions {
			c.Error("a refused login left a session")
		}
		for _, r := range []*authtest.Response{enter("POST", credential).Want(200), enter("GET", credential, "Origin", page).Want(200)} {
			if !hasToken(r) || len(r.Cookies()) != 0 {
				c.Errorf("%s: got %s, %v", credential, r.Text, r.Header)
			}
		}
	}
	for _, r := range []*authtest.Response{enter("GET", "").Want(200), enter("GET", "cookie").Want(200), enter("GET", "", "Sec-Fetch-Site", "cross-site").Want(200)} {
		if hasToken(r) || len(r.Cookies()) == 0 {
			c.Errorf("a GET: got %s, %v", r.Text, r.Header)
		}
	}
	start(withEverything)
	if r := enter("GET", "").Want(200); hasToken(r) || len(r.Cookies()) == 0 {
		c.Errorf("AllowTokensWithCookies: a GET got %s, %v", r.Text, r.Header)
	}
	if r := enter("POST", "").Want(200); !hasToken(r) {
		c.Errorf("AllowTokensWithCookies: a POST got %s", r.Text)
	}
	start(withJWT, withFixedRefresh)
	if r := enter("GET", "").Want(200); !hasToken(r) {
		c.Errorf("without cookies: a GET got %s", r.Text)
	}
	enter("GET", config.AskFixedJWT).WantCode(403, binding.CodeCredential)
}
