package ginauth

// tokens/: listing, creating and revoking personal tokens.

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// tokenRoutes are there where config.Login has OpaqueToken.
func (a *Auth) tokenRoutes(s *Setup) {
	add(s, route{
		method: http.MethodGet, path: "tokens", status: http.StatusOK, user: true,
		doc: "List the user's personal tokens, the last used first.",
	}, a.listTokens)
	add(s, route{
		method: http.MethodPost, path: "tokens", status: http.StatusCreated, user: true,
		doc: "Create a personal token; its key is shown once, and the user gets a notice.",
	}, a.createToken, a.checkCreateToken)
	add(s, route{
		method: http.MethodDelete, path: "tokens/:id", status: http.StatusNoContent, user: true,
		doc: "End a personal token.",
	}, a.endToken)
}

// listTokens answers GET tokens/.
func (a *Auth) listTokens(c *gin.Context, _ *binding.Empty) ([]binding.Token, error) {
	now := a.now()
	rows, err := a.store.Sessions(c.Request.Context(), User(c), true, now, now)
	if err != nil {
		return nil, err
	}
	out := make([]binding.Token, len(rows))
	for i := range rows {
		out[i] = binding.TokenOf(&rows[i])
	}
	return out, nil
}

// checkCreateToken looks at what the configuration limits.
func (a *Auth) checkCreateToken(_ *gin.Context, in *binding.CreateToken, good func(string) bool) error {
	var errs []error
	if good("scopes") && in.Scopes != nil && len(in.Scopes) == 0 { // leaving it out means all, an empty list may be a mistake
		errs = append(errs, binding.Invalid("scopes", binding.Problem{Code: binding.CodeBlank}))
	}
	for _, scope := range in.Scopes {
		if !slices.Contains(a.cfg.Token.Scopes, scope) {
			errs = append(errs, binding.Invalid("scopes", binding.Problem{
				Code: binding.CodeInvalidScope,
			}))
			break
		}
	}
	if most := int64(a.cfg.Token.MaxLifetime / time.Second); good("expires_in") && in.ExpiresIn != nil && *in.ExpiresIn > most {
		errs = append(errs, binding.Invalid("expires_in", binding.Problem{
			Code: binding.CodeMaxValue, Params: map[string]any{"Limit": most},
		}))
	}
	return binding.Merge(errs...)
}

// createToken answers POST tokens/. A token outlives the session that made it, so it needs a
// fresh login, and the user gets a notice (S5).
func (a *Auth) createToken(c *gin.Context, in *binding.CreateToken) (binding.NewToken, error) {
	var none binding.NewToken
	if err := a.proveFresh(c, in.Password); err != nil {
		return none, err
	}
	key, err := secret.New(a.cfg.Rand)
	if err != nil {
		return none, errInternal.Because(err)
	}
	token, err := a.newSession(c, methodToken, secret.Hash(secret.SessionKey(key)), grant{credential: config.AskToken})
	if err != nil {
		return none, err
	}
	lifetime := a.cfg.Token.Lifetime
	if in.ExpiresIn != nil {
		lifetime = time.Duration(*in.ExpiresIn) * time.Second
	}
	slices.Sort(in.Scopes)
	user := User(c)
	token.UserID, token.Epoch, token.Personal = user.ID, user.SessionEpoch, true
	token.Name, token.Scopes = in.Name, strings.Join(slices.Compact(in.Scopes), " ")
	token.ExpiresAt = token.CreatedAt.Add(lifetime)
	var created bool
	err = a.store.Tx(c.Request.Context(), func(tx *store.Tx) (err error) {
		if created, err = tx.CreateToken(Session(c).ID, token, a.now(), a.cfg.Token.MaxPerUser); err != nil || !created {
			return err
		}
		return a.notify(c, tx, mailTokenCreated, user, user.Email)
	})
	if err = a.asEnded(c, err); err != nil {
		return none, err
	}
	if !created {
		return none, binding.Invalid(binding.NonField, binding.Problem{
			Code: binding.CodeTooMany, Params: map[string]any{"Limit": a.cfg.Token.MaxPerUser},
		})
	}
	return binding.NewToken{Token: binding.TokenOf(token), Key: secret.Format(a.cfg.Token.Prefix, key)}, nil
}

// endToken answers DELETE tokens/:id/.
func (a *Auth) endToken(c *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	id := c.Param("id")
	if !secret.IsID(id) {
		return binding.Empty{}, errNotFound
	}
	err := a.store.EndSession(c.Request.Context(), User(c).ID, id, true)
	if errors.Is(err, store.ErrNotFound) {
		err = errNotFound
	}
	return binding.Empty{}, err
}
