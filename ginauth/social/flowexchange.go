package social

// The end of a login by redirect: POST socialexchange/, where the front end exchanges its code.

import (
	"crypto/subtle"
	"net/http"

	"github.com/gin-gonic/gin"

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

func (f *feature) exchangeRoute(s *core.Setup) {
	if f.pages == nil {
		return
	}
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "socialexchange", Tag: tag, Access: core.AccessOptional, SetsCookies: true, Limit: core.LimitFailure,
		Fails: []int{http.StatusForbidden}, Answers: []any{binding.LoginResponse{}, binding.Detail{}, SignUpRequired{}},
		Doc: "Exchange the code of a login by redirect.",
	}, f.exchange)
}

// park stores a proof and returns the code for its exchange.
func (f *feature) park(g *gin.Context, fl *flow, p *proof) (string, error) {
	code, row, err := f.newParked(p, arrival{Flow: *fl}, toExchange, codeLasts)
	if err != nil {
		return "", err
	}
	return code, f.core.Tx(g.Request.Context(), func(tx *core.Tx) error { return row.store(tx) })
}

// exchange answers POST socialexchange/. A code is valid once, for a minute, for the front end or browser that began the login, and for
// the session that began it if there was one. A wrong verifier does not use it up: it cannot be guessed.
func (f *feature) exchange(g *gin.Context, in *Exchange) (any, error) {
	p, fl, err := f.arrived(g, in)
	if err != nil {
		return nil, err
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
func (f *feature) arrived(g *gin.Context, in *Exchange) (*proof, *flow, error) {
	p, what, err := f.waiting(f.core.DB(g.Request.Context()), hashOf(toExchange, in.Code))
	if err != nil {
		return nil, nil, err
	}
	if p == nil || p.source.admits(g.Request) != nil || !f.mayExchange(g, &what.Flow, in.CodeVerifier) {
		return nil, nil, problem(CodeCode)
	}
	return p, &what.Flow, nil
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
