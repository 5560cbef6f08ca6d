package passkey

// Responses of authenticators, with what must be true of those that are parsed.

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/binding"
)

// FuzzAssertion: the response for the use of a passkey is refused with one error, or the parsed one has the bytes of the fields, and the
// challenge and origin that its client data has (T173).
func FuzzAssertion(f *testing.F) {
	data := base64.RawURLEncoding.EncodeToString(append(bytes.Repeat([]byte{7}, 32), 5, 0, 0, 0, 1))
	for _, client := range []string{
		`{"type":"webauthn.get","challenge":"YWJj","origin":"https://example.com","crossOrigin":false}`, `{"type":"webauthn.create","challenge":"YWJj","origin":"https://evil.example"}`,
		`{"type":"webauthn.get","challenge":"YWJj","challenge":"ZGVm","origin":"https://example.com"}`, `{"Type":"webauthn.get","Challenge":"YWJj"}`, `[]`, ``,
	} {
		f.Add("YWJj", "YWJj", "public-key", []byte(client), data, "MAA", "YWJj")
	}
	f.Add("YWJj", "ZGVm", "public-key", []byte(`{}`), "AA", "!", "====")
	f.Fuzz(func(t *testing.T, id, raw, kind string, client []byte, data, signature, handle string) {
		in := &Assertion{ID: id, RawID: raw, Type: kind, Response: SignedAssertion{
			ClientDataJSON: base64.RawURLEncoding.EncodeToString(client), AuthenticatorData: data, Signature: signature, UserHandle: handle,
		}}
		out, err := parseAssertion(in)
		if err != nil {
			wantFormat(t, err)
			return
		}
		if want, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(raw, "=")); err != nil || !bytes.Equal(out.RawID, want) || kind != "public-key" {
			t.Errorf("%q of the kind %q is parsed as %x", raw, kind, out.RawID)
		}
		wantClientData(t, client, out.Response.CollectedClientData.Challenge, out.Response.CollectedClientData.Origin)
		if len(out.Response.AuthenticatorData.RPIDHash) != 32 {
			t.Errorf("the hash has %d bytes", len(out.Response.AuthenticatorData.RPIDHash))
		}
	})
}

// FuzzNewCredential is FuzzAssertion for a new passkey.
func FuzzNewCredential(f *testing.F) {
	for _, object := range []string{
		"\xa3cfmtdnonegattStmt\xa0hauthDataX\x25" + strings.Repeat("\x07", 32) + "\x05\x00\x00\x00\x00", "\xa3", "", "\xbf\xff", strings.Repeat("\x9f", 64), "\xa1cfmt\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		f.Add("YWJj", []byte(`{"type":"webauthn.create","challenge":"YWJj","origin":"https://example.com"}`), []byte(object), "internal")
	}
	f.Fuzz(func(t *testing.T, id string, client, object []byte, transport string) {
		in := &NewCredential{ID: id, RawID: id, Type: "public-key", Response: Attestation{
			ClientDataJSON: base64.RawURLEncoding.EncodeToString(client), AttestationObject: base64.RawURLEncoding.EncodeToString(object), Transports: []string{transport},
		}}
		out, err := parseNew(in)
		if err != nil {
			wantFormat(t, err)
			return
		}
		wantClientData(t, client, out.Response.CollectedClientData.Challenge, out.Response.CollectedClientData.Origin)
		if credential := out.Response.AttestationObject.AuthData.AttData.CredentialID; len(credential) > 1023 {
			t.Errorf("an ID of %d bytes", len(credential))
		}
	})
}

func wantFormat(t *testing.T, err error) {
	t.Helper()
	if e, ok := errors.AsType[*binding.Error](err); !ok || e.Status != 400 || strings.Contains(err.Error(), "panicked") {
		t.Errorf("%v", err)
	}
}

// wantClientData wants the values that encoding/json reads.
func wantClientData(t *testing.T, client []byte, challenge, origin string) {
	t.Helper()
	var want struct{ Challenge, Origin string }
	if err := json.Unmarshal(client, &want); err != nil || want.Challenge != challenge || want.Origin != origin {
		t.Errorf("%q has %q and %q: %v", client, challenge, origin, err)
	}
}
