package social

// POST {provider}/notifications/: what Apple tells the server about its users.

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Notified is the body of POST {provider}/notifications/.
type Notified struct {
	Payload string `json:"payload" binding:"required,maxbytes=16384"` // signed by the provider
}

const (
	noticeAge  = 25 * time.Hour // of a notification: Apple's are valid for a day, with an hour for retries and clocks
	noticeSkew = time.Minute    // between the provider's clock and that of the server
)

// notice is a verified notification.
type notice struct {
	Type    string `json:"type"`
	Subject string `json:"sub"`
	Email   string `json:"email"`
	Time    int64  `json:"event_time"` // in milliseconds

	id     string // a hash of jti
	userID int64
}

func (f *feature) noticeRoute(s *core.Setup, p *source) {
	if !p.notifies {
		return
	}
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: p.Name + "/notifications", Tag: tag, Limit: core.LimitFailure, AllowCrossSite: true,
		Doc: "Where " + p.Name + " sends notifications about its users.",
	}, func(g *gin.Context, in *Notified) (binding.Empty, error) {
		return binding.Empty{}, f.notified(g, p, in)
	})
}

// notified answers POST {provider}/notifications/. A notification of an unknown user or type, and one that was handled before,
// succeeds, so that the provider does not send it again.
func (f *feature) notified(g *gin.Context, s *source, in *Notified) error {
	ctx := g.Request.Context()
	n, err := s.readNotice(ctx, in.Payload)
	if err != nil {
		return f.answer(ctx, s, err)
	}
	out := Notification{Provider: s.Name, Type: n.Type, Email: n.Email, At: time.UnixMilli(n.Time).UTC()}
	known, err := find(f.core.DB(ctx), s.Name, n.Subject)
	if err != nil || known == nil {
		return err
	}
	n.userID = known.UserID
	err = f.core.Tx(ctx, func(tx *core.Tx) error { return f.apply(g, tx, s, n, &out, true) })
	if errors.Is(err, errLastWayIn) {
		err = f.core.Tx(ctx, func(tx *core.Tx) error { return f.apply(g, tx, s, n, &out, false) })
	}
	if err != nil || out.UserID == 0 {
		return err
	}
	f.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "ginauth: a notification of a provider was handled",
		slog.String("provider", s.Name), slog.String("type", n.Type), slog.Int64("user", out.UserID), slog.Bool("disconnected", out.Disconnected))
	if f.options.OnNotification != nil {
		f.options.OnNotification(ctx, out)
	}
	return nil
}

// readNotice verifies a notification: signature, iss, aud, iat, exp if there is one, and that it is no ID token.
func (s *source) readNotice(ctx context.Context, raw string) (*notice, error) {
	token, claims, err := s.verifySigned(ctx, raw, true)
	if err != nil {
		return nil, err
	}
	invalid := func(why string) error { return fmt.Errorf("%w: the notification %s", ErrRefused, why) }
	if err := errors.Join(checkNames(claims), s.checkAudience(token.Audience, claims)); err != nil {
		return nil, fmt.Errorf("%w: the notification: %w", ErrRefused, err)
	}
	var c struct {
		JTI    string          `json:"jti"`
		Events json.RawMessage `json:"events"`
	}
	if readClaims(claims, &c) != nil || c.JTI == "" || len(c.Events) == 0 {
		return nil, invalid("has no jti or no events")
	}
	now := s.now()
	if token.IssuedAt.Unix() <= 0 || token.IssuedAt.Sub(now) > clockSkew || now.Sub(token.IssuedAt) > noticeAge {
		return nil, invalid("has an iat that is missing, in the future or too long ago")
	}
	if token.Expiry.Unix() > 0 && now.After(token.Expiry.Add(clockSkew)) {
		return nil, invalid("has expired")
	}
	var text string
	if json.Unmarshal(c.Events, &text) == nil { // Apple sends JSON within a text
		c.Events = json.RawMessage(text)
	}
	n := &notice{}
	if json.Unmarshal(c.Events, n) != nil || n.Type == "" || n.Subject == "" || n.Time <= 0 {
		return nil, invalid("has no type, sub or event_time")
	}
	if n.Type == "account-delete" { // the name in Apple's first announcement
		n.Type = AccountDeleted
	}
	sum := sha256.Sum256([]byte(s.Name + "\nnotification\n" + c.JTI))
	n.id = base64.RawURLEncoding.EncodeToString(sum[:])
	return n, nil
}

// apply does what a notification says, once. With disconnect, it fails with errLastWayIn if the user could not log in afterwards.
func (f *feature) apply(g *gin.Context, tx *core.Tx, s *source, n *notice, out *Notification, disconnect bool) error {
	out.UserID, out.Disconnected = 0, false
	if err := tx.LockUser(n.userID); err != nil { // before anything is read: MySQL shows what was read first until the end
		return err
	}
	user, err := tx.LockedUser(n.userID)
	if err != nil {
		return core.NotFoundAs(err, nil) // deleted with SQL, for example
	}
	by, err := f.random()
	if err != nil {
		return err
	}
	first, err := spend(tx, spent{Hash: n.id, By: by[:32], ExpiresAt: f.core.Now().Add(noticeAge + clockSkew)})
	if err != nil || !first {
		return err
	}
	row, err := find(tx.DB, s.Name, n.Subject)
	if err != nil || row == nil || row.UserID != user.ID {
		return err
	}
	switch n.Type {
	case EmailDisabled, EmailEnabled:
	case ConsentRevoked, AccountDeleted:
		if lastUse(row).After(out.At.Add(noticeSkew)) { // the user has logged in with the account again
			return nil
		}
		if err := f.withdraw(g, tx, s, row, user, disconnect); err != nil {
			return err
		}
		out.Disconnected = disconnect
	default:
		return nil
	}
	out.UserID = row.UserID
	return nil
}

var errLastWayIn = errors.New("social: the user could not log in any more")

// withdraw ends the sessions of an identity whose consent was revoked. Its tokens have no use any more. The identity itself remains if
// the user has no other way in: who controls the account at the provider could otherwise lock the user out.
func (f *feature) withdraw(g *gin.Context, tx *core.Tx, s *source, row *models.Identity, user *models.User, disconnect bool) error {
	if err := tx.EndSessionsBy(row.UserID, method(s)); err != nil {
		return err
	}
	if !disconnect {
		return tx.Model(&models.Identity{}).Where("id = ?", row.ID).Update("tokens", "").Error
	}
	if err := tx.Delete(row).Error; err != nil {
		return err
	}
	if in, err := tx.HasWayIn(row.UserID); err != nil || !in {
		return errors.Join(err, errLastWayIn)
	}
	if err := f.record(g, tx, EventDisconnected, row.UserID, s.Name); err != nil {
		return err
	}
	return f.core.Notify(g, tx, mailDisconnected, user, user.Email)
}
