package passkey

// POST passkeys/register/begin/ and passkeys/register/complete/: a logged-in user adds a passkey.

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-webauthn/webauthn/protocol"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

const tag = "Passkeys"

// BeginRegistration is the body of POST passkeys/register/begin/.
type BeginRegistration struct {
	Name     string `json:"name" binding:"max=255"`
	Password string `json:"password" in:"raw,blank" binding:"maxbytes=1024"` // not needed if the login is recent
}

// CompleteRegistration is the body of POST passkeys/register/complete/.
type CompleteRegistration struct {
	Credential *NewCredential `json:"credential" binding:"required"`
	Name       string         `json:"name" binding:"max=255"` // default: that of begin, else of the provider of the passkey
}

func (f *feature) registerRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "passkeys/register/begin", Tag: tag, Access: core.AccessUser, Limit: core.LimitGuess,
		Doc: "Begin to add a passkey: return the options for navigator.credentials.create.",
	}, f.beginRegistration)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "passkeys/register/complete", Tag: tag, Access: core.AccessUser, Status: http.StatusCreated,
		Doc: "Add the passkey that the browser created.",
	}, f.completeRegistration)
}

// beginRegistration answers POST passkeys/register/begin/. It needs a recent login, because someone at an unattended session
// could otherwise add a way in that stays.
func (f *feature) beginRegistration(g *gin.Context, in *BeginRegistration) (out CreationOptions, err error) {
	user := core.User(g)
	if f.core.Managed(user) { // their directory decides whether they may log in
		return out, binding.Invalid(binding.NonField, core.ProblemManaged)
	}
	if err := f.core.RequireRecent(g, in.Password); err != nil {
		return out, err
	}
	err = f.core.Held(g, func(tx *core.Tx) error {
		rows, err := list(tx.DB, user.ID)
		if err != nil {
			return err
		}
		if len(rows) >= f.MaxPerUser {
			return f.errTooMany()
		}
		handle, err := f.handleOf(tx, user.ID)
		if err != nil {
			return err
		}
		text, err := f.issue(tx, forRegistration, user, bounds{Session: core.Session(g).ID, Name: in.Name})
		out = f.creationOptions(user, handle, text, rows)
		return err
	})
	return out, err
}

// creationOptions returns the options for a new passkey of a user who has others. One that is found without a name is preferred;
// a security key that cannot store one is still a second factor.
func (f *feature) creationOptions(user *models.User, handle []byte, challenge string, others []Credential) CreationOptions {
	name, display := nameOf(user)
	out := CreationOptions{
		RP: RP{f.RPName, f.RPID}, User: UserEntity{encoded(handle), name, display}, Challenge: challenge, Timeout: int(lasts.Milliseconds()),
		ExcludeCredentials:     descriptorsOf(others),
		AuthenticatorSelection: Selection{"preferred", false, string(protocol.VerificationPreferred)},
		Attestation:            string(protocol.PreferNoAttestation), Extensions: Extensions{CredProps: true},
	}
	for _, a := range algorithms {
		out.PubKeyCredParams = append(out.PubKeyCredParams, KeyParameter{publicKey, int(a)})
	}
	return out
}

func descriptorsOf(rows []Credential) []Descriptor {
	out := make([]Descriptor, len(rows))
	for i, r := range rows {
		out[i] = Descriptor{encoded(r.CredentialID), publicKey, strings.Fields(r.Transports)}
	}
	return out
}

// completeRegistration answers POST passkeys/register/complete/.
func (f *feature) completeRegistration(g *gin.Context, in *CompleteRegistration) (out Passkey, err error) {
	ctx, user := g.Request.Context(), core.User(g)
	response, err := parseNew(in.Credential)
	if err != nil {
		return out, err
	}
	c, err := f.challenge(ctx, forRegistration, response.Response.CollectedClientData.Challenge)
	if err != nil {
		return out, err
	}
	if c.user.ID != user.ID || c.Session != core.Session(g).ID {
		return out, errChallenge
	}
	handle, err := findHandle(f.core.DB(ctx), user.ID)
	if err != nil {
		return out, err
	}
	row, err := f.attest(g, c, handle, response, protocol.VerificationPreferred)
	if err == nil {
		row.UserID, row.Name = user.ID, nameFor(row, in.Name, c.Name)
		err = f.addTo(g, c, row)
	}
	if err = f.settled(ctx, c, err); err != nil {
		return out, err
	}
	return passkeyOf(row), nil
}

// nameFor returns the first of the names that is not empty, or one for the provider.
func nameFor(row *Credential, names ...string) string {
	for _, name := range append(names, providers[row.AAGUID]) {
		if name != "" {
			return name
		}
	}
	return "Passkey"
}

// addTo stores a passkey of the logged-in user. If it is the first one and Options.SecondFactor is set, logins then ask for it,
// and the user's other sessions end: one of them may be an intruder's.
func (f *feature) addTo(g *gin.Context, c *challenge, row *Credential) error {
	user, session := core.User(g), core.Session(g)
	work := func(tx *core.Tx) error {
		if _, err := f.core.Redeem(tx, c.ticket); err != nil {
			return f.core.AsTicketError(err, errChallenge)
		}
		if err := f.add(tx, row); err != nil {
			return err
		}
		return f.changed(tx, request{g, f.core.IdentityOf(g).Account}, mailAdded, EventAdded)
	}
	if !f.SecondFactor || user.HasFactor(Method) {
		return f.core.Held(g, work)
	}
	return f.core.RaiseSession(g, Method, func(tx *core.Tx) error {
		if err := work(tx); err != nil {
			return err
		}
		if err := tx.SetFactor(user.ID, Method, true); err != nil || f.AllowOtherSessions {
			return err
		}
		return tx.EndOtherSessions(user.ID, session.ID)
	})
}
