package social

// From what a client sends to a proof: a code, an ID token or an access token.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// proof is a verified login at a provider.
type proof struct {
	source  *source
	profile Profile
	tokens  *oauth2.Token // nil if the client sent no code

	// spend is the hash of an ID token that is valid once; empty for codes and access tokens.
	spend string

	code  string // the hash of the code of a login by redirect, which use spends; or empty
	peeks bool   // whether a sign-up that is not complete is only to be noticed
	only  int64  // the user who is logged in where the login by redirect ends: no other one is logged in; or 0
}

// maxExpiresIn bounds what a provider says about a token, in seconds: ten years.
const maxExpiresIn = 10 * 365 * 24 * 3600

var (
	errCode      = errors.New("social: the provider refused the code")
	errGrant     = errors.New("social: the grant is not valid")
	errUnchecked = errors.New("social: the provider cannot say which application an access token was issued to")
	errRedirects = errors.New("social: the redirect_uri is not allowed")
)

// byCode exchanges an authorization code (RFC 6749, section 4.1.3; RFC 7636 for verifier). nonce is the one that the ID token must
// have, or empty.
func (s *source) byCode(ctx context.Context, code, verifier, redirect, nonce string) (*proof, error) {
	tokens, err := s.exchange(ctx, code, verifier, redirect)
	if err != nil {
		return nil, err
	}
	out := &proof{source: s, tokens: tokens}
	raw, _ := tokens.Extra("id_token").(string)
	switch {
	case s.isOIDC() && raw == "":
		return nil, fmt.Errorf("%w: there is no ID token; does Scopes contain openid?", ErrRefused)
	case s.isOIDC():
		id, err := s.verify(ctx, raw, nonce, tokens.AccessToken)
		if err != nil {
			return nil, err
		}
		out.profile = id.profile
	default:
		if out.profile, err = s.read(ctx, tokens.AccessToken); err != nil {
			return nil, err
		}
	}
	return out.finish()
}

// exchange sends a code to the token endpoint.
func (s *source) exchange(ctx context.Context, code, verifier, redirect string) (*oauth2.Token, error) {
	settings, err := s.registration(ctx)
	if err != nil {
		return nil, err
	}
	settings.RedirectURL = redirect
	var options []oauth2.AuthCodeOption
	if verifier != "" {
		options = append(options, oauth2.VerifierOption(verifier))
	}
	tokens, err := settings.Exchange(context.WithValue(ctx, oauth2.HTTPClient, s.client), code, options...)
	return s.issued(tokens, err)
}

// registration returns the settings for one request to the token endpoint.
func (s *source) registration(ctx context.Context) (*oauth2.Config, error) {
	meta, err := s.metadata(ctx)
	if err != nil {
		return nil, err
	}
	secret, err := s.clientSecret(s.now())
	if err != nil {
		return nil, err
	}
	settings := &oauth2.Config{ClientID: s.ClientID, ClientSecret: secret, Endpoint: meta.endpoint}
	if settings.Endpoint.AuthStyle == oauth2.AuthStyleAutoDetect {
		settings.Endpoint.AuthStyle = oauth2.AuthStyleInParams // trying both would send the code twice
	}
	return settings, nil
}

// issued returns the tokens in a response of the token endpoint, or its error without the provider's text.
func (s *source) issued(tokens *oauth2.Token, err error) (*oauth2.Token, error) {
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		status := refused.Response.StatusCode
		switch {
		case slices.Contains([]string{"invalid_grant", "bad_refresh_token"}, refused.ErrorCode): // the second is GitHub's
			return nil, fmt.Errorf("%w: %w with status %d", errCode, errGrant, status)
		case status == 200 || isRefusal(status):
			return nil, fmt.Errorf("%w: status %d", errCode, status)
		}
		return nil, fmt.Errorf("%w: status %d of the token endpoint", ErrUnavailable, status)
	}
	if err != nil {
		return nil, unavailable(err)
	}
	tokens.Expiry = time.Time{}
	if tokens.ExpiresIn > 0 {
		tokens.Expiry = s.now().Add(time.Duration(min(tokens.ExpiresIn, maxExpiresIn)) * time.Second)
	}
	return tokens, nil
}

// byIDToken verifies an ID token that a client sends. The client could have it from anywhere, so it must be new, and is valid
// once.
func (s *source) byIDToken(ctx context.Context, raw, nonce, accessToken string) (*proof, error) {
	id, err := s.verify(ctx, raw, nonce, accessToken)
	if err != nil {
		return nil, err
	}
	if id.age > maxAge {
		return nil, fmt.Errorf("%w: the ID token is older than %v", ErrRefused, maxAge)
	}
	out := &proof{source: s, profile: id.profile, spend: s.spentHash(id)}
	return out.finish()
}

// byAccessToken reads the profile with an access token that a client sends, if it was issued to the application.
func (s *source) byAccessToken(ctx context.Context, token string) (*proof, error) {
	if s.CheckToken == nil && !s.AllowUncheckedAccessToken {
		return nil, errUnchecked
	}
	if s.CheckToken != nil {
		if err := s.CheckToken(ctx, s.api(token)); err != nil {
			return nil, err
		}
	}
	profile, err := s.read(ctx, token)
	if err != nil {
		return nil, err
	}
	return (&proof{source: s, profile: profile, tokens: &oauth2.Token{AccessToken: token}}).finish()
}

// read reads the profile with an access token.
func (s *source) read(ctx context.Context, token string) (Profile, error) {
	if s.User != nil {
		api := s.api(token)
		profile, err := s.User(ctx, api)
		if profile.Raw == nil {
			profile.Raw = api.first
		}
		return profile, err
	}
	meta, err := s.metadata(ctx)
	if err != nil {
		return Profile{}, err
	}
	if meta.userInfo == "" {
		return Profile{}, fmt.Errorf("%w: it has no userinfo endpoint", ErrRefused)
	}
	var claims json.RawMessage
	if err := s.api(token).Get(ctx, meta.userInfo, &claims); err != nil {
		return Profile{}, err
	}
	profile, err := s.Claims(claims)
	profile.Raw = claims
	return profile, err
}

func (s *source) api(token string) *API {
	return &API{Token: token, ClientID: s.ClientID, Secret: string(s.ClientSecret), Clients: s.clients(), client: s.client}
}

// finish checks the profile of a proof, and brings its address into the form in which addresses are stored.
func (p *proof) finish() (*proof, error) {
	if err := p.profile.check(); err != nil {
		return nil, err
	}
	sent := p.profile.Email
	p.profile.Email = models.NormalizeEmail(sent)
	p.profile.EmailVerified = p.profile.EmailVerified && sameMailbox(sent, p.profile.Email) && binding.ValidEmail(p.profile.Email) && p.source.vouchesFor(p.profile.Email)
	return p, nil
}

// sameMailbox reports whether normalizing an address kept the part before the @. NFKC maps letters that look alike to one, but a mail
// server does not, so the provider may have verified another mailbox. Domains are one by IDNA.
func sameMailbox(sent, normalized string) bool {
	at := strings.LastIndexByte(sent, '@')
	return at > 0 && strings.HasPrefix(normalized, sent[:at+1])
}
