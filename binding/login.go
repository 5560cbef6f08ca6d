package binding

import "time"

// Login is the body of POST login/. It needs a username or an email, as config.Config.LoginMethods says. If
// both methods are allowed, username may also contain an address.
type Login struct {
	Username string `json:"username" in:"blank" binding:"max=254"`
	Email    string `json:"email" in:"blank" binding:"omitempty,max=254,address"`
	Password string `json:"password" in:"raw" binding:"required,maxbytes=1024"`
	Remember *bool  `json:"remember"` // false: the login lasts for config.Session.Short at most, and its cookies end with the browser
}

// LoginByCode is the body of POST login/code/confirm/.
type LoginByCode struct {
	KeyOrCode
	Remember *bool `json:"remember"` // as in Login
}

// LoginResponse is the response of every request that logs in: the user, and the tokens for clients that get them in the
// body. With config.Config.AllowTokensWithCookies, a login without the Auth-Credential header returns only the key if it gives
// an opaque token and no JSON Web Tokens.
type LoginResponse struct { // for a new field, also change LoginOf, config/view.go, writeLogin in core and openapi/login.go
	Key     string `json:"key,omitempty"` // config.OpaqueToken
	User    *User  `json:"user,omitempty"`
	*Tokens        // config.JSONWebToken
}

// LoginOf is a [LoginResponse] with your view of the user. The library returns it if config.Config.Views has a
// view of [User] and no view of LoginResponse.
type LoginOf[U any] struct {
	Key  string `json:"key,omitempty"`
	User *U     `json:"user,omitempty"`
	*Tokens
}

// Challenge is the response to a login of a user with a second factor, after the first factor was correct. The client
// sends the token and the second factor to the route of the feature that checks the factor. That route returns the
// [LoginResponse]. A challenge sets no cookies and contains no other credential.
type Challenge struct {
	EphemeralToken string   `json:"ephemeral_token"`              // valid once, for 5 minutes
	MFARequired    bool     `json:"mfa_required"`                 // always true
	SetupRequired  bool     `json:"mfa_setup_required,omitempty"` // the user has no factor and must set one up to log in
	Factors        []string `json:"factors"`                      // the names of the user's factors; the client may choose any of them
}

// Tokens are the JSON Web Tokens in a response. The expirations are those of the tokens, in RFC 3339 and UTC.
type Tokens struct {
	Access            string     `json:"access,omitempty"`
	Refresh           string     `json:"refresh,omitempty"`
	AccessExpiration  *time.Time `json:"access_expiration,omitempty"`
	RefreshExpiration *time.Time `json:"refresh_expiration,omitempty"`
}
