package core

import "github.com/ginauth/gin-rest-auth/config"

// EventKind declares an event. Features pass it to [Setup.Event], and record events with [Tx.Record].
type EventKind struct {
	Name    config.EventName // in the audit trail, such as "totp_on": at most 32 lower-case letters, digits and _
	Doc     string           // what happened, such as "the user turned on the authenticator app"
	WebHook string           // type of its web-hook, such as "totp.enabled"; "" for none. Several events of a feature can have the same

	// Data are the fields of the web-hook besides id, username and email of the user. "address", "session_id", "token_id" and
	// "method" are those of config.Event. Any other name, of which there can be one, is the field for Event.Details.
	Data []string
}

// eventKind is an EventKind and the name of its feature, which is empty for the library's own.
type eventKind struct {
	EventKind
	feature string
}
