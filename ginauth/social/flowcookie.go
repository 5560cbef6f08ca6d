package social

// The cookies that bind logins by redirect to a browser: one for each login, so that several tabs can log in at once.

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// maxFlows is how many logins of one browser can be in flight. A new one replaces the oldest.
const maxFlows = 5

// cookiePrefix begins the name of each cookie. With __Host-, no other host can plant one; browsers accept it over https only.
func (f *feature) cookiePrefix() string {
	if f.pages.secure {
		return "__Host-social-"
	}
	return "social-"
}

// flowCookies returns the cookies of logins in flight, the oldest first.
func (f *feature) flowCookies(r *http.Request) (all []*http.Cookie) {
	for _, cookie := range r.Cookies() {
		if strings.HasPrefix(cookie.Name, f.cookiePrefix()) {
			all = append(all, cookie)
		}
	}
	slices.SortFunc(all, func(a, b *http.Cookie) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// keepFlow stores a flow in a cookie. Its name begins with the time, so that the oldest can be found.
func (f *feature) keepFlow(g *gin.Context, s *source, fl *flow) error {
	began := "000000" + strconv.FormatInt(f.core.Now().Unix(), 36)
	name := f.cookiePrefix() + began[len(began)-7:] + fl.part("name")[:6]
	value, err := f.sealFlow(fl, name)
	if err != nil {
		return err
	}
	old := f.flowCookies(g.Request)
	for _, cookie := range old[:max(0, len(old)+1-maxFlows)] {
		f.setFlowCookie(g, s.FormPost, cookie.Name, "")
	}
	f.setFlowCookie(g, s.FormPost, name, value)
	return nil
}

// setFlowCookie sets a cookie, or deletes it if the value is empty. A provider that returns by a cross-site POST needs
// SameSite=None, which browsers accept for Secure cookies only; on localhost they accept those over http.
func (f *feature) setFlowCookie(g *gin.Context, formPost bool, name, value string) {
	cookie := &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, Secure: f.pages.secure || formPost, SameSite: http.SameSiteLaxMode, MaxAge: int(flowLasts.Seconds()),
	}
	if formPost {
		cookie.SameSite = http.SameSiteNoneMode
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(g.Writer, cookie)
}

// flowOf returns the flow of a callback by its state, and its cookie; nil if this browser has begun none with it.
func (f *feature) flowOf(g *gin.Context, s *source, state string) (*flow, string) {
	for _, cookie := range f.flowCookies(g.Request) {
		fl := f.openFlow(cookie.Value, cookie.Name, s.Name)
		if fl != nil && subtle.ConstantTimeCompare([]byte(fl.state()), []byte(state)) == 1 {
			return fl, cookie.Name
		}
	}
	return nil, ""
}
