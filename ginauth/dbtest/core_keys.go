package dbtest

// Keys of features, and tickets that features issue to clients.

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// keyringsAcceptOldSecrets: data that was sealed with a previous secret can be opened, for its purpose and its row only.
func keyringsAcceptOldSecrets(c *Case) {
	var ring, other *core.Keyring
	feature := func(s *core.Setup) error {
		s.Name("rings")
		ring, other = s.Keys("one"), s.Keys("two")
		return nil
	}
	if err := c.newWith(func(s *core.Setup) error { s.Keys("one"); return nil }); err == nil || !strings.Contains(err.Error(), "call Name before") {
		c.Errorf("without a name: %v", err)
	}
	c.With(feature).Start()
	sealed, err := ring.Seal([]byte("canary"), "row 1")
	if err != nil || strings.Contains(sealed, "canary") {
		c.Fatal(sealed, err)
	}
	mac := ring.MAC("a", "bc")
	if mac == ring.MAC("ab", "c") || mac == other.MAC("a", "bc") || len(mac) != 64 {
		c.Errorf("MACs are equal: %s", mac)
	}
	if _, err := other.Open(sealed, "row 1"); err == nil {
		c.Error("it can be opened for another purpose")
	}
	if _, err := ring.Open(sealed, "row 2"); err == nil {
		c.Error("it can be opened for another row")
	}
	const next config.Secret = "the next one: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo"
	for _, old := range [][]config.Secret{{authtest.Secret}, nil} {
		c.With(feature).Start(func(cfg *config.Config) { cfg.Secret, cfg.OldSecrets = next, old })
		text, err := ring.Open(sealed, "row 1")
		if known := old != nil; (err == nil) != known || known && string(text) != "canary" || slices.Contains(ring.MACs("a", "bc"), mac) != known {
			c.Errorf("with %d previous secrets: %q, %v", len(old), text, err)
		}
	}
}

// issuedTicketsHaveAPayload: the client cannot read or change the payload. The ticket works once, for its user or for
// none.
func issuedTicketsHaveAPayload(c *Case) {
	c.With(func(s *core.Setup) error {
		s.Ticket(core.TicketKind{Name: "state", Link: time.Minute, Anonymous: true})
		s.Ticket(core.TicketKind{Name: "bound", Link: time.Minute, LogsIn: true})
		return nil
	}).Start()
	c.SignedUp("ann")
	auth, ctx, ann := core.Of(c.Auth), c.Context(), c.user("ann")
	issue := func(kind string, user *models.User) (key string) {
		c.Helper()
		err := auth.Tx(ctx, func(tx *core.Tx) (err error) { key, err = auth.Issue(tx, kind, user, []byte("canary")); return err })
		if err != nil || strings.Contains(key, "canary") {
			c.Fatal(key, err)
		}
		return key
	}
	redeem := func(kind string, key string) error {
		ticket, account, payload, err := auth.TicketByKey(ctx, kind, key)
		if err != nil {
			return err
		}
		if string(payload) != "canary" || (account == nil) != (kind == "state") {
			c.Errorf("%s: payload %q, account %v", kind, payload, account)
		}
		return auth.Tx(ctx, func(tx *core.Tx) error { _, err := auth.Redeem(tx, ticket); return err })
	}
	want := func(what string, err error, good bool) {
		c.Helper()
		if good != (err == nil) || !good && !errors.Is(auth.AsTicketError(err, core.ErrTicket), core.ErrTicket) {
			c.Errorf("%s: %v", what, err)
		}
	}
	for kind, user := range map[string]*models.User{"state": nil, "bound": &ann} {
		key := issue(kind, user)
		for _, bad := range []string{"", key[:60], key[:69], key[:len(key)-2], key + "A", strings.Repeat("a", 26) + key[26:]} {
			want("changed", redeem(kind, bad), false)
		}
		want("of another kind", redeem(map[string]string{"state": "bound", "bound": "state"}[kind], key), false)
		want("first", redeem(kind, key), true)
		want("second", redeem(kind, key), false)
		late := issue(kind, user)
		c.Clock.Advance(61 * time.Second)
		want("late", redeem(kind, late), false)
	}
	void := issue("bound", &ann)
	if err := c.Auth.EndSessions(ctx, ann.ID); err != nil {
		c.Fatal(err)
	}
	want("void", redeem("bound", void), false)
	want("of nobody", redeem("bound", issue("bound", nil)), false)
}
