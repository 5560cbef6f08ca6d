package core

// Exports: everything that the tables have about a user.

import (
	"context"
	"fmt"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/custom"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/limit"
	"github.com/ginauth/gin-rest-auth/models"
)

const maxExported = 10_000 // rows of one list

// Export adds what the feature has about a user to GET user/export/, as the field name of "features". A feature whose tables
// have rows about users needs it. read returns a value for JSON without secrets and hashes; it only reads, at most 10,000
// rows. A name that is taken, and a nil function, are errors of New.
func (s *Setup) Export(name string, read func(tx *Tx, userID int64) (any, error)) {
	for _, e := range s.declaring().core.exporters {
		if e.name == name {
			s.fail(fmt.Errorf("two features export %q", name))
			return
		}
	}
	if !codeForm.MatchString(name) || read == nil {
		s.fail(fmt.Errorf("Export needs a name in lower-case letters, digits and _, not %q, and a function", name))
		return
	}
	s.core.exporters = append(s.core.exporters, exporter{name, read})
}

// Export returns everything that the tables have about the logged-in user, and records the event. It reads in one transaction,
// in which the user is locked, so a user has one export at a time, and at most config.Limits.Export; above that it returns an error
// with the status 429. Exports that fail count as well, since they read as much.
func (c *Core) Export(g *gin.Context) (out binding.Export, err error) {
	account := identityOf(g).Account
	if !c.cfg.Limits.AllowUnlimited {
		exports := c.bucket(steady(c.cfg.Limits.Export), "exports", strconv.FormatInt(account.Base().ID, 10))
		if _, err := c.take(g, []limit.Bucket{exports}); err != nil {
			return out, err
		}
	}
	err = c.Held(g, func(tx *Tx) (err error) {
		out, err = tx.exportWith(c.Event(g, account), Session(g).ID)
		return err
	})
	return out, err
}

// ExportOf is [Core.Export] of any user, for an operator, without a limit. It returns [ErrNoRow] if the user does not exist.
func (c *Core) ExportOf(ctx context.Context, userID int64) (out binding.Export, err error) {
	err = c.Tx(ctx, func(tx *Tx) error {
		if err := tx.LockUser(userID); err != nil {
			return err
		}
		account, err := tx.rows.Account(userID)
		if err == nil {
			out, err = tx.exportWith(config.Event{User: account}, "")
		}
		return err
	})
	return out, err
}

// exportWith is export with the data of the application, and records the event.
func (tx *Tx) exportWith(e config.Event, session string) (out binding.Export, err error) {
	if out, err = tx.export(e.User, session); err != nil {
		return out, err
	}
	if read := tx.core.cfg.Export.Data; read != nil {
		out.Application, err = read(tx.Statement.Context, tx.DB, e.User)
		if err := custom.Failure("Export.Data", err); err != nil {
			return out, err
		}
	}
	return out, tx.Record(config.EventDataExported, e)
}

// export reads the library's tables, and those of features.
func (tx *Tx) export(account models.Account, session string) (binding.Export, error) {
	user := account.Base()
	out := binding.Export{
		ExportedAt: tx.core.Now(), User: binding.ExportedUserOf(user), Emails: []binding.ExportedEmail{}, Sessions: []binding.Session{},
		Tokens: []binding.Token{}, Features: map[string]any{},
	}
	emails, err := tx.rows.Emails(user.ID)
	for i := range emails {
		out.Emails = append(out.Emails, binding.ExportedEmailOf(&emails[i], user))
	}
	if err == nil {
		out.Events, err = exported(tx, user.ID, "id", binding.EventOf)
	}
	if err == nil {
		out.Mails, err = exported(tx, user.ID, "id", binding.ExportedMailOf)
	}
	if err == nil {
		out.Links, err = exported(tx, user.ID, "created_at", binding.ExportedLinkOf)
	}
	if err != nil {
		return out, err
	}
	sessions, err := exported(tx, user.ID, "created_at", func(s *models.Session) models.Session { return *s })
	for i := range sessions {
		if s := &sessions[i]; s.Personal {
			out.Tokens = append(out.Tokens, binding.TokenOf(s))
		} else {
			out.Sessions = append(out.Sessions, binding.SessionOf(s, s.ID == session, tx.core.AMR(s), ACR(s)))
		}
	}
	for _, e := range tx.core.exporters {
		if err == nil {
			out.Features[e.name], err = e.read(tx, user.ID)
		}
	}
	return out, err
}

// exported reads the latest rows of a user and returns what an export has of each.
func exported[Row, Out any](tx *Tx, userID int64, order string, of func(*Row) Out) ([]Out, error) {
	var rows []Row
	if err := tx.Where("user_id = ?", userID).Order(order + " DESC").Limit(maxExported).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Out, len(rows))
	for i := range rows {
		out[i] = of(&rows[i])
	}
	return out, nil
}
