package passkey

// What go-webauthn verifies: the response of an authenticator for a new passkey, and for the use of one.

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
)

const publicKey = string(protocol.PublicKeyCredentialType)

// algorithms are those of dj-rest-auth, the best supported first.
var algorithms = []webauthncose.COSEAlgorithmIdentifier{
	webauthncose.AlgES256, webauthncose.AlgEdDSA, webauthncose.AlgES512, webauthncose.AlgPS256, webauthncose.AlgPS384, webauthncose.AlgPS512,
	webauthncose.AlgRS256, webauthncose.AlgRS384, webauthncose.AlgRS512,
}

// owner is a user for go-webauthn.
type owner struct {
	handle      []byte
	credentials []webauthn.Credential
}

func (o owner) WebAuthnID() []byte                         { return o.handle }
func (o owner) WebAuthnName() string                       { return "" } // only for its own options
func (o owner) WebAuthnDisplayName() string                { return "" }
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.credentials }

// parseNew reads the response for a new passkey, or returns errFormat.
func parseNew(in *NewCredential) (*protocol.ParsedCredentialCreationData, error) {
	var raw protocol.CredentialCreationResponse
	raw.ID, raw.Type = in.ID, in.Type
	raw.ClientExtensionResults.CredProps = &protocol.CredentialPropertiesOutput{RK: in.ClientExtensionResults.CredProps.RK}
	raw.AttestationResponse.Transports = in.Response.Transports
	if len(in.Response.Transports) == 0 {
		raw.AttestationResponse.Transports = in.Transports
	}
	r := &raw.AttestationResponse
	err := decodeAll([]encodedField{
		{in.RawID, &raw.RawID}, {in.Response.ClientDataJSON, &r.ClientDataJSON}, {in.Response.AttestationObject, &r.AttestationObject},
	})
	if err != nil {
		return nil, errFormat.Because(err)
	}
	return parsed(raw.Parse)
}

// parseAssertion reads the response for the use of a passkey, or returns errFormat.
func parseAssertion(in *Assertion) (*protocol.ParsedCredentialAssertionData, error) {
	var raw protocol.CredentialAssertionResponse
	raw.ID, raw.Type = in.ID, in.Type
	r := &raw.AssertionResponse
	err := decodeAll([]encodedField{
		{in.RawID, &raw.RawID}, {in.Response.ClientDataJSON, &r.ClientDataJSON}, {in.Response.AuthenticatorData, &r.AuthenticatorData},
		{in.Response.Signature, &r.Signature}, {in.Response.UserHandle, &r.UserHandle},
	})
	if err != nil {
		return nil, errFormat.Because(err)
	}
	return parsed(raw.Parse)
}

// encodedField is a base64url text and where its bytes belong.
type encodedField struct {
	text string
	into *protocol.URLEncodedBase64
}

func decodeAll(fields []encodedField) (err error) {
	for _, f := range fields {
		if *f.into, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(f.text, "=")); err != nil {
			return err
		}
	}
	return nil
}

// parsed calls a parser of go-webauthn. A panic of it is errFormat as well: it reads binary data of strangers.
func parsed[T any](parse func() (*T, error)) (out *T, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, errFormat.Because(fmt.Errorf("the parser panicked: %v", p))
		}
	}()
	if out, err = parse(); err != nil {
		return nil, errFormat.Because(err)
	}
	return out, nil
}

// attest verifies a new passkey of the user with a handle, and returns its row, or errFailed.
func (f *feature) attest(g *gin.Context, c *challenge, handle []byte, in *protocol.ParsedCredentialCreationData, verification protocol.UserVerificationRequirement) (*Credential, error) {
	flags := in.Response.AttestationObject.AuthData.Flags
	if verification == protocol.VerificationRequired && !flags.HasUserVerified() {
		return nil, errUnverified
	}
	session := webauthn.SessionData{Challenge: c.text, RelyingPartyID: f.RPID, UserID: handle, UserVerification: verification}
	for _, a := range algorithms {
		session.CredParams = append(session.CredParams, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: a})
	}
	made, err := f.lib.CreateCredential(owner{handle: handle}, session, in)
	if err == nil && len(made.PublicKey) > maxPublicKey {
		err = errors.New("the public key is too long")
	}
	if err != nil {
		return nil, f.failed(g, err, in.Response.CollectedClientData.Origin)
	}
	row := &Credential{
		CredentialID: made.ID, PublicKey: made.PublicKey, SignCount: int64(made.Authenticator.SignCount), Transports: transportsOf(made.Transport),
		Discoverable: made.Extensions.RK == nil || *made.Extensions.RK, UserVerified: made.Flags.UserVerified,
		BackupEligible: made.Flags.BackupEligible, BackedUp: made.Flags.BackupState, CreatedAt: f.core.Now(),
	}
	if id, err := uuid.FromBytes(made.Authenticator.AAGUID); err == nil {
		row.AAGUID = id.String()
	}
	return row, nil
}

const maxPublicKey = 4096 // bytes; the largest key of RSA that is in use has 530

// transportsOf returns the transports that the specification names, in order: others are texts of the client.
func transportsOf(all []protocol.AuthenticatorTransport) string {
	var known []string
	for _, t := range all {
		if slices.Contains([]string{"usb", "nfc", "ble", "smart-card", "hybrid", "internal"}, string(t)) {
			known = append(known, string(t))
		}
	}
	slices.Sort(known)
	return strings.Join(slices.Compact(known), " ")
}

// use is a verified use of a passkey.
type use struct {
	row      *Credential // as it was read
	count    int64       // of the authenticator
	verified bool        // the authenticator has verified the user
	backedUp bool
}

// assert verifies the use of a passkey, and returns errFailed if it is not valid. The sign count is compared in [feature.store].
func (f *feature) assert(g *gin.Context, c *challenge, row *Credential, handle []byte, in *protocol.ParsedCredentialAssertionData) (*use, error) {
	known := webauthn.Credential{ID: row.CredentialID, PublicKey: row.PublicKey, Flags: webauthn.CredentialFlags{BackupEligible: row.BackupEligible}}
	who := owner{handle, []webauthn.Credential{known}}
	session := webauthn.SessionData{Challenge: c.text, RelyingPartyID: f.RPID}
	var err error
	if c.user == nil {
		_, _, err = f.lib.ValidatePasskeyLogin(func([]byte, []byte) (webauthn.User, error) { return who, nil }, session, in)
	} else {
		session.UserID = handle
		_, err = f.lib.ValidateLogin(who, session, in)
	}
	if err != nil {
		return nil, f.failed(g, err, in.Response.CollectedClientData.Origin)
	}
	data := in.Response.AuthenticatorData
	return &use{row, int64(data.Counter), data.Flags.HasUserVerified(), data.Flags.HasBackupState()}, nil
}

// failed logs why a passkey was refused, and returns errFailed. The log has no challenge.
func (f *feature) failed(g *gin.Context, reason error, origin string) error {
	f.cfg.Logger.LogAttrs(g.Request.Context(), slog.LevelInfo, "ginauth: a passkey was refused",
		slog.String("reason", reason.Error()), slog.String("origin", strings.ToValidUTF8(origin[:min(len(origin), 200)], "")))
	return errFailed.Because(reason)
}
