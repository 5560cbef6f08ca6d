package ginauth

// Known devices: the cookie by which a login is not one from a new device.

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/models"
)

// A browser where a user logged in once keeps a cookie with a mark for him, by which the
// next login is not taken for one from a new device. It opens nothing. Clients without
// cookies are new each time.

const (
	maxMarks   = 4 // users of one browser
	deviceLife = 400 * 24 * time.Hour
)

func (a *Auth) deviceCookie() string {
	return strings.TrimSuffix(a.cookieName, a.cfg.Cookie.Name) + "device"
}

// markOf is the mark of a user until his sessions are ended, as by a new password: whoever
// has a copy of the cookie is then a stranger again.
func markOf(key []byte, u *models.User) string {
	return base64.RawURLEncoding.EncodeToString(mac(key, fmt.Sprint(u.ID), fmt.Sprint(u.SessionEpoch))[:16])
}

func (a *Auth) marks(c *gin.Context) []string {
	all := c.Request.CookiesNamed(a.deviceCookie())
	if len(all) != 1 {
		return nil
	}
	return strings.SplitN(all[0].Value, ".", maxMarks+1)
}

// knownDevice reports whether the user logged in here before, under the secret of today or a
// former one.
func (a *Auth) knownDevice(c *gin.Context, u *models.User) bool {
	marks := a.marks(c)
	return slices.ContainsFunc(a.deviceKeys, func(key []byte) bool { return slices.Contains(marks, markOf(key, u)) })
}

// rememberDevice puts the user's mark first, where notices and cookies are in use.
func (a *Auth) rememberDevice(c *gin.Context, u *models.User) {
	if !a.notices() || !a.ambient() {
		return
	}
	own := markOf(a.deviceKeys[0], u)
	marks := []string{own}
	for _, m := range a.marks(c) {
		if m != own && len(m) == len(own) && len(marks) < maxMarks {
			marks = append(marks, m)
		}
	}
	options := a.cookieOptions()
	options.MaxAge = int(deviceLife / time.Second)
	http.SetCookie(c.Writer, sessions.NewCookie(a.deviceCookie(), strings.Join(marks, "."), options))
}
