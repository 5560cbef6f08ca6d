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

// LoginResponse is the answer of every flow that logs in: the user where the client
// gets cookies alone, and the token in place of it where there is one, as in
// dj-rest-auth.
type LoginResponse struct {
	Key  string `json:"key,omitempty"` // config.OpaqueToken
	User *User  `json:"user,omitempty"`
	*Tokens
}

// Tokens are JSON Web Tokens in an answer. Expirations are RFC 3339 in UTC, taken from
// the tokens themselves.
type Tokens struct {
	Access            string     `json:"access,omitempty"`
	Refresh           string     `json:"refresh,omitempty"`
	AccessExpiration  *time.Time `json:"access_expiration,omitempty"`
	RefreshExpiration *time.Time `json:"refresh_expiration,omitempty"`
}
