// Package token adds personal tokens, which users create for their programs: the routes at tokens/ list, create and
// revoke them. Package ginauth adds it to an Auth if config.Config.Login has OpaqueToken; you do not list it in
// ginauth.New.
package token

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	method      = "token" // models.Session.Method
	mailCreated = "token_created"
)

type feature struct {
	core *core.Core
	cfg  config.Token
}

// Feature returns the feature. New returns an error if Login lacks OpaqueToken.
func Feature() core.Feature {
	return func(s *core.Setup) error {
		f := feature{s.Core(), s.Config().Token}
		s.Name("token")
		if !f.core.UsesTokens() {
			s.Refuse("Login", errors.New("must have OpaqueToken"))
			return nil
		}
		s.Mail(core.MailKind{Name: mailCreated, Ticket: core.ForNotice, Notice: true})
		core.Add(s, core.Route{
			Method: http.MethodGet, Path: "tokens", Tag: "Personal tokens of programs", Access: core.AccessUser, WhileImpersonated: true,
			Doc: "List the user's personal tokens, the most recently used first.",
		}, f.list)
		core.AddChecked(s, core.Route{
			Method: http.MethodPost, Path: "tokens", Limit: core.LimitGuess, Status: http.StatusCreated, Access: core.AccessUser,
			Doc: "Create a personal token. The key is shown once, and the user gets a notice.",
		}, f.check, f.create)
		core.Add(s, core.Route{
			Method: http.MethodDelete, Path: "tokens/:id", Status: http.StatusNoContent, Access: core.AccessUser,
			Doc: "Revoke a personal token.",
		}, f.end)
		return nil
	}
}

// list answers GET tokens/.
func (f feature) list(c *gin.Context, _ *binding.Empty) ([]binding.Token, error) {
	rows, err := f.core.SessionsOf(c.Request.Context(), core.User(c), true)
	if err != nil {
		return nil, err
	}
	out := make([]binding.Token, len(rows))
	for i := range rows {
		out[i] = binding.TokenOf(&rows[i])
	}
	return out, nil
}

// check validates scopes and lifetime against the configuration.
func (f feature) check(_ *gin.Context, in *binding.CreateToken, good func(string) bool) error {
	var errs []error
	if good("scopes") && in.Scopes != nil && len(in.Scopes) == 0 { // a missing list means all scopes, an empty one may be a mistake
		errs = append(errs, binding.Invalid("scopes", binding.Problem{Code: binding.CodeBlank}))
	}
	for _, scope := range in.Scopes {
		if !slices.Contains(f.cfg.Scopes, scope) {
			errs = append(errs, binding.Invalid("scopes", binding.Problem{
				Code: binding.CodeInvalidScope,
			}))
			break
		}
	}
	if most := int64(f.cfg.MaxLifetime / time.Second); good("expires_in") && in.ExpiresIn != nil && *in.ExpiresIn > most {
		errs = append(errs, binding.Invalid("expires_in", binding.Problem{
			Code: binding.CodeMaxValue, Params: map[string]any{"Limit": most},
		}))
	}
	return binding.Merge(errs...)
}

// create answers POST tokens/. A token outlives the session that created it, so it needs a recent login, and the
// user gets a notice (S5).
func (f feature) create(c *gin.Context, in *binding.CreateToken) (binding.NewToken, error) {
	var none binding.NewToken
	if err := f.core.RequireRecent(c, in.Password); err != nil {
		return none, err
	}
	wanted := core.PersonalToken{Method: method, Name: in.Name, Scopes: in.Scopes, Lifetime: f.cfg.Lifetime}
	if in.ExpiresIn != nil {
		wanted.Lifetime = time.Duration(*in.ExpiresIn) * time.Second
	}
	token, key, err := f.core.CreateToken(c, wanted, func(tx *core.Tx) error {
		return f.core.Notify(c, tx, mailCreated, core.User(c), core.User(c).Email)
	})
	if errors.Is(err, core.ErrTooMany) {
		err = binding.Invalid(binding.NonField, binding.Problem{
			Code: binding.CodeTooMany, Params: map[string]any{"Limit": f.cfg.MaxPerUser},
		})
	}
	if err != nil {
		return none, err
	}
	return binding.NewToken{Token: binding.TokenOf(token), Key: key}, nil
}

// end answers DELETE tokens/:id/.
func (f feature) end(c *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	err := f.core.EndSession(c.Request.Context(), core.User(c).ID, c.Param("id"), true)
	if errors.Is(err, core.ErrNoRow) {
		err = core.ErrNotFound
	}
	if err == nil {
		e := f.core.Event(c, f.core.IdentityOf(c).Account)
		e.Session = &models.Session{ID: c.Param("id")}
		f.core.Record(c.Request.Context(), config.EventTokenEnded, e)
	}
	return binding.Empty{}, err
}
