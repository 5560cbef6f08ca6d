package ginauth

// How many mails strangers can cause to an address.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// enough reports whether an address has had its share of a kind of mail, where anybody could
// have asked for it; if not, it counts one more. While no ticket of the user's for the address is
// left, the share is twice as large, or a stranger could keep the owner from getting in (T097).
func (a *Auth) enough(tx *store.Tx, l letter) (bool, error) {
	if !l.asked {
		return false, nil
	}
	kind := l.kind
	if kind == mailAccountExists {
		kind = mailVerify // the same request has caused it, or a resend would tell which mail went out
	}
	name, now, most := counterName(a.deviceKeys[0], "mail", kind, string(models.EmailKey(l.address))), a.now(), int64(a.cfg.Mail.MaxPerHour)
	n, err := tx.Count(name, 0, now, time.Hour)
	if err != nil {
		return false, err
	}
	if most > 0 && n >= most {
		if p := purposeOf(l.kind); n >= 2*most || p == "" || p == forNotice {
			return true, nil
		}
		if left, err := a.hasTicket(tx, l); err != nil || left {
			return left, err
		}
	}
	_, err = tx.Count(name, 1, now, time.Hour)
	return false, err
}

// hasTicket reports whether a ticket of the user's for the address is left, and its code can be
// tried. At sign-up there is none, even if the address is known: nothing may tell the two apart.
func (a *Auth) hasTicket(tx *store.Tx, l letter) (bool, error) {
	if l.only {
		return false, nil
	}
	ticket, err := a.newTicket(purposeOf(l.kind), l.user, l.address)
	if err != nil {
		return false, err
	}
	tried, err := a.tries(tx, purposeOf(l.kind), ticket.Key, 0)
	if err != nil {
		return false, err
	}
	left, err := tx.HasTicket(ticket, a.now())
	return left && tried < maxTryouts, err
}
