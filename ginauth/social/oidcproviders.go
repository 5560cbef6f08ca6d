package social

// Providers of OpenID Connect as data. What each says about addresses, and about access tokens, is in its documentation, which the
// comments name.

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/ginauth/gin-rest-auth/config"
)

// builtIn returns an OpenID Connect provider whose documentation says which addresses it has verified.
func builtIn(name, issuer, clientID string, secret config.Secret) Provider {
	p := OIDC(name, issuer, clientID, secret)
	p.vouches = true
	return p
}

// Google returns Sign in with Google. An address counts as verified where Google is authoritative for it: of gmail.com, or of a
// Workspace domain (claim hd). Google has verified others once, and their owner can be somebody else by now.
// https://developers.google.com/identity/gsi/web/guides/verify-google-id-token
// Access tokens: https://developers.google.com/identity/protocols/oauth2 (tokeninfo).
func Google(clientID string, secret config.Secret) Provider {
	p := builtIn("google", "https://accounts.google.com", clientID, secret)
	p.Claims = func(claims []byte) (Profile, error) {
		var c struct {
			HD string `json:"hd"`
		}
		out, err := StandardClaims(claims)
		if err == nil && readClaims(claims, &c) != nil {
			err = fmt.Errorf("%w: the claims are invalid", ErrRefused)
		}
		out.EmailVerified = out.EmailVerified && (c.HD != "" || strings.HasSuffix(strings.ToLower(out.Email), "@gmail.com"))
		return out, err
	}
	p.CheckToken = func(ctx context.Context, api *API) error {
		var info struct {
			Audience string `json:"aud"`
		}
		err := api.PostForm(ctx, "https://oauth2.googleapis.com/tokeninfo", url.Values{"access_token": {api.Token}}, &info)
		return api.issuedTo(err, info.Audience)
	}
	return p
}

// LinkedIn returns Sign In with LinkedIn using OpenID Connect. The claim email_verified says whether the address is verified.
// https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2
// It refuses a code_verifier with invalid_client, and its ID tokens have no nonce: https://github.com/authlib/authlib/issues/719,
// https://github.com/nextauthjs/next-auth/issues/8831
// Access tokens: https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection
func LinkedIn(clientID string, secret config.Secret) Provider {
	p := builtIn("linkedin", "https://www.linkedin.com/oauth", clientID, secret)
	p.AllowPlainCode = true
	p.CheckToken = Introspection("https://www.linkedin.com/oauth/v2/introspectToken")
	return p
}

// GitLab returns GitLab.com. The claim email_verified says whether the address is verified. For a server of your own, use [OIDC] and
// set EmailDomains. https://docs.gitlab.com/integration/openid_connect_provider/
// Access tokens: https://docs.gitlab.com/api/oauth2/#retrieve-the-token-information
func GitLab(clientID string, secret config.Secret) Provider {
	p := builtIn("gitlab", "https://gitlab.com", clientID, secret)
	p.CheckToken = func(ctx context.Context, api *API) error {
		var info struct {
			Application struct {
				UID string `json:"uid"`
			} `json:"application"`
		}
		err := api.Get(ctx, "https://gitlab.com/oauth/token/info", &info)
		return api.issuedTo(err, info.Application.UID)
	}
	return p
}

// Slack returns Sign in with Slack. A user is unique within a workspace, so the subject names both, as in django-allauth. No address
// counts as verified: the administrators of a workspace, which anyone can create, set the addresses of its members. Set EmailDomains
// for the domains of a workspace that you trust. https://docs.slack.dev/authentication/sign-in-with-slack/
// Slack cannot say which application an access token was issued to.
func Slack(clientID string, secret config.Secret) Provider {
	p := OIDC("slack", "https://slack.com", clientID, secret)
	p.Claims = func(claims []byte) (Profile, error) {
		var c struct {
			Team string `json:"https://slack.com/team_id"`
			User string `json:"https://slack.com/user_id"`
		}
		out, err := StandardClaims(claims)
		if err != nil {
			return out, err
		}
		if readClaims(claims, &c) != nil || c.Team == "" || c.User == "" {
			return Profile{}, fmt.Errorf("%w: the claims name no workspace", ErrRefused)
		}
		out.Subject = c.Team + "_" + c.User
		return out, nil
	}
	return p
}

// Twitch returns Twitch. The claim email_verified says whether the address is verified; the server asks for it with the parameter
// claims. https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/
// Access tokens: https://dev.twitch.tv/docs/authentication/validate-tokens/
func Twitch(clientID string, secret config.Secret) Provider {
	p := builtIn("twitch", "https://id.twitch.tv/oauth2", clientID, secret)
	p.Scopes = []string{"openid", "user:read:email"}
	p.AuthParams = map[string]string{"claims": `{"id_token":{"email":null,"email_verified":null,"preferred_username":null}}`}
	p.CheckToken = func(ctx context.Context, api *API) error {
		var info struct {
			ClientID string `json:"client_id"`
		}
		err := api.Get(ctx, "https://id.twitch.tv/oauth2/validate", &info)
		return api.issuedTo(err, info.ClientID)
	}
	return p
}

// Introspection returns a Provider.CheckToken for a provider with token introspection (RFC 7662) at this URL. The client authenticates
// with its ID and secret in the form.
func Introspection(endpoint string) func(context.Context, *API) error {
	return func(ctx context.Context, api *API) error {
		var info struct {
			Active   yes    `json:"active"`
			ClientID string `json:"client_id"`
		}
		form := url.Values{"token": {api.Token}, "client_id": {api.ClientID}, "client_secret": {api.Secret}}
		err := api.PostForm(ctx, endpoint, form, &info)
		if err == nil && !info.Active {
			err = fmt.Errorf("%w: the access token is not active", ErrRefused)
		}
		return api.issuedTo(err, info.ClientID)
	}
}
