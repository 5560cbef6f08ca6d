package core

// How many mails strangers can cause to an address.

import (
	"cmp"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// OverLimit reports whether the hourly limit for this kind of mail to this address is used up. If not, it counts one
// more. Only mails that anyone can trigger count, see Mail.Asked. While the user has no valid ticket for the address,
// the limit is twice as large, or a stranger could keep the owner from logging in (T097).
func (c *Core) OverLimit(tx *Tx, l Mail) (bool, error) {
	if !l.Asked {
		return false, nil
	}
	kind := c.mailKinds[l.Kind]
	name, now, most := c.counter("mail", cmp.Or(kind.Limit, kind.Name), string(models.EmailKey(l.Address))), c.Now(), int64(c.cfg.Mail.MaxPerHour)
	n, err := tx.rows.Count(name, 0, now, time.Hour)
	if err != nil {
		return false, err
	}
	if most > 0 && n >= most {
		if n >= 2*most || kind.Notice {
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
	ticket, err := c.NewTicket(c.mailKinds[l.Kind].Ticket, l.User, l.Address)
	if err != nil {
		return false, err
	}
	tried, err := c.tries(tx, Purpose(ticket.Purpose), ticket.Key, 0)
	if err != nil {
		return false, err
	}
	left, err := tx.rows.HasTicket(ticket, c.Now())
	return left && tried < maxTryouts, err
}
