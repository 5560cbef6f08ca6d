package social

// source: a provider at work, with its discovery document and keys, and the verification of ID tokens.

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	clockSkew = 5 * time.Minute // a token's iat can be so far in the future
	maxAge    = 5 * time.Minute // of an ID token that a client sends
)

// algorithms are the accepted signatures of ID tokens: asymmetric ones alone, whatever the discovery document says.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// source is safe for concurrent use.
type source struct {
	Provider
	client *http.Client
	// redirects says that users log in by redirect, so clients need not send codes.
	redirects bool
	now       func() time.Time

	mu    sync.Mutex
	found *metadata // of the discovery document; nil until it was read
}

// metadata are the URLs and keys of a provider.
type metadata struct {
	endpoint oauth2.Endpoint
	userInfo string
	// sendsIssuer says that callbacks have the parameter iss (RFC 9207).
	sendsIssuer bool
	keys        *keys
}

// metadata returns the provider's URLs and keys. It reads the discovery document at the first call; a failure is not
// remembered.
func (s *source) metadata(ctx context.Context) (*metadata, error) {
	if !s.isOIDC() {
		return &metadata{endpoint: s.Endpoint}, nil
	}
	s.mu.Lock()
	found := s.found
	s.mu.Unlock()
	if found != nil {
		return found, nil
	}
	found, err := s.discover(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found == nil { // otherwise the keys of a concurrent request would be lost
		s.found = found
	}
	return s.found, nil
}

// discover reads the discovery document. Its URLs must be as secure as the issuer's, so that no secret travels unencrypted.
func (s *source) discover(ctx context.Context) (*metadata, error) {
	ctx = oidc.ClientContext(ctx, s.client)
	if s.AllowIssuer != nil {
		ctx = oidc.InsecureIssuerURLContext(ctx, s.Issuer) // AllowIssuer checks the issuer of each token
	}
	provider, err := oidc.NewProvider(ctx, s.Issuer)
	if err != nil {
		return nil, unavailable(err)
	}
	var doc struct {
		Keys     string `json:"jwks_uri"`
		UserInfo string `json:"userinfo_endpoint"`
		Sends    bool   `json:"authorization_response_iss_parameter_supported"`
	}
	if err := provider.Claims(&doc); err != nil {
		return nil, unavailable(err)
	}
	found := &metadata{endpoint: provider.Endpoint(), userInfo: doc.UserInfo, sendsIssuer: doc.Sends}
	found.endpoint.AuthStyle = s.Endpoint.AuthStyle
	for _, url := range []string{doc.Keys, found.endpoint.TokenURL, found.endpoint.AuthURL, doc.UserInfo} {
		if err := secureURL(url); url != "" && err != nil {
			return nil, unavailable(fmt.Errorf("the discovery document: %w", err))
		}
	}
	found.keys = &keys{remote: oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), s.client), doc.Keys)}
	return found, nil
}

// keys is a provider's key set. go-oidc fetches the keys again when a token names an unknown one, and hides whether that
// failed.
type keys struct{ remote *oidc.RemoteKeySet }

type fetchFailed struct{ err error }

func (k *keys) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := k.remote.VerifySignature(ctx, token)
	if errors.Unwrap(err) != nil { // go-oidc wraps the errors of fetching, and no others
		if failed, ok := ctx.Value(fetchFailed{}).(*fetchFailed); ok {
			failed.err = err
		}
	}
	return payload, err
}

// idToken is a verified ID token.
type idToken struct {
	profile Profile
	payload []byte
	age     time.Duration // since iat
}

// verify verifies an ID token: signature, iss, aud, azp, exp, iat and, if they are not empty, the nonce and the hash of the access
// token that came with it. See OpenID Connect Core, section 3.1.3.7.
func (s *source) verify(ctx context.Context, raw, nonce, accessToken string) (*idToken, error) {
	token, claims, err := s.verifySigned(ctx, raw, false)
	if err != nil {
		return nil, err
	}
	if err := s.checkClaims(token, claims, nonce, accessToken); err != nil {
		return nil, fmt.Errorf("%w: the ID token: %w", ErrRefused, err)
	}
	profile, err := s.Claims(claims)
	if err != nil {
		return nil, err
	}
	profile.Raw = claims
	return &idToken{profile, claims, s.now().Sub(token.IssuedAt)}, profile.check()
}

// verifySigned verifies signature, iss and, unless forever is true, exp of a token of the provider. The caller checks the other claims.
func (s *source) verifySigned(ctx context.Context, raw string, forever bool) (*oidc.IDToken, json.RawMessage, error) {
	meta, err := s.metadata(ctx)
	if err != nil {
		return nil, nil, err
	}
	failed := &fetchFailed{}
	verifier := oidc.NewVerifier(s.Issuer, meta.keys, &oidc.Config{
		SupportedSigningAlgs: algorithms, Now: s.now, SkipExpiryCheck: forever,
		SkipClientIDCheck: true, // checkAudience accepts several
		SkipIssuerCheck:   s.AllowIssuer != nil,
	})
	token, err := verifier.Verify(context.WithValue(ctx, fetchFailed{}, failed), raw)
	if failed.err != nil {
		return nil, nil, unavailable(failed.err)
	}
	if expired, ok := errors.AsType[*oidc.TokenExpiredError](err); ok {
		return nil, nil, fmt.Errorf("%w: the ID token expired at %v", ErrRefused, expired.Expiry.UTC())
	}
	if err != nil { // its text can have parts of the token, which is not the provider's
		return nil, nil, fmt.Errorf("%w: the ID token is malformed, or has another issuer, key or algorithm", ErrRefused)
	}
	var claims json.RawMessage
	if err := token.Claims(&claims); err != nil {
		return nil, nil, fmt.Errorf("%w: the ID token: %w", ErrRefused, err)
	}
	return token, claims, nil
}

func (s *source) checkClaims(token *oidc.IDToken, claims []byte, nonce, accessToken string) error {
	if err := checkNames(claims); err != nil {
		return err
	}
	if s.AllowIssuer != nil && !s.AllowIssuer(token.Issuer, claims) {
		return errors.New("iss is not an allowed issuer")
	}
	if err := s.checkAudience(token.Audience, claims); err != nil {
		return err
	}
	if token.IssuedAt.Unix() <= 0 || token.IssuedAt.Sub(s.now()) > clockSkew {
		return errors.New("iat is missing or in the future")
	}
	if nonce != "" && token.Nonce != nonce {
		return errors.New("nonce differs")
	}
	if accessToken != "" && token.AccessTokenHash != "" && token.VerifyAccessToken(accessToken) != nil {
		return errors.New("at_hash is that of another access token")
	}
	return nil
}

// checkNames rejects a token with a claim that go-oidc could take for one of those that it reads.
func checkNames(claims []byte) error {
	var all map[string]json.RawMessage
	if json.Unmarshal(claims, &all) != nil {
		return errors.New("the claims are no object")
	}
	for name := range all {
		for _, own := range []string{"iss", "sub", "aud", "exp", "iat", "nonce", "at_hash"} {
			if name != own && strings.EqualFold(name, own) {
				return errors.New("the name of a claim differs only in case from " + own)
			}
		}
	}
	return nil
}

// checkAudience requires that the token was issued for the application, and to it: azp names another client if that one asked
// for a token that this application accepts.
func (s *source) checkAudience(audience []string, claims []byte) error {
	var c struct {
		AZP string `json:"azp"`
	}
	if readClaims(claims, &c) != nil {
		return errors.New("azp is no text")
	}
	own := s.clients()
	if !slices.ContainsFunc(audience, func(id string) bool { return slices.Contains(own, id) }) {
		return errors.New("aud is another application")
	}
	if c.AZP == "" && len(audience) > 1 || c.AZP != "" && !slices.Contains(own, c.AZP) {
		return errors.New("azp is another application; add its client ID to Audiences if it is part of your application")
	}
	return nil
}

// clients returns the client IDs of the application.
func (s *source) clients() []string { return append([]string{s.ClientID}, s.Audiences...) }

// spentHash identifies an ID token for the table of spent ones. It covers the claims alone, because the same token can be
// written with other signatures and in other base64.
func (s *source) spentHash(t *idToken) string {
	sum := sha256.Sum256(append([]byte(s.Name+"\n"), t.payload...))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// vouchesFor reports whether the provider's word about an address counts.
func (s *source) vouchesFor(address string) bool {
	if s.vouches {
		return true
	}
	_, domain, _ := strings.Cut(address, "@")
	return slices.ContainsFunc(s.EmailDomains, func(d string) bool { return domain != "" && strings.EqualFold(d, domain) })
}
