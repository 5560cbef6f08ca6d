package tokens

// Refreshes: the next pair for a refresh token, and the reuse of an old one.

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// ErrInvalid is for a token that is not accepted.
var ErrInvalid = &binding.Error{Status: http.StatusUnauthorized, Code: binding.CodeInvalidToken}

// ErrReused is the reason of ErrInvalid for a refresh token that was replaced before. Its session has ended.
var ErrReused = errors.New("ginauth: a refresh token was used again")

// Refresher finds the sessions of refresh tokens, and exchanges them.
type Refresher struct {
	*Issuer
	Store *store.Store
	Now   func() time.Time // rounded as the database stores it
}

// Refreshable is the session of a refresh token, with its user, and the generation of the token.
type Refreshable struct {
	Session    *models.Session
	Account    models.Account
	generation int64
}

// Accept returns an error for a session that is no longer valid, or whose user must not continue.
type Accept func(*models.Session, models.Account) error

// find returns the session of a refresh token that this server once issued, or ErrInvalid for any other text.
func (r Refresher) find(ctx context.Context, token string) (f Refreshable, err error) {
	id, generation, ok := parseRefresh(token)
	if !ok {
		return f, ErrInvalid
	}
	f.generation = generation
	if err := r.read(ctx, &f, id); err != nil {
		return f, err
	}
	if !r.made(token, f.Session, generation) {
		return f, ErrInvalid
	}
	return f, nil
}

// SessionsNamed returns the sessions that tokens name, including tokens in the cookies of a request, expired or not.
func (r Refresher) SessionsNamed(req *http.Request, access, refresh []string) (ids []string, err error) {
	ofAccess, ofRefresh := r.Cookies(req)
	for _, token := range append(access, ofAccess...) {
		if id := r.sessionNamed(token); id != "" {
			ids = append(ids, id)
		}
	}
	for _, token := range append(refresh, ofRefresh...) {
		found, err := r.find(req.Context(), token)
		if errors.Is(err, ErrInvalid) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, found.Session.ID)
	}
	return ids, nil
}

// Current returns the session of a refresh token that is its current one, expired or not, or store.ErrNotFound.
func (r Refresher) Current(ctx context.Context, token string) (*models.Session, models.Account, error) {
	f, err := r.find(ctx, token)
	if errors.Is(err, ErrInvalid) || err == nil && !r.isCurrent(f.Session, f.generation, r.Now()) {
		err = store.ErrNotFound
	}
	return f.Session, f.Account, err
}

// read reads the current state of the session.
func (r Refresher) read(ctx context.Context, f *Refreshable, id string) (err error) {
	f.Session, f.Account, err = r.Store.SessionByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return ErrInvalid
	}
	return err
}

// open is find for tokens that are exchanged or verified. It returns ErrInvalid for an expired one.
func (r Refresher) open(ctx context.Context, token string, accept Accept) (f Refreshable, err error) {
	if f, err = r.find(ctx, token); err != nil {
		return f, err
	}
	if err = accept(f.Session, f.Account); err == nil && !r.Now().Before(r.refreshEnd(f.Session).Add(r.cfg.JWT.Leeway)) {
		err = ErrInvalid
	}
	return f, err
}

// Verify returns nil for a refresh token that Exchange would accept now.
func (r Refresher) Verify(ctx context.Context, token string, accept Accept) error {
	f, err := r.open(ctx, token, accept)
	if err == nil && !r.isCurrent(f.Session, f.generation, r.Now()) {
		err = ErrInvalid
	}
	return err
}

// Exchange returns the next pair for a refresh token, and its session.
//
// One conditional update decides: the current token becomes the next one. Within the grace after that, the token before it
// and the current one both get the current one, so that parallel requests, a second tab and a lost response log no client
// out. An older token means that someone else has a copy: its session ends, and the error has the reason ErrReused (RFC
// 9700, section 4.14; T124 to T126).
func (r Refresher) Exchange(ctx context.Context, token string, accept Accept) (*Pair, Refreshable, error) {
	now := r.Now()
	f, err := r.open(ctx, token, accept)
	if err != nil {
		return nil, f, err
	}
	if f.generation == f.Session.RefreshGeneration && !r.inGrace(f.Session, now) && f.Session.Credential != config.AskFixedJWT {
		p, won, err := r.rotate(ctx, f, now)
		if err != nil || won {
			return p, f, err
		}
		if err := r.read(ctx, &f, f.Session.ID); err != nil { // the other request has changed it
			return nil, f, err
		}
	}
	if !r.isCurrent(f.Session, f.generation, now) {
		if err := r.Store.EndSessionByID(ctx, f.Session.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, f, err
		}
		return nil, f, ErrInvalid.Because(ErrReused)
	}
	p, err := r.Issue(ctx, r.Now(), f.Account, f.Session)
	return p, f, err
}

// rotate makes the next refresh token of a session the current one. It reports false if
// another request did so first.
func (r Refresher) rotate(ctx context.Context, f Refreshable, now time.Time) (*Pair, bool, error) {
	next := *f.Session
	next.RefreshGeneration, next.RefreshedAt = next.RefreshGeneration+1, &now
	p, err := r.Issue(ctx, r.Now(), f.Account, &next) // before the current token is replaced, because this may fail
	if err != nil {
		return nil, false, err
	}
	won, err := r.Store.Rotate(ctx, next.ID, f.Session.RefreshGeneration, now)
	return p, won, err
}
