package cookies

// Known devices: the cookie that shows that a login does not come from a new device.

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// A browser where a user has logged in keeps a cookie with a token of the user, so that the next login is not reported as a
// new device. The token is not a credential. Clients without cookies count as new each time.

const (
	maxDeviceTokens = 12 // of four users of one browser: each has one, and one for each identifier
	deviceLife      = 400 * 24 * time.Hour
)

func (j *Jar) deviceCookie() string {
	return strings.TrimSuffix(j.name, j.cfg.Cookie.Name) + "device"
}

// deviceToken returns the user's known-device token. It changes when all their sessions are ended, for example by a new
// password, so that copies of the cookie become useless.
func deviceToken(key []byte, u *models.User) string {
	return base64.RawURLEncoding.EncodeToString(secret.MAC(key, fmt.Sprint(u.ID), fmt.Sprint(u.SessionEpoch))[:16])
}

func (j *Jar) deviceTokens(g *gin.Context) []string {
	all := g.Request.CookiesNamed(j.deviceCookie())
	if len(all) != 1 {
		return nil
	}
	return strings.SplitN(all[0].Value, ".", maxDeviceTokens+1)
}

// KnowsDevice reports whether the user has logged in with this browser before. Tokens made with an old secret count.
func (j *Jar) KnowsDevice(g *gin.Context, u *models.User) bool {
	tokens := j.deviceTokens(g)
	return len(tokens) > 0 && slices.ContainsFunc(j.DeviceKeys, func(key []byte) bool { return slices.Contains(tokens, deviceToken(key, u)) })
}

// identifierPeriod is how long an identifierToken is current. The one before is accepted as well, so a login counts for one period
// to two.
const identifierPeriod = 90 * 24 * time.Hour

// identifierToken returns the token of a name or address that users log in with, for rate limits. Unlike deviceToken it does not
// change with the user: limits count before the user is read, so nothing tells whether their sessions were ended. So it expires.
func identifierToken(key []byte, identifier string, period int64) string {
	return base64.RawURLEncoding.EncodeToString(secret.MAC(key, "identifier", identifier, strconv.FormatInt(period, 10))[:16])
}

func (j *Jar) period() int64 { return j.cfg.Now().Unix() / int64(identifierPeriod/time.Second) }

// KnowsIdentifier reports whether a user has logged in with this identifier in this browser before.
func (j *Jar) KnowsIdentifier(g *gin.Context, identifier string) bool {
	tokens, period := j.deviceTokens(g), j.period()
	return len(tokens) > 0 && slices.ContainsFunc(j.DeviceKeys, func(key []byte) bool {
		return slices.Contains(tokens, identifierToken(key, identifier, period)) || slices.Contains(tokens, identifierToken(key, identifier, period-1))
	})
}

// RememberDevice puts the tokens of the user and of the user's identifiers first in the cookie.
func (j *Jar) RememberDevice(g *gin.Context, u *models.User, identifiers ...string) {
	token := deviceToken(j.DeviceKeys[0], u)
	tokens, replaced, period, before := []string{token}, []string{}, j.period(), j.deviceTokens(g)
	for _, identifier := range identifiers {
		tokens = append(tokens, identifierToken(j.DeviceKeys[0], identifier, period))
		if len(before) > 0 {
			replaced = append(replaced, identifierToken(j.DeviceKeys[0], identifier, period-1))
		}
	}
	for _, m := range before {
		if !slices.Contains(tokens, m) && !slices.Contains(replaced, m) && len(m) == len(token) && len(tokens) < maxDeviceTokens {
			tokens = append(tokens, m)
		}
	}
	options := j.options()
	options.MaxAge = int(deviceLife / time.Second)
	http.SetCookie(g.Writer, sessions.NewCookie(j.deviceCookie(), strings.Join(tokens, "."), options))
}
