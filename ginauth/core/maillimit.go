package core

// How many mails strangers can cause to an address.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// OverLimit reports whether an address has had its share of a kind of mail, where anybody could
// have asked for it; if not, it counts one more. While no ticket of the user's for the address is
// left, the share is twice as large, or a stranger could keep the owner from getting in (T097).
func (c *Core) OverLimit(tx *Tx, l Mail) (bool, error) {
	if !l.Asked {
		return false, nil
	}
	kind := l.Kind
	if kind == mailAccountExists {
		kind = MailVerify // the same request has caused it, or a resend would tell which mail went out
	}
	name, now, most := counterName(c.deviceKeys[0], "mail", kind, string(models.EmailKey(l.Address))), c.Now(), int64(c.cfg.Mail.MaxPerHour)
	n, err := tx.rows.Count(name, 0, now, time.Hour)
	if err != nil {
		return false, err
	}
	if most > 0 && n >= most {
		if p := purposeOf(l.Kind); n >= 2*most || p == "" || p == ForNotice {
			return true, nil
		}
		if left, err := c.hasTicket(tx, l); err != nil || left {
			return left, err
		}
	}
	_, err = tx.rows.Count(name, 1, now, time.Hour)
	return false, err
}

// hasTicket reports whether a ticket of the user's for the address is left, and its code can be
// tried. At sign-up there is none, even if the address is known: nothing may tell the two apart.
func (c *Core) hasTicket(tx *Tx, l Mail) (bool, error) {
	if l.Only {
		return false, nil
	}
	ticket, err := c.NewTicket(purposeOf(l.Kind), l.User, l.Address)
	if err != nil {
		return false, err
	}
	tried, err := c.tries(tx, purposeOf(l.Kind), ticket.Key, 0)
	if err != nil {
		return false, err
	}
	left, err := tx.rows.HasTicket(ticket, c.Now())
	return left && tried < maxTryouts, err
}
