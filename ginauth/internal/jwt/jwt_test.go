package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

var secretKey = []byte("for tests only: thirty-two bytes")

func keyring(t testing.TB, issuer, audience string, keys ...Key) *Keyring {
	t.Helper()
	r, err := NewKeyring(keys, issuer, audience, 0, clock)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func hmacKey(t testing.TB, id string, secret []byte) Key {
	t.Helper()
	k, err := HMAC(id, secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func good() Claims {
	c := Claims{TokenType: "access", UserID: "7", SessionID: "s"}
	c.ID, c.IssuedAt, c.ExpiresAt = "j", Time(now), Time(now.Add(time.Minute))
	return c
}

func signed(t testing.TB, r *Keyring) string {
	t.Helper()
	token, err := r.Sign(good(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func privateKeys(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	r, errR := rsa.GenerateKey(rand.Reader, 2048)
	e, errE := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, d, errD := ed25519.GenerateKey(rand.Reader)
	if err := errors.Join(errR, errE, errD); err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"RS256": r, "ES256": e, "EdDSA": d}
}

func TestEveryKindOfKey(t *testing.T) {
	t.Parallel()
	for algorithm, private := range privateKeys(t) {
		key, err := Asymmetric("", private, nil)
		if err != nil {
			t.Fatal(err)
		}
		public, err := Asymmetric("", nil, private.Public())
		if err != nil || public.ID != key.ID {
			t.Fatalf("%s: ids %q and %q, %v", algorithm, key.ID, public.ID, err)
		}
		token := signed(t, keyring(t, "", "", key))
		verifier := keyring(t, "", "", hmacKey(t, "new", secretKey), public) // the next key signs already
		if c, err := verifier.Verify(token, false); err != nil || c.UserID != "7" {
			t.Errorf("%s: %v", algorithm, err)
		}
		jwks := verifier.Public()
		if len(jwks) != 1 || jwks[0].Algorithm != algorithm || jwks[0].ID != key.ID {
			t.Errorf("%s: published %+v", algorithm, jwks)
		}
		if text, _ := json.Marshal(jwks); strings.Contains(string(text), `"d"`) {
			t.Errorf("%s: a private part is published: %s", algorithm, text)
		}
		if _, err := keyring(t, "", "", hmacKey(t, "new", secretKey)).Verify(token, false); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: after the key was removed: %v", algorithm, err)
		}
		if _, err := NewKeyring([]Key{public}, "", "", 0, clock); err == nil {
			t.Errorf("%s: a keyring that cannot sign was accepted", algorithm)
		}
	}
}

func TestWeakKeysAreRefused(t *testing.T) {
	t.Parallel()
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err == nil {
		if _, err := Asymmetric("", small, nil); err == nil {
			t.Error("RSA of 1024 bit was accepted")
		}
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Asymmetric("", p384, nil); err == nil {
		t.Error("P-384 was accepted for ES256")
	}
	for _, secret := range [][]byte{nil, {}, []byte("short")} {
		if _, err := HMAC("", secret); err == nil {
			t.Errorf("a secret of %d bytes was accepted", len(secret))
		}
	}
	k := hmacKey(t, "", secretKey)
	if _, err := NewKeyring([]Key{k, k}, "", "", 0, clock); err == nil {
		t.Error("two keys of one id were accepted")
	}
	if _, err := NewKeyring([]Key{{ID: "kms", method: jwt.SigningMethodEdDSA, private: remote{}, public: remote{}.Public()}}, "", "", 0, clock); err == nil {
		t.Error("a key that the library cannot sign with was accepted")
	}
	if _, err := NewKeyring(nil, "", "", 0, clock); err == nil {
		t.Error("an empty keyring was accepted")
	}
}

// remote is a signer whose key is elsewhere.
type remote struct{}

func (remote) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the key is elsewhere")
}

func (remote) Public() crypto.PublicKey {
	return ed25519.PublicKey(make([]byte, ed25519.PublicKeySize))
}

// forge signs any header and claims with a secret.
func forge(header, claims map[string]any, secret []byte) string {
	h, _ := json.Marshal(header)
	c, _ := json.Marshal(claims)
	text := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(c)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// TestForgeries covers T115 to T121.
func TestForgeries(t *testing.T) {
	t.Parallel()
	private := privateKeys(t)["RS256"]
	rsaKey, err := Asymmetric("rsa", private, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := keyring(t, "issuer", "audience", hmacKey(t, "k", secretKey), rsaKey)
	header := func(more ...any) map[string]any {
		h := map[string]any{"alg": "HS256", "typ": "JWT", "kid": "k"}
		for i := 0; i < len(more); i += 2 {
			h[more[i].(string)] = more[i+1]
		}
		return h
	}
	claims := func(more ...any) map[string]any {
		c := map[string]any{
			"token_type": "access", "user_id": "7", "sub": "7", "sid": "s", "jti": "j", "iss": "issuer", "aud": "audience",
			"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		}
		for i := 0; i < len(more); i += 2 {
			if c[more[i].(string)] = more[i+1]; more[i+1] == nil {
				delete(c, more[i].(string))
			}
		}
		return c
	}
	if _, err := r.Verify(forge(header(), claims(), secretKey), false); err != nil {
		t.Fatalf("the model of all forgeries is refused: %v", err)
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	fine := forge(header(), claims(), secretKey)
	unsigned := fine[:strings.LastIndexByte(fine, '.')+1]
	last := map[bool]string{true: "B", false: "A"}[strings.HasSuffix(fine, "A")]
	for name, token := range map[string]string{
		"alg none":                forge(header("alg", "none"), claims(), nil),
		"alg NONE without a mac":  forge(header("alg", "NONE"), claims(), nil)[:20] + "..",
		"no signature":            unsigned,
		"public key as secret":    forge(header("kid", "rsa"), claims(), publicPEM),
		"der as secret":           forge(header("kid", "rsa"), claims(), der),
		"HS256 under the RSA id":  forge(header("kid", "rsa"), claims(), secretKey),
		"RS256 under the HMAC id": forge(header("alg", "RS256"), claims(), secretKey),
		"HS512":                   forge(header("alg", "HS512"), claims(), secretKey),
		"other secret":            forge(header(), claims(), []byte("another secret of thirty-two byte")),
		"empty secret":            forge(header(), claims(), nil),
		"no kid":                  forge(map[string]any{"alg": "HS256", "typ": "JWT"}, claims(), secretKey),
		"foreign kid":             forge(header("kid", "x"), claims(), secretKey),
		"path as kid":             forge(header("kid", "../../dev/null"), claims(), secretKey),
		"kid of another type":     forge(header("kid", []string{"k"}), claims(), secretKey),
		"jwk":                     forge(header("jwk", map[string]any{"kty": "oct"}), claims(), secretKey),
		"jku":                     forge(header("jku", "https://evil.example"), claims(), secretKey),
		"crit":                    forge(header("crit", []string{"b64"}, "b64", false), claims(), secretKey),
		"no exp":                  forge(header(), claims("exp", nil), secretKey),
		"exp as text":             forge(header(), claims("exp", "never"), secretKey),
		"expired":                 forge(header(), claims("exp", now.Unix()), secretKey),
		"issued tomorrow":         forge(header(), claims("iat", now.Add(24*time.Hour).Unix()), secretKey),
		"not before tomorrow":     forge(header(), claims("nbf", now.Add(24*time.Hour).Unix()), secretKey),
		"other issuer":            forge(header(), claims("iss", "x"), secretKey),
		"no audience":             forge(header(), claims("aud", nil), secretKey),
		"other audience":          forge(header(), claims("aud", "x"), secretKey),
		"no session":              forge(header(), claims("sid", nil), secretKey),
		"no user":                 forge(header(), claims("user_id", nil), secretKey),
		"two users":               forge(header(), claims("sub", "8"), secretKey),
		"user of another type":    forge(header(), claims("user_id", 7), secretKey),
		"no id":                   forge(header(), claims("jti", nil), secretKey),
		"no time of issue":        forge(header(), claims("iat", nil), secretKey),
		"last character":          fine[:len(fine)-1] + last,
		"padding":                 fine + "=",
		"too long":                forge(header(), claims("x", strings.Repeat("x", 5000)), secretKey),
		"dots":                    strings.Repeat(".", 4000),
		"empty":                   "",
		"JSON":                    `{"payload":"x","signatures":[]}`,
	} {
		if c, err := r.Verify(token, false); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
		if _, err := r.Verify(token, true); name != "expired" && !errors.Is(err, ErrInvalid) && !strings.Contains(name, "tomorrow") {
			t.Errorf("%s: leniently accepted", name)
		}
	}
	// All spellings of the last character, of which base64 ignores bits.
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		if other := fine[:len(fine)-1] + string(c); other != fine {
			if _, err := r.Verify(other, false); err == nil {
				t.Errorf("%c is taken for %c", c, fine[len(fine)-1])
			}
		}
	}
}

func TestSignIsBounded(t *testing.T) {
	t.Parallel()
	r := keyring(t, "", "", hmacKey(t, "", secretKey))
	if _, err := r.Sign(good(), map[string]any{"x": strings.Repeat("x", 4096)}); err == nil {
		t.Error("a token that is not read back was signed")
	}
	if _, err := r.Sign(good(), map[string]any{"x": make(chan int)}); err == nil {
		t.Error("a claim that is no JSON was signed")
	}
	token := signed(t, r)
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil || len(parsed.Header) != 3 {
		t.Errorf("header %v, %v", parsed.Header, err)
	}
}

func FuzzVerify(f *testing.F) {
	r := keyring(f, "", "", hmacKey(f, "k", secretKey))
	token := signed(f, r)
	f.Add(token)
	f.Add(strings.Repeat("a.", 10))
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := r.Verify(s, false); err == nil && s != token {
			t.Errorf("%q was accepted", s)
		}
	})
}
