package mfa

// ImportDjango: second factors out of the tables of django-allauth and dj-rest-auth.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// DjangoImport says how [ImportDjango] reads the tables. The zero value is right for the defaults of Django's packages.
type DjangoImport struct {
	// DryRun changes nothing. The report says what would happen.
	DryRun bool
	// Decrypt is the counterpart of decrypt in the project's MFA_ADAPTER. By default allauth does not encrypt. If it does, and
	// Decrypt is nil, the users are in the report as failed. It is not used for dj-rest-auth's table, which is never encrypted.
	Decrypt func(text string) (string, error)

	Digits        int           // MFA_TOTP_DIGITS; default 6
	Period        time.Duration // MFA_TOTP_PERIOD; default 30 seconds
	RecoveryCodes int           // MFA_RECOVERY_CODE_COUNT; default 10
}

// DjangoReport is the result of [ImportDjango]. It has no secret.
type DjangoReport struct {
	Imported int          // users whose app was imported, or would be
	Present  int          // users who have an app here already, for example from an earlier run
	Failed   []DjangoUser // users whose factors were not imported, or not all of them: their password alone lets them in, unless they have an app
}

// DjangoUser is a user whose factors were not imported completely.
type DjangoUser struct {
	UserID int64
	Table  string // in which the factor is
	Reason string
}

// The tables. If a user has an app in both, that of dj-rest-auth counts, since its logins ask for it.
const (
	tableDJ      = "dj_rest_auth_mfa_authenticator"
	tableAllauth = "mfa_authenticator"
)

// ImportDjango imports the authenticator apps and unused recovery codes of all users in mfa_authenticator (django-allauth) and
// dj_rest_auth_mfa_authenticator (dj-rest-auth), where these tables exist. from is the database of Django; it is only read. Users
// are matched by ID, so auth_user must have been taken over. A second run changes nothing, so it can be run again. It ends
// no session and mails no notice. Passkeys are in the report as failed. An error means that a database failed; the users
// before it are imported.
func ImportDjango(ctx context.Context, auth core.Holder, from *gorm.DB, o DjangoImport) (DjangoReport, error) {
	f, err := of(auth)
	if err != nil {
		return DjangoReport{}, fmt.Errorf("mfa: ImportDjango %w", err)
	}
	d := &djangoImport{DjangoImport: o, feature: f, auth: auth, from: from.WithContext(ctx), seen: map[int64]bool{}}
	if d.RecoveryCodes == 0 {
		d.RecoveryCodes = 10
	}
	for _, table := range []string{tableDJ, tableAllauth} {
		if !from.Migrator().HasTable(table) {
			continue
		}
		if err := d.importTable(ctx, table); err != nil {
			return d.report, fmt.Errorf("mfa: ImportDjango: %w", err)
		}
	}
	return d.report, nil
}

type djangoImport struct {
	DjangoImport
	feature *feature
	auth    core.Holder
	from    *gorm.DB
	report  DjangoReport
	seen    map[int64]bool // users of this run: a dry run stores nothing by which they could be found
}

// djangoBatch is how many users are read at once.
const djangoBatch = 500

func (d *djangoImport) importTable(ctx context.Context, table string) error {
	for last := int64(0); ; {
		var apps []djangoRow
		if err := d.from.Table(table).Where("type = ? AND id > ?", "totp", last).Order("id").Limit(djangoBatch).Find(&apps).Error; err != nil {
			return err
		}
		if len(apps) == 0 {
			return d.reportRest(table)
		}
		last = apps[len(apps)-1].ID
		codes, err := d.codesOf(table, apps)
		if err != nil {
			return err
		}
		for i := range apps {
			if err := d.importUser(ctx, table, &apps[i], codes[apps[i].UserID]); err != nil {
				return err
			}
		}
	}
}

// codesOf returns the rows of recovery codes of the users of apps.
func (d *djangoImport) codesOf(table string, apps []djangoRow) (map[int64]*djangoRow, error) {
	var users []int64
	for _, app := range apps {
		users = append(users, app.UserID)
	}
	var rows []djangoRow
	err := d.from.Table(table).Where("type = ? AND user_id IN ?", "recovery_codes", users).Find(&rows).Error
	out := map[int64]*djangoRow{}
	for i := range rows {
		out[rows[i].UserID] = &rows[i]
	}
	return out, err
}

// importUser imports one app. Only failures of a database are errors; all others are in the report.
func (d *djangoImport) importUser(ctx context.Context, table string, app, codes *djangoRow) error {
	imported, err := d.appOf(table, app)
	if err != nil {
		d.fail(app.UserID, table, err.Error())
		return nil
	}
	if codes != nil {
		var problem error
		if imported.RecoveryCodes, problem = d.unusedCodes(table, codes); problem != nil {
			d.fail(app.UserID, table, problem.Error())
		}
	}
	err = d.store(ctx, app.UserID, imported)
	switch {
	case err == nil:
		d.report.Imported++
	case errors.Is(err, core.ErrExists):
		d.report.Present++
	case errors.Is(err, core.ErrNoRow):
		d.fail(app.UserID, table, "no user has this ID")
	case errors.Is(err, errImport):
		d.fail(app.UserID, table, err.Error())
	default:
		return err
	}
	return nil
}

// store imports an app, or does only the checks in a dry run.
func (d *djangoImport) store(ctx context.Context, userID int64, app Imported) error {
	if d.seen[userID] {
		return core.ErrExists
	}
	if !d.DryRun {
		return Import(ctx, d.auth, userID, app)
	}
	if _, _, err := d.feature.imported(userID, app); err != nil {
		return err
	}
	account, err := d.feature.core.UserByID(ctx, userID)
	if err != nil {
		return err
	}
	if account.Base().HasFactor(FactorTOTP) {
		return core.ErrExists
	}
	d.seen[userID] = true
	return nil
}

// reportRest reports factors that are not imported: passkeys.
func (d *djangoImport) reportRest(table string) error {
	var users []int64
	err := d.from.Table(table).Where("type NOT IN ?", []string{"totp", "recovery_codes"}).Distinct().Order("user_id").Pluck("user_id", &users).Error
	for _, id := range users {
		d.fail(id, table, "passkeys cannot be imported: the user has to add them again")
	}
	return err
}

func (d *djangoImport) fail(userID int64, table, reason string) {
	d.report.Failed = append(d.report.Failed, DjangoUser{userID, table, reason})
}
