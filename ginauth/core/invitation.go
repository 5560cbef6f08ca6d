package core

// Invitations: keys with which users sign up. Package invite declares them; all ways to sign up ask for them here.

import (
	"context"
	"errors"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// InvitationField is the field of a sign-up that has the key of an invitation. Routes that sign users up list it in Route.Ignored; it is
// a field of the body if a feature declares invitations.
const InvitationField = binding.InvitationField

// CodeInvitation is the code of an invitation that is unknown, expired, revoked or used up. These cases look the same.
const CodeInvitation = binding.Code("invitation_not_valid")

var errInvitations = errors.New("Invitations needs the functions Find and Use, and one feature can declare them")

// Invitations declares invitations. One feature can.
func (s *Setup) Invitations(i Invitations) {
	c := s.declaring().core
	if c.invitations != nil || i.Find == nil || i.Use == nil {
		s.fail(errInvitations)
		return
	}
	c.invitations = &i
}

// openInvitations makes the key of an invitation a field of sign-ups.
func (c *Core) openInvitations() error {
	if c.invitations == nil {
		return nil
	}
	for i := range c.routes {
		r := &c.routes[i]
		if !slices.Contains(r.Ignored, InvitationField) {
			continue
		}
		r.Ignored = slices.DeleteFunc(slices.Clone(r.Ignored), func(field string) bool { return field == InvitationField })
		if c.invitations.Only {
			r.Required = append(slices.Clone(r.Required), InvitationField)
		}
	}
	return nil
}

// NeedsInvitation reports whether no user signs up without an invitation.
func (c *Core) NeedsInvitation() bool { return c.invitations != nil && c.invitations.Only }

// invitation returns the invitation of a key, the zero value without one, or the error of the field. again is that of [Flow.Again].
func (c *Core) invitation(ctx context.Context, key string, again int64) (found Invitation, err error) {
	switch {
	case c.invitations == nil:
		return found, nil
	case key == "" && c.invitations.Only:
		return found, binding.Invalid(InvitationField, binding.Problem{Code: binding.CodeRequired})
	case key == "":
		return found, nil
	}
	found, err = c.invitations.Find(ctx, key, again)
	return found, NotFoundAs(err, errInvitation())
}

func errInvitation() error {
	return binding.Invalid(InvitationField, binding.Problem{Code: CodeInvitation})
}

// confirms reports whether an invitation was mailed to the address of a new user.
func (i Invitation) confirms(u *models.User) bool {
	return i.Address != "" && u.EmailKey.OrEmpty() == models.EmailKey(i.Address)
}

// spell gives a new user the address as it was invited, since another spelling may be another mailbox. It reports whether it is the address.
func (i Invitation) spell(u *models.User) bool {
	if !i.confirms(u) {
		return false
	}
	u.SetEmail(i.Address)
	return true
}

// InvitationConfirms reports whether the key of an invitation was mailed to the address of a new user, which then counts as confirmed, and
// gets the spelling of the invitation. again is that of [Flow.Again]. The error is that of the field.
func (c *Core) InvitationConfirms(ctx context.Context, key string, u *models.User, again int64) (bool, error) {
	found, err := c.invitation(ctx, key, again)
	return found.spell(u), err
}

// useInvitation counts a use, in the transaction that has stored the user.
func (c *Core) useInvitation(tx *Tx, i Invitation, u *models.User) error {
	if i.ID == 0 {
		return nil
	}
	return NotFoundAs(c.invitations.Use(tx, i.ID, u), errInvitation())
}

// confirmInvited confirms the address of a new user, to which their invitation was mailed.
func (c *Core) confirmInvited(g *gin.Context, tx *Tx, account models.Account) (*Confirmation, error) {
	ctx, e := g.Request.Context(), c.Event(g, account)
	e.Email = account.Base().Email
	done, err := c.Confirm(ctx, tx, e, *account.Base().EmailKey)
	if err != nil {
		return nil, err
	}
	return done, c.Before(ctx, tx, config.EventVerify, e)
}
