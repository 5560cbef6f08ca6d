package main

// aarondl/authboss, a system to compare with.

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/aarondl/authboss/v3"
	_ "github.com/aarondl/authboss/v3/auth" // the login
	"github.com/aarondl/authboss/v3/defaults"
	_ "github.com/aarondl/authboss/v3/logout" // and the logout
	"github.com/gin-gonic/gin"
	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
	"gorm.io/gorm"
)

// newAuthboss sets authboss up as in its sample: the session in gorilla's cookie store, users from a storer, here by GORM.
func newAuthboss(db *gorm.DB) (*system, error) {
	ab := authboss.New()
	ab.Config.Paths.Mount, ab.Config.Paths.RootURL = "/authboss", "http://localhost"
	ab.Config.Modules.LogoutMethod = http.MethodPost
	ab.Config.Core.ViewRenderer = defaults.JSONRenderer{}
	defaults.SetCore(&ab.Config, true, true)
	ab.Config.Core.Logger = defaults.NewLogger(io.Discard)
	ab.Config.Core.Hasher = cheapHasher{}
	ab.Config.Storage.Server = storer{db}
	ab.Config.Storage.SessionState = sessionStorer{sessions.NewCookieStore([]byte("a key that only the benchmark has"))}
	if err := ab.Init(); err != nil {
		return nil, err
	}
	router := gin.New()
	router.POST("/authboss/*path", gin.WrapH(http.StripPrefix("/authboss", ab.Config.Core.Router)))
	router.GET("/me", adapt(authboss.Middleware2(ab, authboss.RequireNone, authboss.RespondUnauthorized)), func(c *gin.Context) {
		user := c.Request.Context().Value(authboss.CTXKeyUser).(*account)
		answer(c, user.Username, user.Email)
	})
	return &system{
		name: "authboss", loadsUser: true, handler: ab.LoadClientStateMiddleware(router),
		loginPath: "/authboss/login", logoutPath: "/authboss/logout", loginBody: namePassword, credential: cookies,
	}, nil
}

// cheapHasher is an authboss.Hasher with the hash of all systems.
type cheapHasher struct{}

func (cheapHasher) CompareHashAndPassword(hash, password string) error {
	if !matches(context.Background(), hash, password) {
		return errWrongPassword
	}
	return nil
}

func (cheapHasher) GenerateHash(password string) (string, error) {
	return hasher.Hash(context.Background(), password)
}

// An account is an authboss.AuthableUser.

func (a *account) GetPID() string            { return a.Username }
func (a *account) PutPID(pid string)         { a.Username = pid }
func (a *account) GetPassword() string       { return a.Password }
func (a *account) PutPassword(hashed string) { a.Password = hashed }

// storer is an authboss.ServerStorer.
type storer struct{ db *gorm.DB }

func (s storer) Load(ctx context.Context, username string) (authboss.User, error) {
	var a account
	err := s.db.WithContext(ctx).First(&a, "username = ?", username).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, authboss.ErrUserNotFound
	}
	return &a, err
}

func (s storer) Save(ctx context.Context, user authboss.User) error {
	return s.db.WithContext(ctx).Save(user).Error
}

// sessionStorer is an authboss.ClientStateReadWriter, written like the one in authboss-clientstate.
type sessionStorer struct{ store *sessions.CookieStore }

type sessionState struct{ *sessions.Session }

// Get implements authboss.ClientState.
func (s sessionState) Get(key string) (string, bool) {
	value, ok := s.Values[key].(string)
	return value, ok
}

func (s sessionStorer) ReadState(r *http.Request) (authboss.ClientState, error) {
	session, err := s.store.Get(r, "ab")
	if bad, ok := errors.AsType[securecookie.Error](err); err != nil && !(ok && bad.IsDecode()) {
		return nil, err
	}
	return sessionState{session}, nil
}

func (s sessionStorer) WriteState(w http.ResponseWriter, state authboss.ClientState, events []authboss.ClientStateEvent) error {
	session := state.(sessionState).Session
	for _, e := range events {
		switch e.Kind {
		case authboss.ClientStateEventPut:
			session.Values[e.Key] = e.Value
		case authboss.ClientStateEventDel:
			delete(session.Values, e.Key)
		case authboss.ClientStateEventDelAll:
			clear(session.Values)
		}
	}
	return s.store.Save(nil, w, session)
}
