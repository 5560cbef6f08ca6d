package social

// ImportDjango: accounts that django-allauth has connected.

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Django says what [ImportDjango] copies. The zero value copies the rows of the providers that are in Options.Providers.
type Django struct {
	// DryRun changes nothing: the report says what would happen.
	DryRun bool
	// Providers are the names of providers here by those in the column provider of Django's table, if they differ. That column has
	// allauth's name of the provider, and for OpenID Connect the provider_id of its settings. "twitter" and "twitter_oauth2" are "x".
	Providers map[string]string
	// From is Django's database. Default: the database of the Auth, for an application that takes Django's over. The users must
	// have the same IDs in both.
	From *gorm.DB
}

// DjangoReport says what [ImportDjango] did, or would do.
type DjangoReport struct {
	Copied  int // new rows of auth_identity
	Known   int // rows that had been copied before, or that the user has connected since
	Skipped []DjangoSkipped
}

// DjangoSkipped is a row of socialaccount_socialaccount that was not copied.
type DjangoSkipped struct {
	ID, UserID    int64
	Provider, UID string
	Reason        string
}

// djangoRow is a row of Django's table.
type djangoRow struct {
	ID, UserID            int64
	Provider, UID         string
	LastLogin, DateJoined time.Time
	ExtraData             string
}

const (
	djangoTable = "socialaccount_socialaccount"
	djangoBatch = 500
	// importedPrefix is before the subject of a row whose real one is not known yet; see Profile.ImportedSubject. No subject of a
	// provider begins with a space.
	importedPrefix = " django "
)

// djangoNames are the names of providers here by those of allauth that differ.
var djangoNames = map[string]string{"twitter": "x", "twitter_oauth2": "x"}

// ImportDjango copies the accounts that users have connected with django-allauth, from the table socialaccount_socialaccount. Users then
// log in with them as before. Call it in the program that moves users here, first with DryRun. It never changes a row that exists, so it can run
// again, also while users log in. It ends no session, and mails no notice. Tokens in socialaccount_socialtoken are not copied. auth is a
// *ginauth.Auth.
func ImportDjango(ctx context.Context, auth core.Holder, d Django) (DjangoReport, error) {
	var report DjangoReport
	f, listed := core.Provided[*feature](auth)
	if !listed {
		return report, errors.New("social: ImportDjango needs the feature: pass social.Feature to ginauth.New")
	}
	from := cmp.Or(d.From, f.core.DB(ctx)).WithContext(ctx)
	for last := int64(0); ; {
		var rows []djangoRow
		err := from.Table(djangoTable).Select("id", "user_id", "provider", "uid", "last_login", "date_joined", "extra_data").
			Where("id > ?", last).Order("id").Limit(djangoBatch).Find(&rows).Error
		if err != nil {
			return report, fmt.Errorf("social: ImportDjango reads %s: %w", djangoTable, err)
		}
		if len(rows) == 0 {
			return report, nil
		}
		for i := range rows {
			row := &rows[i]
			last = row.ID
			outcome, err := f.importRow(ctx, d, row)
			switch {
			case err != nil:
				return report, fmt.Errorf("social: ImportDjango, row %d of %s: %w", row.ID, djangoTable, err)
			case outcome == copied:
				report.Copied++
			case outcome == known:
				report.Known++
			default:
				report.Skipped = append(report.Skipped, DjangoSkipped{row.ID, row.UserID, row.Provider, row.UID, outcome})
			}
		}
	}
}

// Outcomes of a row, besides the reason why it was skipped.
const (
	copied = "copied"
	known  = "known"
)

// importRow copies a row, or says what would happen.
func (f *feature) importRow(ctx context.Context, d Django, row *djangoRow) (outcome string, err error) {
	name := cmp.Or(d.Providers[row.Provider], djangoNames[row.Provider], row.Provider)
	s := f.sources[name]
	if s == nil {
		return fmt.Sprintf("no provider %q is in Options.Providers; see Django.Providers", name), nil
	}
	subject := row.UID
	if s.imports != nil {
		var reason string
		if subject, reason = s.imports(row.UID); reason != "" {
			return reason, nil
		}
	}
	if (&Profile{Subject: row.UID}).check() != nil {
		return "the uid is empty, over 255 bytes, or has control characters, or spaces at its ends", nil
	}
	identity := row.identity(s.Name, subject)
	if d.DryRun {
		if _, err := f.core.UserByID(ctx, row.UserID); err != nil {
			return noUser, core.NotFoundAs(err, nil)
		}
		return imported(f.core.DB(ctx), &identity, row.UID)
	}
	err = f.core.Tx(ctx, func(tx *core.Tx) error {
		if err := tx.LockUser(row.UserID); err != nil {
			return err
		}
		if _, err := tx.LockedUser(row.UserID); err != nil {
			return err
		}
		if outcome, err = imported(tx.DB, &identity, row.UID); err != nil || outcome != copied {
			return err
		}
		identity.ID = 0
		return tx.Create(&identity).Error
	})
	if errors.Is(err, core.ErrNoRow) {
		return noUser, nil
	}
	return outcome, err
}

func (r *djangoRow) identity(provider, subject string) models.Identity {
	at := r.LastLogin.UTC().Truncate(time.Millisecond)
	return models.Identity{
		UserID: r.UserID, Provider: models.Key(provider), Subject: models.Key(subject), Profile: profileJSON(json.RawMessage(r.ExtraData)),
		CreatedAt: r.DateJoined.UTC().Truncate(time.Millisecond), LastLogin: &at,
	}
}

const noUser = "the user does not exist"

// imported returns what copying an identity would do.
func imported(db *gorm.DB, row *models.Identity, uid string) (string, error) {
	other, err := find(db, string(row.Provider), string(row.Subject))
	switch {
	case err != nil:
		return "", err
	case other != nil && other.UserID == row.UserID:
		return known, nil
	case other != nil:
		return fmt.Sprintf("the account is connected to user %d", other.UserID), nil
	}
	var own []models.Identity // a login can have replaced the imported subject
	if err := db.Where("user_id = ? AND provider = ?", row.UserID, row.Provider).Find(&own).Error; err != nil {
		return "", err
	}
	for i := range own {
		var c struct {
			OID string `json:"oid"`
		}
		if readClaims([]byte(own[i].Profile), &c) == nil && c.OID != "" && c.OID == uid {
			return known, nil
		}
	}
	return copied, nil
}

// adopt gives an imported identity its real subject, at the first login with the account. One statement does it, so concurrent
// logins are one, and the unique index keeps a second row away.
func (f *feature) adopt(ctx context.Context, p *proof) error {
	if p.profile.ImportedSubject == "" {
		return nil
	}
	row, err := find(f.core.DB(ctx), p.source.Name, p.profile.Subject)
	if err != nil || row != nil {
		return err
	}
	err = f.core.Tx(ctx, func(tx *core.Tx) error {
		return tx.Model(&models.Identity{}).Where("provider = ? AND subject = ?", p.source.Name, importedPrefix+p.profile.ImportedSubject).
			Update("subject", p.profile.Subject).Error
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) { // a concurrent login was first
		err = nil
	}
	return err
}
