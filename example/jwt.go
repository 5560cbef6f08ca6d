package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
)

// jwtSettings are the settings of JSON Web Tokens.
type jwtSettings struct{ transport, access, refresh, algorithm, keyFile string }

func (j *jwtSettings) flags(text func(target *string, variable, fallback, usage string)) {
	text(&j.transport, "JWT_TRANSPORT", "body", "`where` clients get tokens: body or cookie")
	text(&j.access, "JWT_ACCESS_LIFETIME", "5m", "`lifetime` of access tokens")
	text(&j.refresh, "JWT_REFRESH_LIFETIME", "336h", "`lifetime` of an unused refresh token")
	text(&j.algorithm, "JWT_ALGORITHM", "HS256", "`name`: HS256, RS256, ES256 or EdDSA")
	text(&j.keyFile, "JWT_KEY_FILE", "", "`file` with the private key in PEM")
}

func (j *jwtSettings) config() (config.JWT, error) {
	cfg := config.JWT{Transport: config.Transport(j.transport)}
	var errs []error
	var err error
	if cfg.AccessLifetime, err = time.ParseDuration(j.access); err != nil {
		errs = append(errs, fmt.Errorf("JWT_ACCESS_LIFETIME: %w", err))
	}
	if cfg.RefreshLifetime, err = time.ParseDuration(j.refresh); err != nil {
		errs = append(errs, fmt.Errorf("JWT_REFRESH_LIFETIME: %w", err))
	}
	if j.algorithm == "HS256" && j.keyFile == "" {
		return cfg, errors.Join(errs...) // the library derives the key from AUTH_SECRET
	}
	key, algorithm, err := readKey(j.keyFile)
	switch {
	case err != nil:
		errs = append(errs, fmt.Errorf("JWT_KEY_FILE: %w", err))
	case algorithm != j.algorithm:
		errs = append(errs, fmt.Errorf("JWT_ALGORITHM is %s, but the key in JWT_KEY_FILE is for %s", j.algorithm, algorithm))
	default:
		cfg.Keys = []config.JWTKey{{Private: key}}
	}
	return cfg, errors.Join(errs...)
}

// readKey reads a private key in PKCS #8, which openssl genpkey writes.
func readKey(path string) (key crypto.Signer, algorithm string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, "", errors.New("not a PEM file")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, "", fmt.Errorf("not a private key in PKCS #8; convert it with openssl pkcs8 -topk8 -nocrypt: %w", err)
	}
	switch k := parsed.(type) {
	case *rsa.PrivateKey:
		return k, "RS256", nil
	case *ecdsa.PrivateKey:
		return k, "ES256", nil
	case ed25519.PrivateKey:
		return k, "EdDSA", nil
	}
	return nil, "", fmt.Errorf("a key of type %T cannot sign tokens", parsed)
}
