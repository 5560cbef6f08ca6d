package admin

// Whether and how a user can log in: bans, passwords, addresses, second factors.

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

func (f *feature) accessRoutes(s *core.Setup) {
	core.Add(s, route(http.MethodPost, "users/:id/ban", "auth.ban_user", "Ban a user until a time, or for good. Ends all sessions and personal tokens."), f.ban)
	core.Add(s, route(http.MethodPost, "users/:id/unban", "auth.ban_user", "End the ban of a user."), f.unban)
	core.Add(s, route(http.MethodPost, "users/:id/emails", "auth.change_user", "Confirm an address of a user without a mail, and add it if it is missing."), f.confirm)
	core.Add(s, route(http.MethodPost, "users/:id/password", "auth.change_user", "Set the password of a user. Ends all sessions and personal tokens."), f.setPassword)
	link := route(http.MethodPost, "users/:id/password/link", "auth.change_user", "Mail a user the link that sets a password.")
	link.Fails = []int{http.StatusBadRequest}
	core.Add(s, link, f.sendLink)
	drop := route(http.MethodDelete, "users/:id/password", "auth.change_user", "Require a new password: make the present one unusable, end all sessions and personal tokens, and mail the link that sets one.")
	drop.Fails = []int{http.StatusBadRequest}
	core.Add(s, drop, f.dropPassword)
	core.Add(s, route(http.MethodDelete, "users/:id/factors", "auth.change_user", "Remove all second factors of a user who lost them. Ends all sessions and personal tokens."), f.resetFactors)
	f.sessionRoutes(s)
}

// BanUser is the body of POST admin/users/:id/ban/. The reason is for operators; users see it only with config.BanNoticeReason.
type BanUser struct {
	Reason string     `json:"reason" in:"blank" binding:"max=255"`
	Until  *time.Time `json:"until"` // in RFC 3339; null or missing for a ban without an end
}

// ban answers POST admin/users/:id/ban/. It replaces an earlier ban.
func (f *feature) ban(g *gin.Context, in *BanUser) (User, error) {
	ban := core.Ban{At: f.core.Now(), Reason: in.Reason}
	if in.Until != nil {
		ban.Until = in.Until.UTC().Truncate(time.Millisecond)
		if !ban.Until.After(ban.At) {
			return User{}, invalid("until")
		}
	}
	return f.setBan(g, ban, config.EventBan)
}

// unban answers POST admin/users/:id/unban/.
func (f *feature) unban(g *gin.Context, _ *binding.Empty) (User, error) {
	return f.setBan(g, core.Ban{}, config.EventUnban)
}

func (f *feature) setBan(g *gin.Context, ban core.Ban, name config.EventName) (User, error) {
	var e config.Event
	var done bool
	err := f.operate(g, nil, func(c *change) (err error) {
		e = c.event
		if done, err = f.core.Ban(c.mail, c.Tx, e, ban); err != nil || !done || name != config.EventUnban {
			return err // a ban has its own notice, see Mail.BanNotice
		}
		return f.tell(c)
	})
	if err != nil {
		return User{}, err
	}
	if done {
		f.core.After(g.Request.Context(), name, e)
	}
	return f.show(g, nil)
}

// ConfirmEmail is the body of POST admin/users/:id/emails/.
type ConfirmEmail struct {
	Email string `json:"email" binding:"required,max=254,address"`
}

// confirm answers POST admin/users/:id/emails/.
func (f *feature) confirm(g *gin.Context, in *ConfirmEmail) (User, error) {
	var done *core.Confirmation
	first := func(tx *core.Tx) error { return f.core.LockAddress(tx, models.EmailKey(in.Email)) }
	err := f.operate(g, first, func(c *change) (err error) {
		if err := f.tell(c); err != nil { // first: to the addresses that the user had
			return err
		}
		c.event.Email = models.NormalizeEmail(in.Email)
		if done, err = f.core.ConfirmAddress(g.Request.Context(), c.Tx, c.event); err != nil {
			return err
		}
		return f.mayTake(c, done.Displaced)
	})
	if err != nil {
		return User{}, f.core.AsTaken(err, "email")
	}
	f.core.NotifyManaged(g.Request.Context(), done)
	return f.show(g, nil)
}

// mayTake returns nil if the operator may act on the users who lose an address that they had not confirmed.
func (f *feature) mayTake(c *change, displaced []int64) error {
	for _, id := range displaced {
		theirs, err := f.core.RightsIn(c.Tx, id)
		if err != nil {
			return err
		}
		if !c.Rights.Covers(theirs) {
			return core.ErrPermission
		}
	}
	return nil
}

// SetPassword is the body of POST admin/users/:id/password/.
type SetPassword struct {
	Password string `json:"password" in:"raw" binding:"required,maxbytes=1024"`
}

// setPassword answers POST admin/users/:id/password/. The user gets the notice of a changed password.
func (f *feature) setPassword(g *gin.Context, in *SetPassword) (User, error) {
	id, err := core.PathID(g)
	if err != nil {
		return User{}, err
	}
	ctx := g.Request.Context()
	account, err := f.core.UserByID(ctx, id)
	if err != nil {
		return User{}, core.NotFoundAs(err, core.ErrNotFound)
	}
	problems, err := f.core.PasswordProblems(ctx, in.Password, account.Base())
	if err == nil && problems != nil {
		err = binding.Invalid("password", problems...)
	}
	if err != nil {
		return User{}, err
	}
	encoded, err := f.core.HashPassword(ctx, in.Password)
	if err != nil {
		return User{}, err
	}
	var e config.Event
	err = f.operate(g, nil, func(c *change) error {
		e = c.event
		return f.core.SetPassword(c.mail, c.Tx, e, encoded)
	})
	if err != nil {
		return User{}, err
	}
	f.core.After(ctx, config.EventPasswordChange, e)
	return f.show(g, nil)
}

// sendLink answers POST admin/users/:id/password/link/.
func (f *feature) sendLink(g *gin.Context, _ *binding.Empty) (binding.Detail, error) {
	err := f.operate(g, nil, func(c *change) error {
		if err := c.Record(EventLinkSent, c.event); err != nil {
			return err
		}
		return f.invite(c)
	})
	return binding.Detail{Detail: f.core.Say(g, "done.password_link_sent", nil)}, err
}

// dropPassword answers DELETE admin/users/:id/password/. A user who cannot get a link keeps the password.
func (f *feature) dropPassword(g *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	return binding.Empty{}, f.operate(g, nil, func(c *change) error {
		if err := f.core.DropPassword(c.Tx, c.User); err != nil {
			return err
		}
		if err := c.Record(EventPasswordRequired, c.event); err != nil {
			return err
		}
		return f.invite(c)
	})
}

// invite mails the link that sets a password.
func (f *feature) invite(c *change) error {
	if c.User.Email == "" || f.core.Managed(c.User) || f.core.Config().Mail.Sender == nil {
		return binding.Invalid(binding.NonField, binding.Problem{Code: codeUnreachable})
	}
	return f.core.PostInvitation(c.mail, c.Tx, c.User.ID)
}

// resetFactors answers DELETE admin/users/:id/factors/. It does nothing for a user without second factors.
func (f *feature) resetFactors(g *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	return binding.Empty{}, f.operate(g, nil, func(c *change) error {
		if c.User.Factors == "" {
			return nil
		}
		return f.core.ResetFactors(c.mail, c.Tx, c.User)
	})
}
