package ginauth

import (
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
)

// logout answers POST logout/, also to somebody who is not logged in, and ends whatever
// the request brings: cookies, a token in the header, expired or not, a refresh token in
// the body. The rows go first: when the database cannot end a session the answer is 503
// and the cookies stay, so that trying again can end it.
func (a *Auth) logout(c *gin.Context, _ *binding.Empty) (binding.Detail, error) {
	ctx := c.Request.Context()
	keys, err := a.cookieKeys(c)
	if err != nil {
		return binding.Detail{}, err
	}
	token, _ := a.headerToken(c.Request)
	if key, ok := secret.Parse(a.cfg.Token.Prefix, token); ok && a.tokens {
		keys = append(keys, key)
	}
	for _, key := range keys {
		if err := a.store.EndSessionByKey(ctx, secret.Hash(key)); err != nil {
			return binding.Detail{}, err
		}
	}
	if a.ring != nil {
		if err := a.endJWT(c, token); err != nil {
			return binding.Detail{}, err
		}
	}
	if err := a.dropCarrier(c); err != nil {
		return binding.Detail{}, err
	}
	return binding.Detail{Detail: "You are logged out."}, nil
}

// endJWT ends the sessions of all JSON Web Tokens of a request and deletes their cookies.
// What cannot be read is nothing that could be ended.
func (a *Auth) endJWT(c *gin.Context, header string) error {
	ctx := c.Request.Context()
	in := &binding.RefreshToken{}
	_ = binding.Decode(c.Writer, c.Request, in)
	access, refresh := []string{header}, []string{in.Refresh}
	if a.tokenCookies() {
		for _, cookie := range c.Request.CookiesNamed(a.cfg.JWT.AccessCookie.Name) {
			access = append(access, cookie.Value)
		}
		for _, cookie := range c.Request.CookiesNamed(a.cfg.JWT.RefreshCookie.Name) {
			refresh = append(refresh, cookie.Value)
		}
	}
	for _, token := range access {
		claims, err := a.ring.Verify(token, true)
		if err != nil || claims.TokenType != tokenTypeAccess {
			continue
		}
		if err := a.store.EndSessionByID(ctx, claims.SessionID); err != nil {
			return err
		}
	}
	for _, token := range refresh {
		session, _, _, err := a.findRefresh(ctx, token)
		if errors.Is(err, errInvalidToken) {
			continue
		}
		if err == nil {
			err = a.store.EndSessionByID(ctx, session.ID)
		}
		if err != nil {
			return err
		}
	}
	a.dropTokenCookies(c)
	return nil
}

// dropTokenCookies deletes the cookies of JSON Web Tokens, where they are in use.
func (a *Auth) dropTokenCookies(c *gin.Context) {
	if a.tokenCookies() {
		a.setTokenCookies(c, &pair{})
	}
}
