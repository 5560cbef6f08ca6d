package cookies

// The cookie of a login that waits: for a second factor, or for a sign-up to be completed.

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
)

// challengeLife is how long the cookie lasts: a little longer than what it is for.
const challengeLife = 16 * time.Minute

func (j *Jar) challengeCookie() string {
	return strings.TrimSuffix(j.name, j.cfg.Cookie.Name) + "challenge"
}

// BindChallenge sets the cookie, with the value that the browser has already, so that challenges in several tabs work. It
// returns the hash of the value. The cookie alone is worth nothing.
func (j *Jar) BindChallenge(g *gin.Context) (hash string, err error) {
	var value string
	if came := Distinct(g.Request, j.challengeCookie()); len(came) == 1 && secret.IsID(came[0]) {
		value = came[0]
	} else if value, err = secret.NewID(j.cfg.Rand); err != nil {
		return "", err
	}
	options := j.options()
	options.MaxAge = int(challengeLife / time.Second)
	http.SetCookie(g.Writer, sessions.NewCookie(j.challengeCookie(), value, options))
	return secret.Hash(value), nil
}

// BoundTo reports whether a request comes from the browser with this hash.
func (j *Jar) BoundTo(r *http.Request, hash string) bool {
	return slices.ContainsFunc(Distinct(r, j.challengeCookie()), func(value string) bool { return secret.Hash(value) == hash })
}
