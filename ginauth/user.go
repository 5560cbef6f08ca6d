package ginauth

// GET, PUT and PATCH user/: the profile.

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) userRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "user", Tag: "The user", Access: core.AccessUserOrToken, WhileImpersonated: true, BeforeSetup: true,
		Doc: "Return the logged-in user.",
	}, a.userDetails)
	core.AddChecked(s, core.Route{
		Method: http.MethodPut, Path: "user", Access: core.AccessUser, Partial: true,
		Doc: "Change the user name, first name, last name and language.", Form: a.cfg.Forms.Profile, Required: requiredInPut(&a.cfg),
	}, a.checkUpdateUser, a.updateUser)
	core.AddChecked(s, core.Route{
		Method: http.MethodPatch, Path: "user", Access: core.AccessUser, Partial: true,
		Doc: "Change only the fields that are sent.", Form: a.cfg.Forms.Profile,
	}, a.checkUpdateUser, a.updateUser)
}

func requiredInPut(cfg *config.Config) []string {
	if cfg.SignUpFields.Username == config.FieldRequired {
		return []string{"username"}
	}
	return nil
}

// userDetails answers GET user/.
func (a *Auth) userDetails(c *gin.Context, _ *binding.Empty) (binding.User, error) {
	return a.core.ProfileOf(core.User(c)), nil
}

// checkUpdateUser checks that the new name is valid and free. The user's present name always is.
func (a *Auth) checkUpdateUser(c *gin.Context, in *binding.UpdateUser, good func(string) bool) error {
	if !good("username") || in.Username == nil || *in.Username == core.User(c).Username {
		return nil
	}
	if core.User(c).Backend != "" && !a.cfg.AllowBackendRename {
		return binding.Invalid("username", core.ProblemManaged)
	}
	if !binding.ValidUsername(*in.Username) {
		return binding.Invalid("username", binding.Problem{Code: binding.CodeInvalidUsername})
	}
	wanted := &models.User{ID: core.User(c).ID}
	wanted.SetUsername(*in.Username)
	var against error
	if models.UsernameKey(core.User(c).Username) != wanted.UsernameKey.OrEmpty() { // rules are for new names
		against = asField("username", a.cfg.Username.Problems(wanted.Username))
	}
	return binding.Merge(against, a.core.UsernameTaken(c.Request.Context(), wanted))
}

// updateUser answers PUT and PATCH user/. Fields that are not in binding.UpdateUser cannot be changed here (T074).
func (a *Auth) updateUser(c *gin.Context, in *binding.UpdateUser) (binding.User, error) {
	ctx, before := c.Request.Context(), a.core.IdentityOf(c).Account
	edited, err := a.core.ApplyToCopy(c, before)
	if err != nil {
		return binding.User{}, err
	}
	a.core.SetSubject(c, edited)
	user := edited.Base()
	if in.Username != nil {
		user.SetUsername(*in.Username)
	}
	err = a.core.Tx(ctx, clone.OnRetry(edited, func(tx *core.Tx) error {
		if err := tx.UpdateProfile(user.ID, in); err != nil {
			return err
		}
		if err := tx.SaveOwn(c, before, edited); err != nil {
			return err
		}
		return a.core.StillIn(c, tx)
	}))
	if errors.Is(err, core.ErrExists) {
		return binding.User{}, a.core.LostRace(ctx, &models.User{ID: user.ID, UsernameKey: user.UsernameKey})
	}
	if err != nil {
		return binding.User{}, err
	}
	for field, value := range map[*string]*string{&user.FirstName: in.FirstName, &user.LastName: in.LastName, &user.Locale: in.Locale} {
		if value != nil {
			*field = *value
		}
	}
	return a.core.ProfileOf(user), nil
}
