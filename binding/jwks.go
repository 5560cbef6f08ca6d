package binding

// KeySet is the response of GET jwks.json: the public keys that verify access tokens, as RFC 7517, section 5, defines them.
type KeySet struct {
	Keys []JWK `json:"keys"`
}

// JWK is a public key in the form of RFC 7517 and RFC 8037.
type JWK struct {
	KeyType   string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	N         string `json:"n,omitempty"`
	E         string `json:"e,omitempty"`
	Curve     string `json:"crv,omitempty"`
	X         string `json:"x,omitempty"`
	Y         string `json:"y,omitempty"`
}
