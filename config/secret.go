package config

import (
	"database/sql/driver"
	"errors"
	"log/slog"
)

// Secret is a string that does not show itself: fmt, slog and encoding/json print
// "[secret]", and a database driver refuses it. Convert it to string to use it.
type Secret string

const hidden = "[secret]"

// String hides the value.
func (Secret) String() string { return hidden }

// GoString hides the value from %#v.
func (Secret) GoString() string { return hidden }

// LogValue hides the value from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the value from encoding/json and the like.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Value refuses to go into a database.
func (Secret) Value() (driver.Value, error) {
	return nil, errors.New("config: a Secret does not belong in a database")
}
