package social

// Provider: an identity provider as data.

import (
	"context"
	"time"

	"golang.org/x/oauth2"

	"github.com/ginauth/gin-rest-auth/config"
)

// Provider is an identity provider, and the application's registration there. [Google], [GitHub] and the other constructors
// return complete ones; change their fields before you pass them to [Login]:
//
//	work := social.Google(id, secret)
//	work.Name, work.LinkByEmail = "google-work", true
//
// [OIDC] and [OAuth2] describe any other provider. Functions must be safe for concurrent use. They return [ErrRefused] or
// [ErrUnavailable], or an error of [API].
type Provider struct {
	// Name is in the paths of the routes and in models.Identity, so do not change it later: 1 to 24 lower-case letters, digits, - and
	// _, beginning with a letter. It cannot be the name of another route, such as "login". Give a second provider of the same
	// kind another name.
	Name         string
	ClientID     string        // of the application's registration; required
	ClientSecret config.Secret // required, unless Secret is set
	// Audiences are further client IDs of the same application, such as those of its native apps. Tokens for them are accepted.
	Audiences []string
	// RedirectURLs are the values that a client can send as redirect_uri with a code. The first is the default. Without any, codes
	// are refused. List the URLs that are registered at the provider; "postmessage" is that of Google's popup.
	RedirectURLs []string
	Scopes       []string // that the server asks for in the authorization request

	// LinkByEmail logs users in to an existing account that has confirmed the address that the provider has verified, and connects
	// the two. Staff and superusers are never linked in this way. Default: the user has to log in and connect.
	LinkByEmail bool
	// EmailDomains are the domains of addresses that the provider answers for, such as those of your company. [OIDC] and [OAuth2]
	// need them: no other address of theirs counts as verified. The other constructors do not.
	EmailDomains []string
	// AllowUncheckedAccessToken accepts access tokens of a provider without CheckToken. A token that the user gave to any other
	// application at that provider then logs in here: its operator can log in as the user. Check reports it.
	AllowUncheckedAccessToken bool

	// AllowPlainCode leaves PKCE and the nonce out of logins by redirect, for providers that reject the one and ignore the other. The
	// login then rests on its state alone. Default: both are sent and checked.
	AllowPlainCode bool
	// Development is for providers that ask for no proof, such as ginauth/social/dev. Its routes answer 404 unless [Local] is true. It never
	// connects to an existing account and logs in no staff. New refuses it with TrustedProxies or an https URL.
	Development bool

	// Issuer is the URL of an OpenID Connect provider: its endpoints and keys come from its discovery document. Empty for OAuth 2.
	Issuer string
	// AllowIssuer replaces the comparison of the claim iss with Issuer, for providers that have an issuer for each tenant.
	AllowIssuer func(issuer string, claims []byte) bool
	// Endpoint has the URLs of an OAuth 2 provider. For OpenID Connect, only AuthStyle counts.
	Endpoint oauth2.Endpoint
	// AuthParams are more parameters of the authorization request.
	AuthParams map[string]string
	// FormPost says that the provider returns to the callback by a cross-site POST.
	FormPost bool

	// RevokeURL is where the provider revokes tokens (RFC 7009). The refresh token is then kept, encrypted, even without
	// Options.StoreTokens, and revoked when the account is disconnected or its user is deleted. auth.Run sends the requests, so the
	// provider need not be reachable then. [Apple] sets it, because Apple requires it.
	RevokeURL string

	// Claims reads the profile from the claims of an ID token or of the userinfo endpoint. Default: [StandardClaims].
	Claims func(claims []byte) (Profile, error)
	// User reads the profile with an access token. Required for OAuth 2. Default for OpenID Connect: the userinfo endpoint.
	User func(ctx context.Context, api *API) (Profile, error)
	// CheckToken returns [ErrRefused] unless the provider says that the access token was issued to one of API.Clients. Without it,
	// only codes and ID tokens are accepted.
	CheckToken func(ctx context.Context, api *API) error
	// Secret makes the client secret of a provider that wants a signed one.
	Secret func(now time.Time) (string, error)

	// imports returns the subject of a uid of django-allauth, or the reason why it has no subject. nil: they are the same.
	imports func(uid string) (subject, reason string)

	vouches  bool  // its documentation says which addresses it has verified
	notifies bool  // it sends notifications in Apple's form
	err      error // of its constructor
}

// isOIDC reports whether the provider issues ID tokens.
func (p *Provider) isOIDC() bool { return p.Issuer != "" }

// OIDC returns a provider of OpenID Connect, such as Keycloak, Okta or Auth0. issuer is the URL below which it has
// ".well-known/openid-configuration". No address counts as verified until you set EmailDomains.
func OIDC(name, issuer, clientID string, secret config.Secret) Provider {
	return Provider{
		Name: name, ClientID: clientID, ClientSecret: secret, Issuer: issuer, Scopes: []string{"openid", "email", "profile"}, Claims: StandardClaims,
	}
}

// OAuth2 returns a provider of plain OAuth 2. user reads the profile, usually with one call of [API.Get]. No address counts as
// verified until you set EmailDomains. Set CheckToken, if the provider can say which application an access token was issued to.
func OAuth2(name string, endpoint oauth2.Endpoint, clientID string, secret config.Secret, user func(context.Context, *API) (Profile, error)) Provider {
	return Provider{Name: name, ClientID: clientID, ClientSecret: secret, Endpoint: endpoint, User: user}
}

// clientSecret returns the secret for a request to the token endpoint.
func (p *Provider) clientSecret(now time.Time) (string, error) {
	if p.Secret != nil {
		return p.Secret(now)
	}
	return string(p.ClientSecret), nil
}
