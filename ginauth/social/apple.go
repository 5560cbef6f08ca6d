package social

// Apple as data: the client secret is a token that the application signs.

import (
	"crypto/ecdsa"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ginauth/gin-rest-auth/config"
)

const appleIssuer = "https://appleid.apple.com"

// AppleKey is a private key for Sign in with Apple, from the page of your developer account.
type AppleKey struct {
	TeamID string
	KeyID  string
	PEM    config.Secret // the content of the file AuthKey_<KeyID>.p8
}

// Apple returns Sign in with Apple. clientID is the Services ID; add the bundle IDs of native apps to Audiences. For each request to
// Apple, the client secret is signed with the key.
// https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
//
// An address counts as verified if email_verified is true or, as Apple documents, the text "true". It can be a private relay address,
// which reaches the user only from the senders that you register. https://developer.apple.com/forums/thread/662175
//
// Apple tells the name to the front end alone, at the first login: send it as first_name and last_name. Apple has no userinfo endpoint,
// so clients send an ID token or a code.
//
// A login with a code brings a refresh token, which is kept and revoked when the account is disconnected or its user is deleted:
// https://developer.apple.com/documentation/signinwithapplerestapi/revoke_tokens. Apple's notifications are taken at
// {provider}/notifications/.
// https://developer.apple.com/documentation/signinwithapple/processing-changes-for-sign-in-with-apple-accounts
func Apple(clientID string, key AppleKey) Provider {
	p := builtIn("apple", appleIssuer, clientID, "")
	p.Scopes, p.FormPost = []string{"openid", "email", "name"}, true
	p.AuthParams = map[string]string{"response_mode": "form_post"}
	p.RevokeURL, p.notifies = appleIssuer+"/auth/revoke", true
	private, err := jwt.ParseECPrivateKeyFromPEM([]byte(key.PEM))
	if err != nil || key.TeamID == "" || key.KeyID == "" {
		p.err = fmt.Errorf("AppleKey needs TeamID, KeyID and, in PEM, the content of the file AuthKey_<KeyID>.p8")
		return p
	}
	p.Secret = func(now time.Time) (string, error) { return appleSecret(clientID, key, private, now) }
	p.Claims = func(claims []byte) (Profile, error) {
		var c struct {
			Verified yesText `json:"email_verified"`
		}
		out, err := StandardClaims(claims)
		if err == nil && readClaims(claims, &c) != nil {
			err = fmt.Errorf("%w: the claims are invalid", ErrRefused)
		}
		out.EmailVerified = bool(c.Verified)
		return out, err
	}
	return p
}

// appleSecret signs a client secret for one request.
func appleSecret(clientID string, key AppleKey, private *ecdsa.PrivateKey, now time.Time) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.RegisteredClaims{
		Issuer: key.TeamID, Subject: clientID, Audience: jwt.ClaimStrings{appleIssuer}, IssuedAt: jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(5 * time.Minute)),
	})
	token.Header["kid"] = key.KeyID
	return token.SignedString(private)
}
