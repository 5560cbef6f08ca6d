package jwt

// Parsing tokens and verifying their signatures.

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// checker verifies tokens with one set of options.
type checker struct {
	parser *jwt.Parser
	claims *jwt.Validator
}

func newChecker(options ...jwt.ParserOption) checker {
	return checker{jwt.NewParser(options...), jwt.NewValidator(options...)}
}

var segment = base64.RawURLEncoding.Strict()

// parse verifies a token that begins with the key's header and continues with rest.
func (k *Key) parse(token, rest string, claims *Claims, check checker) error {
	body, signature, found := strings.Cut(rest, ".")
	if !found {
		return errors.New("the token has two parts")
	}
	sum, err := segment.DecodeString(signature)
	if err != nil {
		return fmt.Errorf("signature: %w", err)
	}
	if err := k.method.Verify(token[:len(k.header)+len(body)], sum, k.public); err != nil {
		return err
	}
	text, err := segment.DecodeString(body)
	if err != nil {
		return fmt.Errorf("claims: %w", err)
	}
	if err := json.Unmarshal(text, claims); err != nil {
		return fmt.Errorf("claims: %w", err)
	}
	return check.claims.Validate(claims)
}
