package cookies

// The cookie of browsers that users trusted. Each user of a browser has a key in it.

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
)

// maxTrusted is how many keys the cookie holds. A new one replaces the oldest.
const maxTrusted = 4

func (j *Jar) trustedCookie() string {
	return strings.TrimSuffix(j.name, j.cfg.Cookie.Name) + "trusted"
}

// trustedKeys returns the keys in the cookies of a request, the newest first. A planted cookie adds keys that are worth nothing.
func (j *Jar) trustedKeys(r *http.Request) (keys []string) {
	for _, value := range Distinct(r, j.trustedCookie()) {
		for key := range strings.SplitSeq(value, ".") {
			if len(key) == trustedSize && len(keys) < maxDuplicates && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// trustedSize is the length of a key of secret.New.
const trustedSize = 43

// TrustedHashes returns the hashes of the keys of a request.
func (j *Jar) TrustedHashes(r *http.Request) (hashes []string) {
	for _, key := range j.trustedKeys(r) {
		hashes = append(hashes, secret.Hash(key))
	}
	return hashes
}

// NewTrust returns a new key, which is in no cookie yet, and its hash. It never comes from the request, where someone else may
// have planted it.
func (j *Jar) NewTrust() (key, hash string, err error) {
	if key, err = secret.New(j.cfg.Rand); err != nil {
		return "", "", respond.ErrInternal.Because(err)
	}
	return key, secret.Hash(key), nil
}

// KeepTrust puts a key first into the cookie.
func (j *Jar) KeepTrust(g *gin.Context, key string, life time.Duration) {
	keys := append([]string{key}, j.trustedKeys(g.Request)...)
	options := j.options()
	options.MaxAge = int(life / time.Second)
	http.SetCookie(g.Writer, sessions.NewCookie(j.trustedCookie(), strings.Join(keys[:min(len(keys), maxTrusted)], "."), options))
}
