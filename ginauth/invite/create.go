package invite

// Create: for your code. The route for staff ends here as well.

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// New describes a new invitation.
type New struct {
	Email    string        // where the key is mailed; the invitation is then for one user. Empty: a code for MaxUses users
	MaxUses  int           // of a code, at most 1,000,000; default 1
	Groups   []string      // of package roles, which new users join; at most 20
	Lifetime time.Duration // 1 hour to 366 days; default Options.Lifetime
	Locale   string        // language of the mail, such as "de"; default config.Config.DefaultLocale
}

// Created is a new invitation.
type Created struct {
	ID  int64
	Key string // of a code. Empty if the key was mailed: it proves that the address is that of the one who has it
	URL string // Options.Page with Key and Email
}

// Create makes an invitation from your code, without a check of rights. With an address it queues a mail, which needs
// config.Mail.Sender. The error is a *binding.Error for an invalid field.
func Create(ctx context.Context, auth core.Holder, n New) (Created, error) {
	f, err := of(auth)
	if err != nil {
		return Created{}, err
	}
	if err := f.check(n); err != nil {
		return Created{}, f.core.Localized(err)
	}
	g := core.WithoutRequest(ctx)
	var out Created
	err = f.core.Tx(ctx, func(tx *core.Tx) (err error) {
		out, _, err = f.create(g, tx, n, nil)
		return err
	})
	if err == nil {
		f.core.Posted(g)
	}
	return out, f.core.Localized(err)
}

// Revoke ends an invitation. Users who signed up with it stay. It returns [core.ErrNoRow] if no invitation that can be used has the ID.
func Revoke(ctx context.Context, auth core.Holder, id int64) error {
	f, err := of(auth)
	if err != nil {
		return err
	}
	return f.core.Tx(ctx, func(tx *core.Tx) error { return f.revoke(tx, id, nil) })
}

// check returns the problems of the fields.
func (f *feature) check(n New) error {
	var errs []error
	invalid := func(field, message string) {
		errs = append(errs, binding.Invalid(field, binding.Problem{Code: binding.CodeInvalid, Message: message}))
	}
	if n.Email != "" && !binding.ValidEmail(n.Email) {
		errs = append(errs, binding.Invalid("email", binding.Problem{Code: binding.CodeInvalidEmail}))
	}
	if n.Email != "" && f.cfg.Mail.Sender == nil {
		return errors.New("invite: an invitation with an address needs config.Mail.Sender")
	}
	if n.MaxUses < 0 || n.MaxUses > maxUses || n.Email != "" && n.MaxUses > 1 {
		invalid("max_uses", "An invitation with an address is for one user. A code is for 1 to 1,000,000.")
	}
	if n.Lifetime != 0 && (n.Lifetime < time.Hour || n.Lifetime > maxLifetime) {
		invalid("expires_in", "Use 1 hour to 366 days.")
	}
	if len(n.Groups) > maxGroups || slices.ContainsFunc(n.Groups, func(g string) bool { return g == "" || len(g) > 4*150 }) {
		invalid("groups", "Use at most 20 names of groups.")
	}
	return binding.Merge(errs...)
}

// create stores an invitation, and its mail. operator is nil for your code. All groups must exist.
func (f *feature) create(g *gin.Context, tx *core.Tx, n New, operator *models.User) (Created, *Invitation, error) {
	random := make([]byte, 32)
	if _, err := io.ReadFull(rand.Reader, random); err != nil {
		return Created{}, nil, core.ErrInternal.Because(err)
	}
	key, now := "inv_"+base64.RawURLEncoding.EncodeToString(random), f.core.Now()
	row := &Invitation{
		KeyHash: hashOf(key), GroupNames: n.Groups, MaxUses: max(1, n.MaxUses), CreatedAt: now,
		Email: models.NormalizeEmail(n.Email), EmailKey: models.EmailKey(n.Email),
	}
	if row.GroupNames == nil {
		row.GroupNames = []string{}
	}
	lifetime := n.Lifetime
	if lifetime == 0 {
		lifetime = f.Lifetime
	}
	row.ExpiresAt = now.Add(lifetime)
	event := config.Event{}
	if operator != nil {
		row.CreatedBy, event = operator.ID, f.core.Event(g, operator)
	}
	if err := tx.Create(row).Error; err != nil {
		return Created{}, nil, err
	}
	if _, err := f.core.GroupRights(tx, n.Groups); err != nil {
		return Created{}, nil, core.NotFoundAs(err, errGroup())
	}
	event.Details = strconv.FormatInt(row.ID, 10)
	if err := tx.Record(EventCreated, event); err != nil {
		return Created{}, nil, err
	}
	link := strings.NewReplacer("{key}", url.QueryEscape(key), "{email}", url.QueryEscape(row.Email)).Replace(f.Page)
	if row.Email == "" {
		return Created{ID: row.ID, Key: key, URL: link}, row, nil
	}
	return Created{ID: row.ID}, row, f.core.PostUnlimited(g, tx, core.Mail{
		Kind: mailInvitation, User: &models.User{Locale: n.Locale}, Address: row.Email, Link: link, Grace: lifetime,
	})
}

func errGroup() error {
	return binding.Invalid("groups", binding.Problem{Code: binding.CodeInvalid, Message: "One of these groups does not exist."})
}

// revoke ends an invitation. It returns [core.ErrNoRow] for one that has ended.
func (f *feature) revoke(tx *core.Tx, id int64, by *config.Event) error {
	q := f.open(tx.DB).Where("id = ?", id).UpdateColumn("revoked_at", f.core.Now())
	if q.Error != nil {
		return q.Error
	}
	if q.RowsAffected == 0 {
		return fmt.Errorf("%w: no invitation that is neither revoked nor expired has the ID %d", core.ErrNoRow, id)
	}
	event := config.Event{}
	if by != nil {
		event = *by
	}
	event.Details = strconv.FormatInt(id, 10)
	return tx.Record(EventRevoked, event)
}
