// Package pin is an example of a feature for gin-rest-auth: a second factor. Users choose a PIN and enter it after the
// password. The guide "Write a feature", ginauth/core/README.md, explains this package line by line. Your own package can
// do the same: everything here uses the public API only.
//
//	auth, err := ginauth.New(db, cfg, pin.Feature(pin.Options{}))
//
// Users set their PIN at POST pin/. From then on, they complete each login at POST pin/verify/.
package pin

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Options are the settings of the feature.
type Options struct {
	MinDigits int // shortest PIN: 4 to 12; default 6
}

// Pin is the PIN of a user, as a keyed hash: anyone who reads the table could guess a plain one.
type Pin struct {
	UserID    int64     `gorm:"primaryKey;autoIncrement:false"`
	MAC       string    `gorm:"size:64;not null"`
	CreatedAt time.Time `gorm:"not null"`
}

// TableName is app_pin.
func (Pin) TableName() string { return "app_pin" }

// SetPin is the body of POST pin/.
type SetPin struct {
	Pin      string `json:"pin" binding:"required,max=12,numeric"`
	Password string `json:"password" in:"raw,blank" binding:"maxbytes=1024"` // not needed if the login is recent
}

// VerifyPin is the body of POST pin/verify/.
type VerifyPin struct {
	EphemeralToken string `json:"ephemeral_token" binding:"required,max=512"`
	Pin            string `json:"pin" binding:"required,max=12"`
}

// State is the response of GET pin/.
type State struct {
	SetAt *time.Time `json:"set_at"` // nil without a PIN
}

//go:embed texts
var embedded embed.FS

const (
	factor   = "pin"
	mailSet  = "pin_set"
	tooShort = binding.Code("pin_too_short")
	wrong    = binding.Code("pin_wrong")
)

type pins struct {
	core *core.Core
	keys *core.Keyring
	min  int
}

// Feature returns the feature.
func Feature(o Options) core.Feature {
	return func(s *core.Setup) error {
		texts, err := fs.Sub(embedded, "texts")
		if err != nil {
			return err
		}
		s.Name("pin")
		p := &pins{core: s.Core(), keys: s.Keys("pins"), min: cmp.Or(o.MinDigits, 6)}
		if p.min < 4 || p.min > 12 {
			s.Refuse("pin.Options.MinDigits", fmt.Errorf("is %d, and must be 4 to 12", p.min))
		}
		s.Texts(texts)
		s.Codes(
			binding.CodeDoc{Code: tooShort, Meaning: "the PIN has fewer digits than the application wants"},
			binding.CodeDoc{Code: wrong, Meaning: "the PIN is not that of the user"},
		)
		s.Mail(core.MailKind{Name: mailSet, Ticket: core.ForNotice, Notice: true})
		s.Migration("0001_pin", func(db *gorm.DB) error { return db.AutoMigrate(&Pin{}) })
		s.Tables(&Pin{})
		s.Check("pin.Options.MinDigits", p.check)
		s.Factor(factor)
		s.Listen(core.Listener{OnDelete: forget, OnDisarm: forget, OnNotMe: notMe})
		s.Export("pin", p.export)
		p.routes(s)
		return nil
	}
}

func (p *pins) routes(s *core.Setup) {
	core.AddChecked(s, core.Route{
		Method: http.MethodPost, Path: "pin", Tag: "PIN", Access: core.AccessUser, Fails: []int{403}, Doc: "Set the PIN that logins ask for.",
	}, p.checkSet, p.set)
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "pin", Access: core.AccessUser, Doc: "Say when the PIN was set.",
	}, p.state)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "pin/remove", Access: core.AccessUser, Fails: []int{403}, Doc: "Remove the PIN.",
	}, p.remove)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "pin/verify", SetsCookies: true, Limit: core.LimitFailure, Doc: "Complete a login with the PIN.", Answers: []any{binding.LoginResponse{}},
	}, p.verify)
}

func (p *pins) checkSet(_ *gin.Context, in *SetPin, good func(string) bool) error {
	if good("pin") && len(in.Pin) < p.min {
		return binding.Invalid("pin", binding.Problem{Code: tooShort, Params: map[string]any{"Count": p.min}})
	}
	return nil
}

// set stores the PIN and the factor, and mails a notice, in one transaction. From then on, the session counts as one
// that has proven the factor.
func (p *pins) set(g *gin.Context, in *SetPin) (binding.Detail, error) {
	if err := p.core.RequireRecent(g, in.Password); err != nil {
		return binding.Detail{}, err
	}
	user := core.User(g)
	row := Pin{UserID: user.ID, MAC: p.keys.MAC(fmt.Sprint(user.ID), in.Pin), CreatedAt: p.core.Now()}
	err := p.core.RaiseSession(g, factor, func(tx *core.Tx) error {
		if err := tx.Save(&row).Error; err != nil {
			return err
		}
		if err := tx.SetFactor(user.ID, factor, true); err != nil {
			return err
		}
		return p.core.Notify(g, tx, mailSet, user, user.Email)
	})
	return binding.Detail{Detail: p.core.Say(g, "done.pin_set", nil)}, err
}

// state answers GET pin/. A read needs no transaction.
func (p *pins) state(g *gin.Context, _ *binding.Empty) (State, error) {
	var row Pin
	err := p.core.DB(g.Request.Context()).Where("user_id = ?", core.User(g).ID).Limit(1).Find(&row).Error
	if err != nil || row.UserID == 0 {
		return State{}, err
	}
	return State{SetAt: &row.CreatedAt}, nil
}

func (p *pins) remove(g *gin.Context, in *binding.RecentPassword) (binding.Detail, error) {
	if err := p.core.RequireRecent(g, in.Password); err != nil {
		return binding.Detail{}, err
	}
	user := core.User(g)
	err := p.core.Held(g, func(tx *core.Tx) error {
		if err := forget(tx, user.ID); err != nil {
			return err
		}
		return tx.SetFactor(user.ID, factor, false)
	})
	return binding.Detail{Detail: p.core.Say(g, "done.pin_removed", nil)}, err
}

// verify answers POST pin/verify/. The core counts wrong PINs.
func (p *pins) verify(g *gin.Context, in *VerifyPin) (any, error) {
	invalid := binding.Invalid("ephemeral_token", core.ProblemTicket)
	login, err := p.core.Challenge(g.Request.Context(), in.EphemeralToken)
	if err != nil {
		return nil, p.core.AsTicketError(err, invalid)
	}
	out, err := p.core.Pass(g, login, factor, func(tx *core.Tx) error {
		var row Pin
		id := login.Account.Base().ID
		if err := tx.Where("user_id = ?", id).Limit(1).Find(&row).Error; err != nil {
			return err
		}
		if !slices.Contains(p.keys.MACs(fmt.Sprint(id), in.Pin), row.MAC) {
			return binding.Invalid("pin", binding.Problem{Code: wrong})
		}
		return nil
	})
	return out, p.core.AsTicketError(err, invalid)
}

// export returns what GET user/export/ has of the PIN: the time, not the hash.
func (p *pins) export(tx *core.Tx, userID int64) (any, error) {
	var row Pin
	err := tx.Where("user_id = ?", userID).Limit(1).Find(&row).Error
	if err != nil || row.UserID == 0 {
		return State{}, err
	}
	return State{SetAt: &row.CreatedAt}, nil
}

// check reports findings to auth.Check.
func (p *pins) check(_ context.Context, r *core.Report) error {
	if p.min < 6 {
		r.Warning(fmt.Sprintf("a PIN can have only %d digits, which are easy to guess", p.min), "set it to 6 or more")
	}
	return nil
}

// forget deletes the PIN when the user is deleted, or when the account could have been prepared by a stranger.
func forget(tx *core.Tx, userID int64) error {
	return tx.Where("user_id = ?", userID).Delete(&Pin{}).Error
}

// notMe deletes a PIN that was set since a time, when the user says "it was not me": a thief may have set it.
func notMe(tx *core.Tx, userID int64, since time.Time) error {
	r := tx.Where("user_id = ? AND created_at >= ?", userID, since).Delete(&Pin{})
	if r.Error != nil || r.RowsAffected == 0 {
		return r.Error
	}
	return tx.SetFactor(userID, factor, false)
}
