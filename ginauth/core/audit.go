package core

// The audit trail: which events are written, and reading them.

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// auditTimeout bounds the statement of an event without a transaction, for which the client waits.
const auditTimeout = 2 * time.Second

// audits reports whether events are written.
func (c *Core) audits() bool { return c.cfg.Audit.Keep > 0 }

func (c *Core) openAudit() error {
	if c.audits() {
		c.sweeps = append(c.sweeps, func(ctx context.Context, now time.Time) error {
			err := c.store.SweepEvents(ctx, now.Add(-c.cfg.Audit.Keep))
			if keep := c.cfg.Audit.KeepAfterDeletion; err == nil && keep > 0 {
				err = c.store.SweepEventsOfDeleted(ctx, now.Add(-keep))
			}
			return err
		})
	}
	return nil
}

// Record passes an event to features, see Listener.Record, and writes it to the audit trail, within the transaction of the
// change: either all are stored, or nothing is. The audit trail needs config.Audit.Keep. Observers get the event once the
// transaction is committed. [Core.Before] calls Record for the events that it is about. A feature declares its events with
// [Setup.Event]; an undeclared event is an error.
func (tx *Tx) Record(name config.EventName, e config.Event) error {
	if err := tx.core.declared(name); err != nil {
		return err
	}
	tx.note(name)
	return tx.store(name, e)
}

// store is Record without observers.
func (tx *Tx) store(name config.EventName, e config.Event) error {
	e = withOrigin(tx.Statement.Context, e)
	if err := tx.recordInFeatures(name, e); err != nil || !tx.core.audits() {
		return err
	}
	return tx.rows.AddEvents(tx.core.eventRow(name, e, ""))
}

// note keeps an event for observers, who are told when it is committed.
func (tx *Tx) note(name config.EventName) {
	if tx.core.observed() {
		tx.events = append(tx.events, name)
	}
}

// Record is [Tx.Record] for an event without a transaction. Call it after the change. If the event cannot be stored, that is
// logged, once until one can be stored again.
func (c *Core) Record(ctx context.Context, name config.EventName, e config.Event) {
	undeclared := c.declared(name)
	e = withOrigin(ctx, e)
	switch {
	case undeclared != nil:
		c.stored(ctx, name, func(context.Context) error { return undeclared })
		return
	case e.User != nil && c.recordsInFeatures(name):
		c.stored(ctx, name, func(ctx context.Context) error {
			return c.Tx(ctx, func(tx *Tx) error { return tx.store(name, e) })
		})
	case c.audits():
		c.record(ctx, c.eventRow(name, e, ""))
	}
	c.happened(ctx, name)
}

func (c *Core) record(ctx context.Context, row models.Event) {
	c.stored(ctx, config.EventName(row.Event), func(ctx context.Context) error { return c.store.AddEvent(ctx, row) })
}

// stored stores an event, and logs a failure.
func (c *Core) stored(ctx context.Context, name config.EventName, store func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(c.cfg.Timeout, auditTimeout))
	defer cancel()
	err := store(ctx)
	if err != nil {
		c.failed(ctx, PartAudit)
	}
	if c.auditFails.Swap(err != nil) || err == nil {
		return
	}
	c.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the database failed to store an event of the audit trail; events of failed logins, logouts, ended "+
		"sessions and limits are lost until it works again", slog.String("event", string(name)), slog.String("error", err.Error()))
}

// detailsNewDevice are the details of a login from a new device.
const detailsNewDevice = "new_device"

// eventRow returns the row of an event. The one of a deletion has nothing about the user except the ID, and that of the operator.
func (c *Core) eventRow(name config.EventName, e config.Event, details string) models.Event {
	row := models.Event{CreatedAt: c.Now(), Event: client.Printable(string(name), 32)}
	if e.User != nil {
		row.UserID = e.User.Base().ID
	}
	if e.Actor != nil {
		row.ActorID = e.Actor.Base().ID
	}
	if name == config.EventDelete {
		return row
	}
	row.Login, row.Method, row.IP, row.UserAgent, row.SessionID = e.Login, e.Method, e.IP, e.UserAgent, e.SessionID
	switch name {
	case config.EventTokenCreated, config.EventTokenEnded: // SessionID is the session that did it
		if e.Session != nil {
			details = e.Session.ID
		}
	default:
		if e.Session != nil {
			row.SessionID = e.Session.ID
		}
		switch {
		case name == config.EventSessionRevoked:
			details = e.SessionID
		case name == config.EventBan:
			details = e.User.Base().BanReason
		case name == config.EventLogin && e.NewDevice:
			details = detailsNewDevice
		case details == "":
			details = cmp.Or(e.Details, e.Email)
		}
	}
	row.Details = client.Printable(details, 255)
	return row
}

// recordDisplaced records that users lost their primary address, because another account has confirmed it. The events have
// nothing about the client, who is not one of these users.
func (tx *Tx) recordDisplaced(users []int64) error {
	events := make([]config.Event, len(users))
	for i, id := range users {
		events[i].User = &models.User{ID: id}
	}
	return tx.RecordEach(config.EventEmailChange, events)
}

// RecordEach is [Tx.Record] for the same event of several users, with one statement for many of them.
func (tx *Tx) RecordEach(name config.EventName, events []config.Event) error {
	if err := tx.core.declared(name); err != nil {
		return err
	}
	rows := make([]models.Event, len(events))
	for i, e := range events {
		e = withOrigin(tx.Statement.Context, e)
		tx.note(name)
		if err := tx.recordInFeatures(name, e); err != nil {
			return err
		}
		rows[i] = tx.core.eventRow(name, e, "")
	}
	if !tx.core.audits() || len(rows) == 0 {
		return nil
	}
	return tx.rows.AddEvents(rows...)
}

// EventFilter is ginauth.EventFilter, which has the documentation.
type EventFilter struct {
	UserID   int64
	Names    []config.EventName
	From, To time.Time
	Before   int64
	Limit    int
}

const (
	defaultEvents = 100
	maxEvents     = 1000
)

// Events returns events of the audit trail, the newest first.
func (c *Core) Events(ctx context.Context, f EventFilter) ([]models.Event, error) {
	q := store.EventFilter{UserID: f.UserID, From: f.From.UTC(), To: f.To.UTC(), Before: f.Before, Limit: min(f.Limit, maxEvents)}
	if f.Limit <= 0 {
		q.Limit = defaultEvents
	}
	for _, name := range f.Names {
		q.Names = append(q.Names, string(name))
	}
	return c.store.Events(ctx, q)
}
