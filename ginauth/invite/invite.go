// Package invite adds invitations: staff invite people by mail, or create a code for many, with groups that new users join. List it in
// ginauth.New:
//
//	auth, err := ginauth.New(db, cfg, invite.Feature(invite.Options{
//		Page: "https://app.example.com/signup?invitation={key}",
//		Only: true, // no one signs up without an invitation
//	}))
//
// The README of this folder explains the rest.
package invite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Events of the audit trail. Details has the ID of the invitation.
const (
	EventCreated config.EventName = "invitation_created"
	EventRevoked config.EventName = "invitation_revoked"
	EventUsed    config.EventName = "invitation_used"
)

// Options are the settings of the feature. Errors of New name them.
type Options struct {
	// Page is the page of your front end where people sign up, with {key} for the key. It sends the key as the field
	// "invitation" of the sign-up. {email} is replaced by the invited address, so that the page can
	// fill it in; it is empty for a code. Access logs can then have the address. Required.
	Page string
	// Only refuses sign-ups of any kind without an invitation: with a password, a passkey or an account of a provider. Users of a
	// config.Backend, of Auth.CreateUser and of an import need none. Default: false.
	Only bool
	// Lifetime is how long an invitation is valid unless its creator says otherwise: 1 hour to 366 days. Default: 7 days.
	Lifetime time.Duration
}

const (
	mailInvitation = "invitation"
	maxLifetime    = 366 * 24 * time.Hour
	kept           = 30 * 24 * time.Hour // after the end
	maxUses        = 1_000_000
	maxGroups      = 20
	codeUsed       = binding.Code("invitation_ended")
)

// Invitation is an invitation. Its key is stored as a hash.
type Invitation struct {
	ID         int64      `gorm:"primaryKey;autoIncrement"`
	KeyHash    string     `gorm:"size:64;not null;uniqueIndex:idx_auth_invitation_key_hash" json:"-"` // SHA-256
	Email      string     `gorm:"size:254;not null"`                                                  // that the key was mailed to; "" for a code
	EmailKey   models.Key `gorm:"size:254;not null;index:idx_auth_invitation_email_key"`
	GroupNames []string   `gorm:"serializer:json;size:4000;not null"` // that new users join
	MaxUses    int        `gorm:"not null"`
	Uses       int        `gorm:"not null"`
	CreatedBy  int64      `gorm:"not null;index:idx_auth_invitation_created_by"` // models.User.ID of the operator; 0 for your code, and after they were deleted
	CreatedAt  time.Time  `gorm:"not null;autoCreateTime:false"`
	ExpiresAt  time.Time  `gorm:"not null;index:idx_auth_invitation_expires_at"`
	RevokedAt  *time.Time
}

// TableName is auth_invitation.
func (Invitation) TableName() string { return "auth_invitation" }

// Use is a user who signed up with an invitation, or accepted it.
type Use struct {
	UserID       int64     `gorm:"primaryKey;autoIncrement:false"` // models.User.ID
	InvitationID int64     `gorm:"primaryKey;autoIncrement:false;index:idx_auth_invitation_use_invitation_id"`
	CreatedAt    time.Time `gorm:"not null;autoCreateTime:false"`
}

// TableName is auth_invitation_use.
func (Use) TableName() string { return "auth_invitation_use" }

//go:embed texts
var embedded embed.FS

type feature struct {
	Options
	core *core.Core
	cfg  config.Config
}

// Feature returns the feature. Errors of New name the option.
func Feature(o Options) core.Feature {
	return func(s *core.Setup) error {
		texts, err := fs.Sub(embedded, "texts")
		if err != nil {
			return err
		}
		s.Name("invite")
		if o.Lifetime == 0 {
			o.Lifetime = 7 * 24 * time.Hour
		}
		f := &feature{Options: o, core: s.Core(), cfg: s.Config()}
		f.refuse(s)
		s.Texts(texts)
		s.Codes(
			binding.CodeDoc{Code: core.CodeInvitation, Meaning: "the invitation is unknown, expired, revoked or used up"},
			binding.CodeDoc{Code: codeUsed, Statuses: []int{409}, Meaning: "the invitation was revoked or has expired, so it cannot be revoked"},
		)
		s.Mail(core.MailKind{Name: mailInvitation, Link: true})
		s.Migration("0001_tables", func(db *gorm.DB) error { return db.AutoMigrate(&Invitation{}, &Use{}) })
		s.Migration("0002_key_of_uses", rekeyUses)
		s.Tables(&Invitation{}, &Use{})
		s.Event(
			core.EventKind{Name: EventCreated, WebHook: "invitation.created", Doc: "the user, an operator, created an invitation", Data: []string{"invitation"}},
			core.EventKind{Name: EventRevoked, WebHook: "invitation.revoked", Doc: "the user, an operator, revoked an invitation", Data: []string{"invitation"}},
			core.EventKind{Name: EventUsed, WebHook: "invitation.used", Doc: "the user signed up with an invitation, or accepted it", Data: []string{"invitation"}},
		)
		s.Invitations(core.Invitations{Only: o.Only, Find: f.find, Use: f.use})
		s.Listen(core.Listener{OnDelete: f.forget})
		s.Export("invite", f.export)
		s.Sweep(f.sweep)
		s.Facts("invite", map[string]bool{"required": o.Only})
		core.Provide(s, f)
		f.routes(s)
		f.acceptRoute(s)
		return nil
	}
}

// refuse reports invalid options as errors of New.
func (f *feature) refuse(s *core.Setup) {
	page, err := url.Parse(f.Page)
	if err != nil || page.Scheme != "https" && page.Scheme != "http" || page.Host == "" || !strings.Contains(f.Page, "{key}") {
		s.Refuse("invite.Options.Page", errors.New("must be the URL of your sign-up page with {key}, such as https://app.example.com/signup?invitation={key}"))
	}
	if f.Lifetime < time.Hour || f.Lifetime > maxLifetime {
		s.Refuse("invite.Options.Lifetime", fmt.Errorf("is %s, and must be 1 hour to 366 days", f.Lifetime))
	}
}

// of returns the feature of an Auth.
func of(auth core.Holder) (*feature, error) {
	f, listed := core.Provided[*feature](auth)
	if !listed {
		return nil, errors.New("invite: pass invite.Feature to ginauth.New")
	}
	return f, nil
}

// forget deletes what the tables have about a user, and revokes the open invitations that they created. A sign-up that was never confirmed gives its use back.
func (f *feature) forget(tx *core.Tx, userID int64) error {
	user, err := tx.User(userID)
	if err != nil {
		return err
	}
	used := tx.Model(&Use{}).Where("user_id = ?", userID).Select("invitation_id")
	change := tx.Model(&Invitation{}).Where("id IN (?)", used)
	if user.Pending {
		err = change.UpdateColumn("uses", gorm.Expr("uses - 1")).Error
	} else { // it was mailed to them
		err = change.Where("max_uses = 1").UpdateColumns(map[string]any{"email": "", "email_key": ""}).Error
	}
	if err == nil {
		err = tx.Where("user_id = ?", userID).Delete(&Use{}).Error
	}
	if err != nil {
		return err
	}
	open := f.open(tx.DB).Where("created_by = ?", userID).UpdateColumn("revoked_at", f.core.Now())
	if open.Error != nil {
		return open.Error
	}
	return tx.Model(&Invitation{}).Where("created_by = ?", userID).UpdateColumn("created_by", 0).Error
}

// exported is what an export has: when the user used an invitation first, and those that they created.
type exported struct {
	UsedAt  *time.Time `json:"used_at"`
	Created []View     `json:"created"`
}

func (f *feature) export(tx *core.Tx, userID int64) (any, error) {
	out := exported{Created: []View{}}
	var used Use
	if err := tx.Where("user_id = ?", userID).Order("created_at").Limit(1).Find(&used).Error; err != nil {
		return nil, err
	}
	if used.UserID != 0 {
		out.UsedAt = &used.CreatedAt
	}
	var rows []Invitation
	err := tx.Where("created_by = ?", userID).Order("id DESC").Limit(10_000).Find(&rows).Error
	for i := range rows {
		out.Created = append(out.Created, f.view(&rows[i]))
	}
	return out, err
}

// sweep deletes invitations 30 days after their end.
func (f *feature) sweep(ctx context.Context, now time.Time) error {
	return f.core.Tx(ctx, func(tx *core.Tx) error {
		return tx.Where("expires_at < ?", now.Add(-kept)).Delete(&Invitation{}).Error
	})
}
