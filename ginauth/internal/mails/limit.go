package mails

// How many mails strangers can trigger to an address.

import (
	"cmp"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/owner"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// The settings that can keep a mail from being sent.
const (
	PerHour = "Mail.MaxPerHour"
	PerDay  = "Mail.MaxPerDay"
)

// Allow counts a mail that anyone can ask for, see Mail.Asked, and returns it as it is to be written or, if it is not, how long that
// lasts at most. above is the setting that keeps it from being sent, or "". A mail to a stranger's address is then written to no one: it
// costs the same work as one that is sent, and leaves earlier links valid. crowded says that all anonymous requests
// together have asked for too many mails, and known that the user has logged in with the browser before: then strangers who ask for mails
// to the address do not count.
func (w *Writer) Allow(tx *store.Tx, m Mail, crowded, known bool) (allowed Mail, above string, wait time.Duration, err error) {
	if !m.Asked {
		return m, "", 0, nil
	}
	if wait, err := w.overHour(tx, m, known); err != nil || wait > 0 {
		return m, PerHour, wait, err
	}
	if most := w.Config.Mail.MaxPerDay; most > 0 {
		name := secret.CounterName(w.Tickets.CounterKey, "mails of a day", string(models.EmailKey(m.Address)))
		n, _, err := tx.Count(name, 1, w.Now(), 24*time.Hour)
		if err != nil {
			return m, "", 0, err
		}
		if n > int64(most) && w.toStranger(m) {
			above = PerDay
		}
	}
	if above != "" || crowded && w.toStranger(m) {
		m.User = owner.Nobody
	}
	return m, above, 0, nil
}

// strangerFor is how long the user of a sign-up who has not confirmed the address is a stranger, if the sign-up is not
// pending. Otherwise, without EmailVerification, a flood could keep old users from resetting their passwords.
const strangerFor = 24 * time.Hour

// toStranger reports whether a mail that anyone can ask for goes to an address that may belong to someone who never heard of
// the application: it was given at a sign-up, and is not confirmed.
func (w *Writer) toStranger(m Mail) bool {
	return m.Asked && !m.Confirmed && m.User.SignedUp && (m.User.Pending || m.User.DateJoined.After(w.Now().Add(-strangerFor)))
}

// overHour returns how long the hourly limit for this kind of mail to this address is used up, at most. If it is not, it counts one more.
// While the user has no valid ticket for the address, the limit is twice as large, or a stranger could keep the owner from
// logging in (T097).
func (w *Writer) overHour(tx *store.Tx, m Mail, known bool) (wait time.Duration, err error) {
	kind, now, most := w.Kinds[m.Kind], w.Now(), int64(w.Config.Mail.MaxPerHour)
	of := "mail"
	if known {
		of = "mail of a known browser"
	}
	name := secret.CounterName(w.Tickets.CounterKey, of, cmp.Or(kind.Limit, kind.Name), string(models.EmailKey(m.Address)))
	n, left, err := tx.Count(name, 0, now, time.Hour)
	if err != nil {
		return 0, err
	}
	if most > 0 && n >= most {
		over := n >= 2*most || kind.Notice
		if !over {
			over, err = w.hasTicket(tx, m)
		}
		if err != nil || over {
			return max(left, time.Second), err
		}
	}
	_, _, err = tx.Count(name, 1, now, time.Hour)
	return 0, err
}

// hasTicket reports whether the user has a valid ticket for the address whose code can still be tried. At sign-up it returns
// false even if the address is known, so that the two cases cannot be distinguished.
func (w *Writer) hasTicket(tx *store.Tx, m Mail) (bool, error) {
	if m.Only {
		return false, nil
	}
	like, err := w.Tickets.New(w.Kinds[m.Kind].Ticket, m.User, m.Address)
	if err != nil {
		return false, err
	}
	return w.Tickets.HasLike(tx, like)
}
