package passkey

// Requests and responses: the JSON of WebAuthn, as @simplewebauthn/browser and PublicKeyCredential.toJSON() write and read it.

// CreationOptions is the response of the routes that begin to create a passkey: PublicKeyCredentialCreationOptionsJSON.
type CreationOptions struct {
	RP                     RP             `json:"rp"`
	User                   UserEntity     `json:"user"`
	Challenge              string         `json:"challenge"` // valid once, for 5 minutes
	PubKeyCredParams       []KeyParameter `json:"pubKeyCredParams"`
	Timeout                int            `json:"timeout"` // milliseconds
	ExcludeCredentials     []Descriptor   `json:"excludeCredentials"`
	AuthenticatorSelection Selection      `json:"authenticatorSelection"`
	Attestation            string         `json:"attestation"`
	Extensions             Extensions     `json:"extensions"`
}

// RP is the application.
type RP struct {
	Name string `json:"name"`
	ID   string `json:"id"`
}

// UserEntity is the user, as authenticators store and show them.
type UserEntity struct {
	ID          string `json:"id"` // base64url of random bytes
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

// KeyParameter is a signature algorithm that is accepted.
type KeyParameter struct {
	Type string `json:"type"`
	Alg  int    `json:"alg"` // of COSE
}

// Descriptor names a passkey.
type Descriptor struct {
	ID         string   `json:"id"` // base64url
	Type       string   `json:"type"`
	Transports []string `json:"transports,omitempty"`
}

// Selection says which authenticators can be used.
type Selection struct {
	ResidentKey        string `json:"residentKey"`
	RequireResidentKey bool   `json:"requireResidentKey"`
	UserVerification   string `json:"userVerification"`
}

// Extensions asks whether the new passkey can be found without a name.
type Extensions struct {
	CredProps bool `json:"credProps"`
}

// RequestOptions is the response of the routes that begin to use a passkey: PublicKeyCredentialRequestOptionsJSON.
type RequestOptions struct {
	Challenge        string       `json:"challenge"` // valid once, for 5 minutes
	Timeout          int          `json:"timeout"`   // milliseconds
	RPID             string       `json:"rpId"`
	AllowCredentials []Descriptor `json:"allowCredentials"` // empty unless the user is known
	UserVerification string       `json:"userVerification"`
	SessionID        string       `json:"session_id,omitempty"` // of passkeys/login/begin/: send it to passkeys/login/complete/
}

// NewCredential is what the browser returns for a new passkey: RegistrationResponseJSON.
type NewCredential struct {
	ID                     string      `json:"id"`
	RawID                  string      `json:"rawId"`
	Type                   string      `json:"type"`
	Response               Attestation `json:"response"`
	Transports             []string    `json:"transports"` // where dj-rest-auth reads them; browsers send them in response
	ClientExtensionResults Properties  `json:"clientExtensionResults"`
}

// Attestation is the response of an authenticator for a new passkey. The fields are base64url.
type Attestation struct {
	ClientDataJSON    string   `json:"clientDataJSON"`
	AttestationObject string   `json:"attestationObject"`
	Transports        []string `json:"transports"`
}

// Properties are the results of extensions for a new passkey.
type Properties struct {
	CredProps struct {
		RK *bool `json:"rk"` // whether the passkey is found without a name
	} `json:"credProps"`
}

// Assertion is what the browser returns for the use of a passkey: AuthenticationResponseJSON.
type Assertion struct {
	ID       string          `json:"id"`
	RawID    string          `json:"rawId"`
	Type     string          `json:"type"`
	Response SignedAssertion `json:"response"`
}

// SignedAssertion is the response of an authenticator for the use of a passkey. The fields are base64url.
type SignedAssertion struct {
	ClientDataJSON    string `json:"clientDataJSON"`
	AuthenticatorData string `json:"authenticatorData"`
	Signature         string `json:"signature"`
	UserHandle        string `json:"userHandle"`
}
