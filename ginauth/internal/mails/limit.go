package mails

// How many mails strangers can trigger to an address.

import (
	"cmp"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// OverLimit reports whether the hourly limit for this kind of mail to this address is used up. If not, it counts one
// more. Only mails that anyone can trigger count, see Mail.Asked. While the user has no valid ticket for the address,
// the limit is twice as large, or a stranger could keep the owner from logging in (T097).
func (w *Writer) OverLimit(tx *store.Tx, m Mail) (bool, error) {
	if !m.Asked {
		return false, nil
	}
	kind, now, most := w.Kinds[m.Kind], w.Now(), int64(w.Config.Mail.MaxPerHour)
	name := secret.CounterName(w.Tickets.CounterKey, "mail", cmp.Or(kind.Limit, kind.Name), string(models.EmailKey(m.Address)))
	n, err := tx.Count(name, 0, now, time.Hour)
	if err != nil {
		return false, err
	}
	if most > 0 && n >= most {
		if n >= 2*most || kind.Notice {
			return true, nil
		}
		if left, err := w.hasTicket(tx, m); err != nil || left {
			return left, err
		}
	}
	_, err = tx.Count(name, 1, now, time.Hour)
	return false, err
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
