package social

// The end of a login by redirect: POST socialexchange/, where the front end exchanges its code.

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Exchange is the body of POST socialexchange/.
type Exchange struct {
	Code string `json:"code" binding:"required,maxbytes=128"`
	// CodeVerifier is the verifier of the code_challenge. Without a challenge, the cookie of the browser that began the login
	// takes its place.
	CodeVerifier string `json:"code_verifier" binding:"maxbytes=128"`
}

// arrival is the content of parked.Sealed.
type arrival struct {
	Flow    flow         `json:"flow"`
	Profile Profile      `json:"profile"`
	Tokens  *oauth2Token `json:"tokens,omitempty"` // only with Options.StoreTokens
}

type oauth2Token struct {
	Access, Refresh string
	Expiry          time.Time
}

func (f *feature) exchangeRoute(s *core.Setup) {
	if f.pages == nil {
		return
	}
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "socialexchange", Tag: tag, Access: core.AccessOptional, SetsCookies: true, Limit: core.LimitFailure,
		Fails: []int{http.StatusForbidden}, Answers: []any{binding.LoginResponse{}, binding.Detail{}},
		Doc: "Exchange the code of a login by redirect.",
	}, f.exchange)
}

// park stores a proof and returns the code for its exchange.
func (f *feature) park(g *gin.Context, fl *flow, p *proof) (string, error) {
	code, err := f.random()
	if err != nil {
		return "", err
	}
	what := arrival{Flow: *fl, Profile: p.profile}
	what.Flow.Secret = ""
	what.Profile.Raw = json.RawMessage(profileJSON(p.profile.Raw))
	if f.options.StoreTokens && p.tokens != nil {
		what.Tokens = &oauth2Token{p.tokens.AccessToken, p.tokens.RefreshToken, p.tokens.Expiry}
	}
	value, err := json.Marshal(what)
	if err != nil {
		return "", core.ErrInternal.Because(err)
	}
	row := parked{Hash: challengeOf("code " + code), ExpiresAt: f.core.Now().Add(codeLasts)}
	if row.Sealed, err = f.flowKeys.Seal(value, row.Hash); err != nil {
		return "", err
	}
	return code, f.core.Tx(g.Request.Context(), func(tx *core.Tx) error { return tx.Create(&row).Error })
}

// exchange answers POST socialexchange/. A code is valid once, for a minute, for the front end or browser that began the login, and for
// the session that began it if there was one. A wrong verifier does not use it up: it cannot be guessed.
func (f *feature) exchange(g *gin.Context, in *Exchange) (any, error) {
	what, err := f.arrived(g, in)
	if err != nil {
		return nil, err
	}
	fl, s := &what.Flow, f.sources[what.Flow.Provider]
	p := &proof{source: s, profile: what.Profile, code: challengeOf("code " + in.Code)}
	if t := what.Tokens; t != nil {
		p.tokens = &oauth2.Token{AccessToken: t.Access, RefreshToken: t.Refresh, Expiry: t.Expiry}
	}
	if fl.Process == toLogIn {
		if err := f.onlyAs(g, p); err != nil {
			return nil, err
		}
		return f.enter(g, p, "")
	}
	id, err := f.core.CurrentIdentity(g)
	if err != nil {
		return nil, err
	}
	if id == nil || id.Session == nil || id.Session.ID != fl.Session || id.Account.Base().ID != fl.UserID {
		return nil, errOtherUser
	}
	if fl.Process == toConnect {
		return f.connectProof(g, p, "")
	}
	return f.reauthenticate(g, p)
}

// arrived returns what waits for a code, if the client has the verifier. All failures are one.
func (f *feature) arrived(g *gin.Context, in *Exchange) (*arrival, error) {
	wrong := problem(CodeCode)
	var row parked
	hash := challengeOf("code " + in.Code)
	r := f.core.DB(g.Request.Context()).Where("hash = ? AND expires_at > ?", hash, f.core.Now()).Limit(1).Find(&row)
	if r.Error != nil {
		return nil, r.Error
	}
	value, err := f.flowKeys.Open(row.Sealed, hash)
	what := &arrival{}
	if err != nil || json.Unmarshal(value, what) != nil {
		return nil, wrong
	}
	s := f.sources[what.Flow.Provider]
	if s == nil || s.admits(g.Request) != nil || !f.mayExchange(g, &what.Flow, in.CodeVerifier) {
		return nil, wrong
	}
	return what, nil
}

// mayExchange reports whether the client began the flow: it has the verifier, or the cookie if there was no challenge.
func (f *feature) mayExchange(g *gin.Context, fl *flow, verifier string) bool {
	is := func(verifier string) bool {
		return subtle.ConstantTimeCompare([]byte(challengeOf(verifier)), []byte(fl.Challenge)) == 1
	}
	if verifier != "" {
		return is(verifier)
	}
	for _, cookie := range f.flowCookies(g.Request) {
		if began := f.openFlow(cookie.Value, cookie.Name, fl.Provider); began != nil && is(began.browser()) {
			f.setFlowCookie(g, f.sources[fl.Provider].FormPost, cookie.Name, "")
			return true
		}
	}
	return false
}

// reauthenticate makes the session recent, if the account at the provider is one of the user's.
func (f *feature) reauthenticate(g *gin.Context, p *proof) (any, error) {
	user, session := core.User(g), core.Session(g)
	err := f.core.Tx(g.Request.Context(), func(tx *core.Tx) error {
		if err := f.core.AsEnded(g, tx.LockedIn(user.ID, session.ID)); err != nil {
			return err
		}
		known, err := find(tx.DB, p.source.Name, p.profile.Subject)
		if err != nil {
			return err
		}
		if known == nil || known.UserID != user.ID {
			return problem(CodeOtherAccount)
		}
		return f.use(tx, p, "")
	})
	if err == nil {
		err = f.core.MarkProven(g, method(p.source))
	}
	if err != nil {
		return nil, f.response(g, p.source, err)
	}
	return binding.Detail{Detail: f.core.Say(g, "done.reauthenticated", nil)}, nil
}

// onlyAs makes a proof valid for the logged-in user alone, if there is one.
func (f *feature) onlyAs(g *gin.Context, p *proof) error {
	id, err := f.core.CurrentIdentity(g)
	if err == nil && id != nil {
		p.only = id.Account.Base().ID
	}
	return err
}
