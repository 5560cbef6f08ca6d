package webhook

// Events, and the payload that tells one.

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Event is the type of a web-hook.
type Event string

// The events of the library. Features have events as well, which their tables in the README list, such as "totp.enabled".
// Later versions can add some, so a server should ignore types that it does not know.
const (
	UserCreated           Event = "user.created"            // a sign-up, with VerifyMandatory once the address is confirmed; or Auth.CreateUser
	UserDeleted           Event = "user.deleted"            // the account and all its rows
	UserDeletionScheduled Event = "user.deletion_scheduled" // Config.DeleteGrace began; a login can end it
	UserActivated         Event = "user.activated"          // Auth.SetActive
	UserDeactivated       Event = "user.deactivated"        // Auth.SetActive
	UserBanned            Event = "user.banned"             // Auth.Ban
	UserUnbanned          Event = "user.unbanned"           // Auth.Unban; a ban that ends by itself has no event
	UserPasswordChanged   Event = "user.password_changed"   // by the user, or Auth.SetPassword
	UserPasswordReset     Event = "user.password_reset"     // by a link or code in a mail
	UserEmailAdded        Event = "user.email_added"        // data.address, which is not confirmed yet
	UserEmailRemoved      Event = "user.email_removed"      // data.address
	UserEmailVerified     Event = "user.email_verified"     // data.address
	UserEmailChanged      Event = "user.email_changed"      // data.address is the primary one now; absent if the account lost its address to its owner
	UserDataExported      Event = "user.data_exported"      // the user downloaded the data of GET user/export/
	SessionCreated        Event = "session.created"         // a login of any kind; data.session_id, data.method
	SessionEnded          Event = "session.ended"           // a logout; data.session_id
	SessionRevoked        Event = "session.revoked"         // ended from elsewhere; data.session_id, absent if all sessions ended
	SessionCompromised    Event = "session.compromised"     // a refresh token was used twice, so the session ended; data.session_id
	TokenCreated          Event = "token.created"           // a personal token; data.token_id
	TokenRevoked          Event = "token.revoked"           // a personal token; data.token_id
)

// Events returns the events of an Auth and all its features, sorted. auth is your *ginauth.Auth.
func Events(auth core.Holder) []Event { return events(core.Of(auth)) }

func events(c *core.Core) (all []Event) {
	for _, kind := range c.EventKinds() {
		if kind.WebHook != "" {
			all = append(all, Event(kind.WebHook))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Payload is the body of a web-hook.
type Payload struct {
	Type      Event          `json:"type"`
	Timestamp time.Time      `json:"timestamp"` // of the event, in UTC
	Data      map[string]any `json:"data"`      // id, username and email of the user, and what [Event] lists
}

// record writes the web-hooks of an event, within its transaction.
func (h *hooks) record(tx *core.Tx, e config.Event) error {
	kind, _ := h.core.EventKind(e.Name)
	if kind.WebHook == "" {
		return nil
	}
	event := Event(kind.WebHook)
	var body []byte
	var all []models.Delivery
	for _, to := range h.endpoints {
		if len(to.Events) > 0 && !slices.Contains(to.Events, event) {
			continue
		}
		if body == nil {
			payload := Payload{Type: event, Timestamp: h.core.Now(), Data: dataOf(kind, e)}
			if err := h.addData(tx, &payload, e); err != nil {
				return err
			}
			var err error
			if body, err = json.Marshal(payload); err != nil {
				return err
			}
		}
		all = append(all, models.Delivery{Target: to.Name, Kind: string(event), UserID: e.User.Base().ID, Body: body})
	}
	return h.queue.Add(tx, all...)
}

// addData adds the application's data.
func (h *hooks) addData(tx *core.Tx, p *Payload, e config.Event) error {
	if h.options.Data == nil {
		return nil
	}
	own, err := h.options.Data(tx.Statement.Context, p.Type, e)
	for field, value := range own {
		if value == nil {
			delete(p.Data, field)
		} else {
			p.Data[field] = value
		}
	}
	return err
}

// dataOf returns the library's data of an event.
func dataOf(kind core.EventKind, e config.Event) map[string]any {
	user := e.User.Base()
	data := map[string]any{"id": user.ID, "username": user.Username, "email": user.Email}
	session := e.Session
	if session == nil {
		session = &models.Session{}
	}
	for _, field := range kind.Data {
		value := e.Details
		switch field {
		case "address":
			value = e.Email
		case "method":
			value = e.Method
		case "session_id", "token_id":
			value = session.ID
		}
		if value != "" {
			data[field] = value
		}
	}
	return data
}
