package ginauth

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/jwt"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

const tokenTypeAccess = "access"

// openRing makes the key ring, or nil where JSON Web Tokens are off. Without keys in the
// configuration it has one of each secret.
func openRing(cfg *config.Config, secrets []string) (*jwt.Ring, error) {
	if !slices.Contains(cfg.Login, config.JSONWebToken) {
		return nil, nil
	}
	var keys []jwt.Key
	for i, k := range cfg.JWT.Keys {
		var key jwt.Key
		var err error
		if k.Secret != "" {
			key, err = jwt.HMAC(k.ID, []byte(k.Secret))
		} else {
			key, err = jwt.Asymmetric(k.ID, k.Private, k.Public)
		}
		if err != nil {
			return nil, &config.Mistake{Setting: fmt.Sprintf("JWT.Keys[%d]", i), Err: err}
		}
		keys = append(keys, key)
	}
	if len(cfg.JWT.Keys) == 0 {
		for _, s := range secrets {
			derived, err := secret.Derive(s, "access token signature", 32)
			if err != nil {
				return nil, err
			}
			key, err := jwt.HMAC("", derived)
			if err != nil {
				return nil, err
			}
			keys = append(keys, key)
		}
	}
	now := func() time.Time { return cfg.Now().UTC() }
	ring, err := jwt.NewRing(keys, cfg.JWT.Issuer, cfg.JWT.Audience, cfg.JWT.Leeway, now)
	if err != nil {
		return nil, &config.Mistake{Setting: "JWT.Keys", Err: err}
	}
	return ring, nil
}

// jwtRoutes are there where config.Login has JSONWebToken.
func jwtRoutes() []route {
	return []route{
		{
			method: http.MethodPost, path: "token/refresh", status: http.StatusOK, setsCookies: true,
			doc: "Exchange a refresh token for the next pair.", action: handle((*Auth).refreshToken, nil),
		},
		{
			method: http.MethodPost, path: "token/verify", status: http.StatusOK,
			doc: "Say whether a token is good now.", action: handle((*Auth).verifyToken, nil),
		},
		{
			method: http.MethodGet, path: "jwks.json", status: http.StatusOK, public: true,
			doc: "The public keys that access tokens are signed with.", action: handle((*Auth).jwks, nil),
		},
	}
}

// pair is what a login or a refresh gives.
type pair struct {
	access, refresh       string
	accessEnd, refreshEnd time.Time
}

// newPair signs an access token for a session and computes its refresh token.
func (a *Auth) newPair(ctx context.Context, account models.Account, s *models.Session) (*pair, error) {
	now := a.now().Truncate(time.Second) // a token's times are whole seconds
	id, err := secret.NewID(a.cfg.Rand)
	if err != nil {
		return nil, errInternal.Because(err)
	}
	var extra map[string]any
	if a.cfg.JWT.Claims != nil {
		if extra, err = a.cfg.JWT.Claims(ctx, account); err != nil {
			return nil, fmt.Errorf("JWT.Claims: %w", err)
		}
	}
	p := &pair{accessEnd: earlier(now.Add(a.cfg.JWT.AccessLifetime), s.ExpiresAt), refresh: a.refreshOf(s, s.RefreshGeneration)}
	p.refreshEnd = a.refreshEnd(s)
	claims := jwt.Claims{TokenType: tokenTypeAccess, UserID: strconv.FormatInt(s.UserID, 10), SessionID: s.ID}
	claims.ID, claims.IssuedAt, claims.ExpiresAt = id, jwt.Time(now), jwt.Time(p.accessEnd)
	if p.access, err = a.ring.Sign(claims, extra); err != nil {
		return nil, errInternal.Because(err)
	}
	return p, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// writePair puts the tokens where the login of their session did, the one place that does, and
// returns what goes into the body.
func (a *Auth) writePair(c *gin.Context, s *models.Session, p *pair, expirations bool) *binding.Tokens {
	out := &binding.Tokens{Access: p.access, Refresh: p.refresh}
	if a.tokenCookies() && gave(s, config.AskCookie) {
		a.setTokenCookies(c, p)
		if !a.cfg.JWT.AllowCookieTokensInBody {
			out.Access, out.Refresh = "", ""
		}
	}
	if expirations {
		out.AccessExpiration, out.RefreshExpiration = &p.accessEnd, &p.refreshEnd
	}
	return out
}

// setTokenCookies sets both cookies; the empty pair deletes them, with the attributes
// they were set with.
func (a *Auth) setTokenCookies(c *gin.Context, p *pair) {
	set := func(k config.JWTCookie, path, value string, end time.Time) {
		cookie := &http.Cookie{
			Name: k.Name, Value: value, Path: path, Domain: k.Domain, HttpOnly: true, SameSite: k.SameSite,
			Secure: !a.cfg.Cookie.InsecureHTTP, Partitioned: a.cfg.Cookie.Partitioned, MaxAge: -1, Expires: time.Unix(1, 0),
		}
		if value != "" {
			cookie.MaxAge, cookie.Expires = max(1, wholeSeconds(end.Sub(a.now()))), end
		}
		http.SetCookie(c.Writer, cookie)
	}
	set(a.cfg.JWT.AccessCookie, a.cfg.JWT.AccessCookie.Path, p.access, p.accessEnd)
	for _, path := range a.refreshPaths() {
		set(a.cfg.JWT.RefreshCookie, path, p.refresh, p.refreshEnd)
	}
}

// wholeSeconds rounds up: a token's times are whole seconds, and the clock's are not.
func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// refreshPaths are where the refresh cookie goes: by default only to the two routes that
// read it, each with a cookie of its own. Where their path has a parameter, it goes to
// everything below the part before that.
func (a *Auth) refreshPaths() []string {
	if path := a.cfg.JWT.RefreshCookie.Path; path != "" {
		return []string{path}
	}
	base := strings.TrimRight(cmp.Or(a.cfg.PublicPath, a.base), "/")
	if i := strings.IndexAny(base, ":*;"); i >= 0 { // browsers compare it with the path they ask for, byte by byte
		return []string{cmp.Or(escaped(base[:strings.LastIndexByte(base[:i], '/')]), "/")}
	}
	return []string{escaped(base) + "/token/refresh", escaped(base) + "/logout"}
}

// escaped is a path as browsers send it.
func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }

// verifyToken answers POST token/verify/ for access and refresh tokens: whether they
// would be accepted now.
func (a *Auth) verifyToken(c *gin.Context, in *binding.VerifyToken) (binding.Empty, error) {
	ctx, now := c.Request.Context(), a.now()
	if strings.HasPrefix(in.Token, refreshPrefix) {
		session, account, generation, err := a.findRefresh(ctx, in.Token)
		if err == nil && !(a.canRefresh(session, account, now) && a.currentRefresh(session, generation, now)) {
			err = errInvalidToken
		}
		return binding.Empty{}, err
	}
	_, err := a.byAccess(c, in.Token, false)
	return binding.Empty{}, err
}

// identifyAccess finds whose an access token is. What it returns may be dead, unless
// stateless, when it is not looked up at all.
func (a *Auth) identifyAccess(ctx context.Context, token string, stateless bool) (*identity, error) {
	claims, err := a.ring.Verify(token, false)
	if err != nil || claims.TokenType != tokenTypeAccess {
		return nil, errInvalidToken.Because(err)
	}
	userID, err := strconv.ParseInt(claims.UserID, 10, 64)
	if err != nil || !secret.IsID(claims.SessionID) {
		return nil, errInvalidToken.Because(err)
	}
	if stateless {
		account := a.cfg.NewUser()
		account.Base().ID = userID
		return &identity{account: account, session: &models.Session{ID: claims.SessionID, UserID: userID}}, nil
	}
	session, account, err := a.store.SessionByID(ctx, claims.SessionID)
	if err != nil {
		return nil, notFoundAs(err, errInvalidToken)
	}
	if session.UserID != userID || session.Personal {
		return nil, errInvalidToken
	}
	return &identity{account: account, session: session}, nil
}

// jwks answers GET jwks.json.
func (a *Auth) jwks(*gin.Context, *binding.Empty) (keySet, error) {
	return keySet{a.ring.Public()}, nil
}

// keySet is RFC 7517, section 5.
type keySet struct {
	Keys []jwt.JWK `json:"keys"`
}
