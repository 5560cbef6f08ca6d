package cookiestore

// codec: seals the values of a session.

import (
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// codec implements securecookie.Codec with XChaCha20-Poly1305: one pass that encrypts and authenticates, and nonces so long
// that random ones never meet. The name of the cookie is bound to its value. gorilla's own codec does the same with AES in
// counter mode and an HMAC, in three times the time.
type codec struct {
	aead    cipher.AEAD
	rand    io.Reader
	now     func() time.Time
	maxAge  time.Duration
	longest int // maximum length in characters
}

var text64 = base64.RawURLEncoding.Strict()

// stamp is the size of a cookie's creation time, in Unix seconds.
const stamp = 8

// Encode implements securecookie.Codec.
func (c codec) Encode(name string, value any) (string, error) {
	values, err := serializer{}.Serialize(value)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, c.aead.NonceSize(), c.aead.NonceSize()+stamp+len(values)+c.aead.Overhead())
	if _, err := io.ReadFull(c.rand, nonce); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	text, _ := binary.Append(nil, binary.BigEndian, c.now().Unix())
	text = append(text, values...)
	encoded := text64.EncodeToString(c.aead.Seal(nonce, nonce, text, []byte(name)))
	if len(encoded) > c.longest {
		return "", fmt.Errorf("cookiestore: the cookie has %d bytes, but browsers keep at most %d", len(encoded), c.longest)
	}
	return encoded, nil
}

// Decode implements securecookie.Codec.
func (c codec) Decode(name, value string, into any) error {
	values, err := c.open(name, value)
	if err != nil {
		return err
	}
	return serializer{}.Deserialize(values, into)
}

// open returns the values as the serializer wrote them.
func (c codec) open(name, value string) ([]byte, error) {
	if len(value) > c.longest {
		return nil, errForeign
	}
	sealed, err := text64.DecodeString(value)
	if err != nil || len(sealed) < c.aead.NonceSize() {
		return nil, errForeign
	}
	nonce, rest := sealed[:c.aead.NonceSize()], sealed[c.aead.NonceSize():]
	text, err := c.aead.Open(rest[:0], nonce, rest, []byte(name))
	if err != nil {
		return nil, errForeign
	}
	var made int64
	if _, err := binary.Decode(text, binary.BigEndian, &made); err != nil || c.now().After(time.Unix(made, 0).Add(c.maxAge)) {
		return nil, errForeign
	}
	return text[stamp:], nil
}

// errForeign is the error for any cookie that was not made here or is too old.
var errForeign error = decodeError{errors.New("cookiestore: the cookie was not made by this application, or is too old")}

// decodeError implements securecookie.Error for invalid input from a client.
type decodeError struct{ error }

// IsUsage implements securecookie.Error.
func (decodeError) IsUsage() bool { return false }

// IsDecode implements securecookie.Error.
func (decodeError) IsDecode() bool { return true }

// IsInternal implements securecookie.Error.
func (decodeError) IsInternal() bool { return false }

// Cause implements securecookie.Error.
func (decodeError) Cause() error { return nil }
