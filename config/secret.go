package config

import (
	"database/sql/driver"
	"errors"
	"log/slog"
)

// Secret is a string that is not printed by accident: fmt, slog and encoding/json print "[secret]",
// and database drivers reject it. Convert it to string to read it. [SecretFile] keeps one in a file.
type Secret string

const hidden = "[secret]"

// String returns "[secret]".
func (Secret) String() string { return hidden }

// GoString returns "[secret]", for %#v.
func (Secret) GoString() string { return hidden }

// LogValue returns "[secret]", for log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText returns "[secret]", for encoding/json and similar encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Value returns an error, so that a Secret is not stored in a database.
func (Secret) Value() (driver.Value, error) {
	return nil, errors.New("config: a Secret does not belong in a database")
}
