package authtest

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Passkey is a virtual authenticator with one passkey (ES256), for an App with the feature of package passkey. Change its fields
// to test what your application does with another authenticator. It is not safe for concurrent use.
type Passkey struct {
	ID     []byte // of the credential
	Handle []byte // of the user, set by Create

	Origin     string // of the page; default: the first page in passkey.Options.Origins
	RPID       string // of the application; default: that of the options
	Unverified bool   // asks for no PIN or biometrics
	Unstored   bool   // is found only by its ID, not without a name
	Synced     bool   // is synchronised to other devices
	Count      uint32 // how often it was used; Sign raises it by one
	Countless  bool   // always says 0, as synchronised passkeys do
	AAGUID     [16]byte

	t    testing.TB
	page string // the default of Origin
	base string
	key  *ecdsa.PrivateKey
}

// Passkey adds a passkey to the logged-in user of browser, in one line. Log in with it:
//
//	key := app.Passkey(t, browser)
//	...
//	key.LogIn(app.Client(t)).Want(200)
//
// The login of browser must be recent.
func (a *App) Passkey(t testing.TB, browser *Client) *Passkey {
	t.Helper()
	p := a.NewPasskey(t)
	begun := browser.Post(p.base+"/passkeys/register/begin/", nil).Want(200)
	browser.Post(p.base+"/passkeys/register/complete/", map[string]any{"credential": p.Create(begun)}).Want(201)
	return p
}

// NewPasskey returns an authenticator without a user. It sends nothing.
func (a *App) NewPasskey(t testing.TB) *Passkey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Passkey{ID: make([]byte, 32), t: t, page: a.page(), base: core.Of(a.Auth).Base(), key: key}
	_, _ = rand.Read(p.ID) // never fails
	return p
}

// page returns the first page in passkey.Options.Origins, from the document for browsers; "" without the feature.
func (a *App) page() string {
	response := httptest.NewRecorder()
	g, _ := gin.CreateTestContext(response)
	g.Request = httptest.NewRequest(http.MethodGet, "/.well-known/webauthn", nil)
	core.Of(a.Auth).WellKnown("webauthn")(g)
	var document struct {
		Origins []string `json:"origins"`
	}
	if json.Unmarshal(response.Body.Bytes(), &document) != nil || len(document.Origins) == 0 {
		return ""
	}
	return document.Origins[0]
}

// test returns the test of the authenticator. It ends the test of t if the authenticator is a literal, which has no key.
func (p *Passkey) test(t testing.TB) testing.TB {
	t.Helper()
	if p.t == nil {
		t.Fatal("authtest: a Passkey literal has no key: use app.NewPasskey(t), or app.Passkey(t, browser) for a user who is logged in")
	}
	return p.t
}

// SignUp signs up a user with the passkey and no password, and returns the response of passkeys/signup/complete/. fields are
// those of passkeys/signup/begin/, such as username, and of your form.
func (p *Passkey) SignUp(browser *Client, fields map[string]any) *Response {
	p.test(browser.t).Helper()
	begun := browser.Post(p.base+"/passkeys/signup/begin/", fields).Want(200)
	body := maps.Clone(fields)
	maps.Copy(body, map[string]any{"credential": p.Create(begun), "session_id": optionsOf(p.t, begun).SessionID})
	return browser.Post(p.base+"/passkeys/signup/complete/", body)
}

// LogIn logs in with the passkey, without a name, and returns the response of passkeys/login/complete/.
func (p *Passkey) LogIn(browser *Client) *Response {
	p.test(browser.t).Helper()
	begun := browser.Post(p.base+"/passkeys/login/begin/", nil).Want(200)
	return browser.Post(p.base+"/passkeys/login/complete/", map[string]any{"credential": p.Sign(begun), "session_id": optionsOf(p.t, begun).SessionID})
}

// Verify completes a login that waits for a second factor, and returns the response of passkeys/verify/complete/.
func (p *Passkey) Verify(browser *Client, ephemeralToken string) *Response {
	p.test(browser.t).Helper()
	body := map[string]any{"ephemeral_token": ephemeralToken}
	begun := browser.Post(p.base+"/passkeys/verify/begin/", body).Want(200)
	body["credential"] = p.Sign(begun)
	return browser.Post(p.base+"/passkeys/verify/complete/", body)
}

// options are the fields of creation and request options that an authenticator reads.
type options struct {
	Challenge string
	RPID      string `json:"rpId"`
	SessionID string `json:"session_id"`
	RP        struct{ ID string }
	User      struct{ ID string }
}

func optionsOf(t testing.TB, r *Response) (o options) {
	t.Helper()
	r.JSON(&o)
	o.RPID = cmp.Or(o.RPID, o.RP.ID)
	return o
}

// Create makes the passkey, as navigator.credentials.create does with the options in a response, and returns the field
// credential.
func (p *Passkey) Create(begun *Response) map[string]any {
	p.test(begun.t).Helper()
	o := optionsOf(p.t, begun)
	handle, err := base64.RawURLEncoding.DecodeString(o.User.ID)
	if err != nil {
		p.t.Fatal(err)
	}
	p.Handle = handle
	point, err := p.key.PublicKey.Bytes()
	if err != nil {
		p.t.Fatal(err)
	}
	public := p.cbor(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]}) // COSE: EC2, ES256, P-256
	data := bytes.NewBuffer(p.data(o.RPID, 0x40))
	data.Write(p.AAGUID[:])
	data.Write(binary.BigEndian.AppendUint16(nil, uint16(len(p.ID)))) //nolint:gosec // short
	data.Write(p.ID)
	data.Write(public)
	return p.credential(map[string]any{
		"clientDataJSON":    encode(p.client("webauthn.create", o)),
		"attestationObject": encode(p.cbor(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data.Bytes()})),
		"transports":        []string{"internal", "hybrid"},
	}, map[string]any{"credProps": map[string]any{"rk": !p.Unstored}})
}

// Sign uses the passkey, as navigator.credentials.get does with the options in a response, and returns the field credential.
func (p *Passkey) Sign(begun *Response) map[string]any {
	p.test(begun.t).Helper()
	o := optionsOf(p.t, begun)
	p.Count++
	data, client := p.data(o.RPID, 0), p.client("webauthn.get", o)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), sum[:]...))
	signature, err := p.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.credential(map[string]any{
		"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature), "userHandle": encode(p.Handle),
	}, map[string]any{})
}

func (p *Passkey) credential(response, extensions map[string]any) map[string]any {
	return map[string]any{
		"id": encode(p.ID), "rawId": encode(p.ID), "type": "public-key", "authenticatorAttachment": "platform",
		"response": response, "clientExtensionResults": extensions,
	}
}

// data returns the authenticator data without a new credential (WebAuthn, section 6.1).
func (p *Passkey) data(rpID string, flags byte) []byte {
	flags |= 0x01 // the user is present
	if !p.Unverified {
		flags |= 0x04
	}
	if p.Synced {
		flags |= 0x08 | 0x10
	}
	counter := p.Count
	if p.Countless {
		counter = 0
	}
	rp := sha256.Sum256([]byte(cmp.Or(p.RPID, rpID)))
	return binary.BigEndian.AppendUint32(append(rp[:], flags), counter)
}

// client returns the client data (WebAuthn, section 5.8.1).
func (p *Passkey) client(kind string, o options) []byte {
	text, err := json.Marshal(map[string]any{
		"type": kind, "challenge": strings.TrimRight(o.Challenge, "="), "origin": cmp.Or(p.Origin, p.page), "crossOrigin": false,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

func (p *Passkey) cbor(value any) []byte {
	p.t.Helper()
	encoded, err := cbor.Marshal(value)
	if err != nil {
		p.t.Fatal(err)
	}
	return encoded
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
