package social

// POST {provider}/ and POST {provider}/connect/: the front end has a token or code of the provider.

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Credentials is the body of POST {provider}/. One of access_token, code and id_token is needed. An ID token comes before the
// access token that was issued with it, and an access token before a code.
type Credentials struct {
	AccessToken  string `json:"access_token" binding:"maxbytes=16384"`
	Code         string `json:"code" binding:"maxbytes=4096"`
	IDToken      string `json:"id_token" binding:"maxbytes=16384"`    // valid once, and for 5 minutes after it was issued
	CodeVerifier string `json:"code_verifier" binding:"maxbytes=128"` // of PKCE (RFC 7636), with a code
	RedirectURI  string `json:"redirect_uri" binding:"maxbytes=2048"` // of the authorization request, with a code; default: the first of Provider.RedirectURLs
	Nonce        string `json:"nonce" binding:"maxbytes=512"`         // that the ID token must have
	FirstName    string `json:"first_name" binding:"max=150"`         // for a new user, if the provider tells the name to the front end alone, as Apple does
	LastName     string `json:"last_name" binding:"max=150"`
}

// Connect is the body of POST {provider}/connect/.
type Connect struct {
	Credentials
	Password string `json:"password" in:"raw,blank" binding:"maxbytes=1024"` // not needed if the login is recent
}

func (f *feature) loginRoutes(s *core.Setup, p *source) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: p.Name, Tag: tag, Fails: notFound(p), SetsCookies: true, Limit: core.LimitFailure, Answers: []any{binding.LoginResponse{}, SignUpRequired{}},
		Doc: "Log in or sign up with an account of " + p.Name + ".",
	}, func(g *gin.Context, in *Credentials) (any, error) { return f.login(g, p, in) })
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: p.Name + "/connect", Tag: tag, Fails: notFound(p), SetsCookies: true, Limit: core.LimitGuess, Access: core.AccessUser, Answers: []any{binding.LoginResponse{}},
		Doc: "Connect an account of " + p.Name + " to the logged-in user.",
	}, func(g *gin.Context, in *Connect) (any, error) { return f.connectRoute(g, p, in) })
}

// login answers POST {provider}/.
func (f *feature) login(g *gin.Context, s *source, in *Credentials) (any, error) {
	p, request, err := f.prove(g, s, in)
	if err != nil {
		return nil, err
	}
	return f.enter(g, p, request)
}

// connectRoute answers POST {provider}/connect/. It needs a recent login, because someone at an unattended session could otherwise
// add a way in that stays. It makes a new session of the same user, which has proven what the previous one had: the account can be
// anyone's.
func (f *feature) connectRoute(g *gin.Context, s *source, in *Connect) (any, error) {
	if s.Development {
		return nil, core.ErrNotFound
	}
	if err := f.core.RequireRecent(g, in.Password); err != nil {
		return nil, err
	}
	p, request, err := f.prove(g, s, &in.Credentials)
	if err != nil {
		return nil, err
	}
	return f.connectProof(g, p, request)
}

// connectProof connects an account to the logged-in user.
func (f *feature) connectProof(g *gin.Context, p *proof, request string) (any, error) {
	user, session := core.User(g), core.Session(g)
	if f.core.Managed(user) {
		return nil, binding.Invalid(binding.NonField, core.ProblemManaged)
	}
	if err := f.adopt(g.Request.Context(), p); err != nil {
		return nil, err
	}
	account, err := f.core.UserByID(g.Request.Context(), user.ID)
	if err != nil {
		return nil, core.NotFoundAs(err, core.ErrAuthenticationFailed)
	}
	out, err := f.core.SignIn(g, core.Flow{
		Account: account, Method: method(p.source), Continues: session, // an account that anyone can add proves nothing about the user
		Work: func(tx *core.Tx) error {
			if err := f.core.AsEnded(g, tx.LockedIn(user.ID, session.ID)); err != nil {
				return err
			}
			if err := f.use(tx, p, request); err != nil {
				return err
			}
			return f.connectTold(g, tx, p, user)
		},
	})
	if errors.Is(err, core.ErrExists) {
		err = problem(CodeConnected)
	}
	return out, f.response(g, p.source, f.core.AsEnded(g, err))
}

// prove verifies what the client sent, and returns the proof and a random text that names the request.
func (f *feature) prove(g *gin.Context, s *source, in *Credentials) (*proof, string, error) {
	if err := s.admits(g.Request); err != nil {
		return nil, "", err
	}
	p, err := f.read(g, s, in)
	if err != nil {
		return nil, "", f.response(g, s, err)
	}
	if p.profile.FirstName == "" && p.profile.LastName == "" {
		p.profile.FirstName, p.profile.LastName = in.FirstName, in.LastName
	}
	id, err := f.random()
	if err != nil {
		return nil, "", err
	}
	return p, id[:32], nil
}

// read decides which of the credentials counts. An ID token comes first: it names the application that it was issued
// to, and an access token does not.
func (f *feature) read(g *gin.Context, s *source, in *Credentials) (*proof, error) {
	ctx := g.Request.Context()
	switch {
	case in.IDToken != "" && in.Code == "" && s.isOIDC(), in.IDToken != "" && in.AccessToken != "" && s.isOIDC():
		return s.byIDToken(ctx, in.IDToken, in.Nonce, in.AccessToken)
	case in.AccessToken != "":
		return s.byAccessToken(ctx, in.AccessToken)
	case in.Code != "":
		redirect := in.RedirectURI
		if redirect == "" && len(s.RedirectURLs) > 0 {
			redirect = s.RedirectURLs[0]
		}
		if !slices.Contains(s.RedirectURLs, redirect) {
			return nil, errRedirects
		}
		return s.byCode(ctx, in.Code, in.CodeVerifier, redirect, in.Nonce)
	}
	return nil, problem(CodeInput)
}
