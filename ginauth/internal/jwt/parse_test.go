package jwt

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
)

// TestHeaders checks that the header of Sign is recognized without decoding, and that any other header is decoded with the
// same result.
func TestHeaders(t *testing.T) {
	t.Parallel()
	r := keyring(t, "", "", hmacKey(t, "k", secretKey))
	token := signed(t, r)
	if !strings.HasPrefix(token, r.keys[0].header) {
		t.Fatalf("%s has another header than %s", token, r.keys[0].header)
	}
	_, rest, _ := strings.Cut(token, ".")
	body, _, _ := strings.Cut(rest, ".")
	other := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","kid":"k","alg":"HS256"}`)) + "." + body
	mac := hmac.New(sha256.New, secretKey)
	mac.Write([]byte(other))
	other += "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	own, err := r.Verify(token, false)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Verify(other, false); err != nil || !reflect.DeepEqual(got, own) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{
		r.keys[0].header, r.keys[0].header + body, r.keys[0].header + body + ".", token + ".", token + ".x", token + "=", r.keys[0].header + "." + rest,
	} {
		if _, err := r.Verify(bad, false); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
