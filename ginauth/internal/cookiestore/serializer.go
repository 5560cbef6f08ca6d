package cookiestore

// serializer: encodes the values of a session.

import (
	"encoding/binary"
	"errors"

	"github.com/gorilla/securecookie"
)

// serializer encodes session values. It writes maps of strings to strings, which this library and most applications use, as
// a list of lengths and bytes. Other values go through gorilla's gob serializer, which takes ten times as long.
type serializer struct{}

const (
	formatGob     = 0
	formatStrings = 1
)

var (
	gobSerializer securecookie.GobEncoder
	errFormat     = errors.New("cookiestore: unknown format")
)

// Serialize implements securecookie.Serializer.
func (serializer) Serialize(src any) ([]byte, error) {
	if values, ok := src.(map[any]any); ok {
		if out, ok := appendStrings([]byte{formatStrings}, values); ok {
			return out, nil
		}
	}
	out, err := gobSerializer.Serialize(src)
	return append([]byte{formatGob}, out...), err
}

func appendStrings(out []byte, values map[any]any) ([]byte, bool) {
	for k, v := range values {
		key, isKey := k.(string)
		text, isText := v.(string)
		if !isKey || !isText {
			return nil, false
		}
		out = appendString(appendString(out, key), text)
	}
	return out, true
}

func appendString(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// Deserialize implements securecookie.Serializer. The codec has authenticated src before.
func (serializer) Deserialize(src []byte, dst any) error {
	if len(src) == 0 {
		return errFormat
	}
	format, src := src[0], src[1:]
	if format == formatGob {
		return gobSerializer.Deserialize(src, dst)
	}
	into, ok := dst.(*map[any]any)
	if format != formatStrings || !ok {
		return errFormat
	}
	values := map[any]any{}
	if !eachString(src, func(key, text string) { values[key] = text }) {
		return errFormat
	}
	*into = values
	return nil
}

// textIn returns a string among serialized values, or "".
func textIn(src []byte, key string) (found string) {
	if len(src) == 0 || src[0] != formatStrings {
		values := map[any]any{}
		if (serializer{}).Deserialize(src, &values) != nil {
			return ""
		}
		found, _ = values[key].(string)
		return found
	}
	whole := eachString(src[1:], func(name, text string) {
		if name == key {
			found = text
		}
	})
	if !whole {
		return ""
	}
	return found
}

// eachString calls use for each entry of a serialized map of strings. It returns false if src is not one.
func eachString(src []byte, use func(key, text string)) bool {
	for len(src) > 0 {
		key, rest, ok1 := cutString(src)
		text, rest, ok2 := cutString(rest)
		if !ok1 || !ok2 {
			return false
		}
		use(key, text)
		src = rest
	}
	return true
}

func cutString(src []byte) (s string, rest []byte, ok bool) {
	n, size := binary.Uvarint(src)
	if size <= 0 || n > uint64(len(src)-size) {
		return "", nil, false
	}
	end := size + int(n)
	return string(src[size:end]), src[end:], true
}
