package dbtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-contrib/sessions/memstore"
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// readableStore is a store whose contents an attacker can read.
type readableStore struct {
	ginsessions.Store
	mu   sync.Mutex
	held map[string]bool // IDs and values
}

func (s *readableStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

func (s *readableStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	err := s.Store.Save(r, w, session)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[session.ID] = true
	for _, value := range session.Values {
		s.held[fmt.Sprint(value)] = true
	}
	return err
}

// storesHoldNoCredential: neither the data of a session store nor the data of the table works as a token or a cookie.
func storesHoldNoCredential(c *Case) {
	for _, inner := range []ginsessions.Store{memstore.NewStore([]byte(checkedSecret)), cookie.NewStore([]byte(checkedSecret))} {
		store := &readableStore{Store: inner, held: map[string]bool{}}
		c.Start(withTokens, func(cfg *config.Config) {
			cfg.Login = append(cfg.Login, config.SessionCookie)
			cfg.SessionStore = store
		})
		ann := c.SignedUp("ann")
		ann.Get("/auth/user/").Want(200)
		key := c.tokenOf("ann")
		c.byToken(key).Get("/auth/user/").Want(200)
		c.byToken(c.personal(ann, obj{"name": "backup"}).Key).Get("/auth/user/").Want(200)
		ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
		ann.Get("/auth/user/").Want(200)
		var rows []models.Session
		if err := c.DB.Find(&rows).Error; err != nil {
			c.Fatal(err)
		}
		for _, row := range rows {
			store.held[row.KeyHash], store.held[row.ID] = true, true
		}
		if delete(store.held, ""); len(store.held) < 4 {
			c.Fatalf("the store holds %v", store.held)
		}
		for held := range maps.Keys(store.held) {
			for _, token := range []string{held, secret.Format("gat", held)} {
				c.byToken(token).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
			}
			c.Client().Do("GET", "/auth/user/", nil, "Cookie", "__Host-session="+held).Want(401)
		}
	}
}

// limitedStore is a store that cannot keep every value. Redis has a limit, and other errors than the cookie store.
type limitedStore struct {
	ginsessions.Store
	saves int
}

func (s *limitedStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

func (s *limitedStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	s.saves++
	size := 0
	for _, value := range session.Values {
		size += len(fmt.Sprint(value))
	}
	if size > 1000 {
		return errors.New("the value to store is too big")
	}
	return s.Store.Save(r, w, session)
}

// storeThatRefusesValuesDoesNotBlockLogin: if the store cannot save the application's values, logins and password
// changes drop them, whatever the error is.
func storeThatRefusesValuesDoesNotBlockLogin(c *Case) {
	store := &limitedStore{Store: memstore.NewStore([]byte(checkedSecret))}
	c.Start(func(cfg *config.Config) { cfg.SessionStore = store })
	c.Router.POST("/cart", c.Auth.Sessions(), func(g *gin.Context) {
		s := ginsessions.Default(g)
		s.Set("cart", strings.Repeat("x", 980))
		if s.Save() != nil {
			g.Status(500)
		}
	})
	c.SignedUp("ann")
	browser := c.Client()
	browser.Post("/cart", nil).Want(200)
	browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
	browser.Get("/auth/user/").Want(200)
	if log := c.Log.String(); !strings.Contains(log, "application's values") || !strings.Contains(log, "too big") {
		c.Errorf("logged: %s", log)
	}
	store.saves = 0
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200)
	if store.saves != 1 {
		c.Errorf("%d saves without values", store.saves)
	}
}

// undecodableStore cannot read the values of one session, as after a deployment that removed their type.
type undecodableStore struct {
	ginsessions.Store
	err error
}

func (s *undecodableStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

func (s *undecodableStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session, err := s.Store.New(r, name)
	if !session.IsNew && s.err != nil {
		session.Values, err = map[any]any{}, s.err
	}
	return session, err
}

// storeThatCannotReadValuesDoesNotBlockLogin: values that cannot be decoded are not a failure of the store.
func storeThatCannotReadValuesDoesNotBlockLogin(c *Case) {
	store := &undecodableStore{Store: memstore.NewStore([]byte(checkedSecret))}
	c.Start(func(cfg *config.Config) { cfg.SessionStore = store })
	c.SignedUp("ann")
	for _, err := range []error{errors.New(`gob: name not registered for interface: "main.cart"`), &json.SyntaxError{Offset: 3}} {
		browser := c.LoggedIn("ann")
		store.err = err
		browser.Get("/auth/user/").WantCode(401, binding.CodeNotAuthenticated)
		browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
		store.err = nil
		browser.Get("/auth/user/").Want(200)
	}
}

// ownCookieStore sets its own cookie and ignores the library's options.
type ownCookieStore struct{ ginsessions.Store }

func (s ownCookieStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

func (s ownCookieStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	session.Options = &sessions.Options{MaxAge: 7, Domain: "example.com"}
	return s.Store.Save(r, w, session)
}

// cookieAttributesCannotBeOverridden: neither the application nor the store changes the attributes of the login cookie.
func cookieAttributesCannotBeOverridden(c *Case) {
	const set = "__Host-session / [] 1209600 true Lax"
	for _, inner := range []config.SessionStore{nil, ownCookieStore{memstore.NewStore([]byte(checkedSecret))}} {
		c.Start(func(cfg *config.Config) { cfg.SessionStore = inner })
		options := ginsessions.Options{}
		c.Router.POST("/cart", c.Auth.Sessions(), func(g *gin.Context) {
			s := ginsessions.Default(g)
			s.Set("cart", "tea")
			s.Options(options)
			if err := s.Save(); err != nil {
				g.String(500, err.Error())
			}
		})
		ann := c.SignedUp("ann")
		c.wantCookies(ann.Post("/auth/login/", authtest.Login("ann")), set)
		for _, options = range []ginsessions.Options{
			{Path: "/", MaxAge: 60}, {}, {Path: "/cart", Domain: "example.com", SameSite: http.SameSiteNoneMode},
		} {
			c.wantCookies(ann.Post("/cart", nil), set)
			ann.Get("/auth/user/").Want(200)
		}
		options = ginsessions.Options{MaxAge: -1} // gin-contrib's way to end a session
		c.wantCookies(ann.Post("/cart", nil), strings.Replace(set, "1209600", "-1", 1))
		if len(ann.Cookies) != 0 {
			c.Errorf("left: %q", slices.Collect(maps.Keys(ann.Cookies)))
		}
	}
}
