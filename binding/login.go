package binding

import "time"

// Login is the body of POST login/. One of username and email is needed, by
// config.Config.LoginMethods; an address typed into username is understood where
// both are allowed.
type Login struct {
	Username string `json:"username" in:"blank" binding:"max=254"`
	Email    string `json:"email" in:"blank" binding:"omitempty,max=254,address"`
	Password string `json:"password" in:"raw" binding:"required,maxbytes=1024"`
}

// LoginResponse is the response of every flow that logs in: the user, with the tokens that the client gets in the body.
// Only with config.Config.AllowTokensWithCookies, a login without the header Auth-Credential gives an opaque token without the
// user, as in dj-rest-auth.
type LoginResponse struct { // a new field: also LoginOf, config/view.go, writeLogin in core and openapi/login.go
	Key     string `json:"key,omitempty"` // config.OpaqueToken
	User    *User  `json:"user,omitempty"`
	*Tokens        // config.JSONWebToken
}

// LoginOf is [LoginResponse] with the application's view of the user. The library makes it where there is a
// view of [User] and none of LoginResponse.
type LoginOf[U any] struct {
	Key  string `json:"key,omitempty"`
	User *U     `json:"user,omitempty"`
	*Tokens
}

// Challenge is the response to a login, by whatever flow, of a user with a second factor: the first one was right. The
// client sends the token with the factor to the route of the factor's feature, and gets the [LoginResponse] there. No
// cookie and no other credential comes with it.
type Challenge struct {
	EphemeralToken string   `json:"ephemeral_token"` // valid once, for 5 minutes
	MFARequired    bool     `json:"mfa_required"`    // always true
	Factors        []string `json:"factors"`         // the names of the user's factors; any of them completes the login
}

// Tokens are JSON Web Tokens in an answer. Expirations are RFC 3339 in UTC, taken from
// the tokens themselves.
type Tokens struct {
	Access            string     `json:"access,omitempty"`
	Refresh           string     `json:"refresh,omitempty"`
	AccessExpiration  *time.Time `json:"access_expiration,omitempty"`
	RefreshExpiration *time.Time `json:"refresh_expiration,omitempty"`
}
