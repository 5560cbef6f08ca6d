// Package passkey logs users in with passkeys (WebAuthn). It has the routes of dj-rest-auth's passkeys, and more: passkeys as
// second factors and for re-authentication. List it in ginauth.New:
//
//	auth, err := ginauth.New(db, cfg, passkey.Feature(passkey.Options{Origins: []string{"https://app.example.com"}}))
//
// A logged-in user adds a passkey at passkeys/register/. A browser then logs in at passkeys/login/ without a name or password.
// The README of this folder explains the flows for front ends and operators.
package passkey

import (
	"embed"
	"io/fs"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Method is models.Session.Method of a login with a passkey, and the name of passkeys as second factors in binding.Challenge,
// models.User.Factors and models.Session.Proofs.
const Method = "passkey"

//go:embed texts
var embedded embed.FS

const (
	mailAdded   = "passkey_added"
	mailRemoved = "passkey_removed"
	mailCloned  = "passkey_cloned"
)

type feature struct {
	Options
	core *core.Core
	cfg  config.Config
	lib  *webauthn.WebAuthn
}

// Feature returns the feature. Errors of New name the option.
func Feature(o Options) core.Feature {
	return func(s *core.Setup) error {
		texts, err := fs.Sub(embedded, "texts")
		if err != nil {
			return err
		}
		s.Name("passkey")
		f := &feature{Options: o.withDefaults(s.Config().Mail.Site), core: s.Core(), cfg: s.Config()}
		f.open(s)
		s.Texts(texts)
		s.Codes(codes()...)
		s.Event(events()...)
		s.Mail(core.MailKind{Name: mailAdded, Ticket: core.ForNotice, Notice: true})
		s.Mail(core.MailKind{Name: mailRemoved, Ticket: core.ForNotice, Notice: true})
		s.Mail(core.MailKind{Name: mailCloned, Ticket: core.ForNotice, Notice: true, Limited: true})
		f.tickets(s)
		s.Migration("0001_tables", func(db *gorm.DB) error { return db.AutoMigrate(&Credential{}, &Handle{}) })
		s.Migration("0002_copied_at", func(db *gorm.DB) error { return db.AutoMigrate(&Credential{}) })
		s.Tables(&Credential{}, &Handle{})
		s.Check("passkey.Options", f.check)
		s.Listen(core.Listener{OnDelete: forget, OnDisarm: forget, OnFactorsReset: f.forgetFactors, OnReclaim: reclaim, OnNotMe: notMe})
		s.WayIn(f.wayIn)
		s.Export("passkeys", export)
		s.Facts("passkeys", f.facts())
		// Users who have the factor keep it when SecondFactor is turned off, so it is always declared.
		s.Factor(Method)
		s.FallbackFactorIf(Method, has)
		// A passkey may be in software: without attestation, nothing vouches for hardware. The user touched the device.
		s.AMR(Method, "swk", "user")
		f.routes(s)
		return nil
	}
}

func (f *feature) routes(s *core.Setup) {
	f.registerRoutes(s)
	f.signUpRoutes(s)
	f.loginRoutes(s)
	f.verifyRoutes(s)
	f.reauthenticateRoutes(s)
	f.listRoutes(s)
}

// has reports whether a user has a passkey.
func has(tx *core.Tx, userID int64) (bool, error) {
	n, err := count(tx, userID)
	return n > 0, err
}

// wayIn reports whether a user can log in with a passkey alone: it is found without a name, and verifies the user.
func (f *feature) wayIn(tx *core.Tx, userID int64) (bool, error) {
	query := tx.Model(&Credential{}).Where("user_id = ? AND discoverable = ?", userID, true)
	if !f.AllowUnverifiedUsers {
		query = query.Where("user_verified = ?", true)
	}
	var n int64
	err := query.Count(&n).Error
	return n > 0, err
}

// forget deletes the passkeys of a user.
func forget(tx *core.Tx, userID int64) error {
	if err := tx.Where("user_id = ?", userID).Delete(&Credential{}).Error; err != nil {
		return err
	}
	return tx.Where("user_id = ?", userID).Delete(&Handle{}).Error
}

// forgetFactors deletes the passkeys of a user whose second factors are reset. A user who could not get in any more keeps them.
func (f *feature) forgetFactors(tx *core.Tx, userID int64) error {
	rows, err := list(tx.DB, userID)
	if err != nil || len(rows) == 0 {
		return err
	}
	if err := tx.Where("user_id = ?", userID).Delete(&Credential{}).Error; err != nil {
		return err
	}
	in, err := tx.HasWayBack(userID)
	if err != nil {
		return err
	}
	if !in {
		return tx.Create(&rows).Error
	}
	return tx.Where("user_id = ?", userID).Delete(&Handle{}).Error
}

// reclaim deletes the passkeys that were added before a time.
func reclaim(tx *core.Tx, userID int64, before time.Time) error {
	return remove(tx, userID, tx.Where("user_id = ? AND created_at < ?", userID, before))
}

// notMe deletes the passkeys that were added since a time, or seem to be copied.
func notMe(tx *core.Tx, userID int64, since time.Time) error {
	return remove(tx, userID, tx.Where("user_id = ? AND (created_at >= ? OR copied_at >= ?)", userID, since, since))
}

// remove deletes some of a user's passkeys, and the factor with the last one.
func remove(tx *core.Tx, userID int64, which *gorm.DB) error {
	r := which.Delete(&Credential{})
	if r.Error != nil || r.RowsAffected == 0 {
		return r.Error
	}
	n, err := count(tx, userID)
	if err != nil {
		return err
	}
	if n > 0 {
		return tx.EndTrust(userID)
	}
	return tx.SetFactor(userID, Method, false)
}

// changed records the event of a passkey that was added or removed, and mails the notice.
func (f *feature) changed(tx *core.Tx, by request, mail string, event config.EventName) error {
	if err := tx.EndTrust(by.account.Base().ID); err != nil {
		return err
	}
	if err := tx.Record(event, f.core.Event(by.g, by.account)); err != nil {
		return err
	}
	return f.core.Notify(by.g, tx, mail, by.account.Base(), by.account.Base().Email)
}

// nameOf returns what authenticators show for a user.
func nameOf(u *models.User) (name, display string) {
	name = u.Username
	if name == "" {
		name = u.Email
	}
	display = strings.TrimSpace(u.FirstName + " " + u.LastName)
	if display == "" {
		display = name
	}
	return name, display
}
