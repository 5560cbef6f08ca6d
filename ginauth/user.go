package ginauth

// GET, PUT and PATCH user/: the profile.

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) userRoutes(s *Setup) {
	add(s, route{
		method: http.MethodGet, path: "user", status: http.StatusOK, user: true, tokenToo: true,
		doc: "The logged-in user.",
	}, a.userDetails)
	add(s, route{
		method: http.MethodPut, path: "user", status: http.StatusOK, user: true, partial: true,
		doc: "Change name, first and last name, and language.", form: a.cfg.Forms.Profile, required: requiredInPut(&a.cfg),
	}, a.updateUser, a.checkUpdateUser)
	add(s, route{
		method: http.MethodPatch, path: "user", status: http.StatusOK, user: true, partial: true,
		doc: "Change those of name, first and last name, and language that are given.", form: a.cfg.Forms.Profile,
	}, a.updateUser, a.checkUpdateUser)
}

func requiredInPut(cfg *config.Config) []string {
	if cfg.SignUpFields.Username == config.FieldRequired {
		return []string{"username"}
	}
	return nil
}

// userDetails answers GET user/.
func (a *Auth) userDetails(c *gin.Context, _ *binding.Empty) (binding.User, error) {
	return binding.UserOf(User(c)), nil
}

// checkUpdateUser looks whether the new name is free, and may be one; one's own always is.
func (a *Auth) checkUpdateUser(c *gin.Context, in *binding.UpdateUser, good func(string) bool) error {
	if !good("username") || in.Username == nil || *in.Username == User(c).Username {
		return nil
	}
	if User(c).Backend != "" && !a.cfg.AllowBackendRename {
		return binding.Invalid("username", problemManaged)
	}
	if !binding.ValidUsername(*in.Username) {
		return binding.Invalid("username", binding.Problem{Code: binding.CodeInvalidUsername})
	}
	wanted := &models.User{ID: User(c).ID}
	wanted.SetUsername(*in.Username)
	return a.usernameTaken(c.Request.Context(), wanted)
}

// updateUser answers PUT and PATCH user/. What is not in binding.UpdateUser cannot be
// changed here, whatever is sent (T074).
func (a *Auth) updateUser(c *gin.Context, in *binding.UpdateUser) (binding.User, error) {
	ctx, before := c.Request.Context(), identityOf(c).account
	own, err := applyToCopy(c, before)
	if err != nil {
		return binding.User{}, err
	}
	answers(c, own)
	user := own.Base()
	profile := store.Profile{
		FirstName: in.FirstName, LastName: in.LastName,
		Locale: in.Locale, LocaleChange: store.LocaleChange{At: a.now(), Since: a.now().Add(-a.cfg.Mail.NoticeLifetime)},
	}
	if in.Username != nil {
		user.SetUsername(*in.Username)
		profile.Username = user
	}
	err = a.store.Tx(ctx, restoreOnRetry(own, func(tx *store.Tx) error {
		if err := tx.UpdateProfile(user.ID, profile); err != nil {
			return err
		}
		if err := saveOwn(c, tx, before, own); err != nil {
			return err
		}
		return a.stillIn(c, tx)
	}))
	if errors.Is(err, store.ErrExists) {
		return binding.User{}, a.lostRace(ctx, &models.User{ID: user.ID, UsernameKey: user.UsernameKey})
	}
	if err != nil {
		return binding.User{}, err
	}
	if in.FirstName != nil {
		user.FirstName = *in.FirstName
	}
	if in.LastName != nil {
		user.LastName = *in.LastName
	}
	if in.Locale != nil {
		user.Locale = *in.Locale
	}
	return binding.UserOf(user), nil
}
