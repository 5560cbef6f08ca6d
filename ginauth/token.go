package ginauth

// tokens/: listing, creating and revoking personal tokens.

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/core"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
)

const mailTokenCreated = "token_created"

// tokenRoutes are there where config.Login has OpaqueToken.
func (a *Auth) tokenRoutes(s *core.Setup) {
	s.Mail(core.MailKind{Name: mailTokenCreated, Ticket: core.ForNotice, Notice: true})
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "tokens", Tag: "Personal tokens of programs", Access: core.AccessUser,
		Doc: "List the user's personal tokens, the last used first.",
	}, a.listTokens)
	core.AddChecked(s, core.Route{
		Method: http.MethodPost, Path: "tokens", Status: http.StatusCreated, Access: core.AccessUser,
		Doc: "Create a personal token; its key is shown once, and the user gets a notice.",
	}, a.checkCreateToken, a.createToken)
	core.Add(s, core.Route{
		Method: http.MethodDelete, Path: "tokens/:id", Status: http.StatusNoContent, Access: core.AccessUser,
		Doc: "End a personal token.",
	}, a.endToken)
}

// listTokens answers GET tokens/.
func (a *Auth) listTokens(c *gin.Context, _ *binding.Empty) ([]binding.Token, error) {
	rows, err := a.core.SessionsOf(c.Request.Context(), core.User(c), true)
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
	if err := a.core.RequireRecent(c, in.Password); err != nil {
		return none, err
	}
	key, err := secret.New(a.cfg.Rand)
	if err != nil {
		return none, core.ErrInternal.Because(err)
	}
	token, err := a.core.NewSession(c, core.MethodToken, secret.Hash(secret.SessionKey(key)), core.Grant{Credential: config.AskToken})
	if err != nil {
		return none, err
	}
	lifetime := a.cfg.Token.Lifetime
	if in.ExpiresIn != nil {
		lifetime = time.Duration(*in.ExpiresIn) * time.Second
	}
	slices.Sort(in.Scopes)
	user := core.User(c)
	token.UserID, token.Epoch, token.Personal = user.ID, user.SessionEpoch, true
	token.Name, token.Scopes = in.Name, strings.Join(slices.Compact(in.Scopes), " ")
	token.ExpiresAt = token.CreatedAt.Add(lifetime)
	var created bool
	err = a.core.Tx(c.Request.Context(), func(tx *core.Tx) (err error) {
		if created, err = tx.CreateToken(core.Session(c).ID, token, a.core.Now(), a.cfg.Token.MaxPerUser); err != nil || !created {
			return err
		}
		return a.core.Notify(c, tx, mailTokenCreated, user, user.Email)
	})
	if err = a.core.AsEnded(c, err); err != nil {
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
		return binding.Empty{}, core.ErrNotFound
	}
	err := a.core.EndSession(c.Request.Context(), core.User(c).ID, id, true)
	if errors.Is(err, core.ErrNoRow) {
		err = core.ErrNotFound
	}
	return binding.Empty{}, err
}
