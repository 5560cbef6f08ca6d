// Package dev is an identity provider for development and tests: a page where you choose one of five users, without a password. Try
// logins by redirect with it before you register your application at a real provider.
//
//	provider, err := dev.Start()
//	...
//	auth, err := ginauth.New(db, cfg, social.Feature(social.Options{
//		Providers: []social.Provider{provider.Provider()},
//		URL:       "http://localhost:8080/auth",
//		Pages:     []string{"http://localhost:8080"},
//	}))
//
// Then open http://localhost:8080/auth/dev/login/.
//
// It works on this machine alone: its pages and the routes of its provider answer 404 to every request for which [social.Local] is false.
// New of ginauth refuses it with an https URL or with TrustedProxies. It never logs in staff, and never connects to an account
// that exists already.
package dev

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
)

// Name is the name of the provider, and in the paths of its routes.
const Name = "dev"

// clientID is that of the application. Its secret is random.
const clientID = "application"

// User is a user of the provider.
type User struct {
	Subject       string // unique; letters, digits and -
	Name          string
	Email         string // may be empty
	EmailVerified bool   // says the provider; the library believes it for no existing account
}

// users are the default ones: the cases that a front end should handle.
func users() []User {
	return []User{
		{"ann", "Ann Archer", "ann@dev.example", true},
		{"bob", "Bob Baker", "bob@dev.example", true},
		{"zoe", "Zoë Śliwa", "zoe@dev.example", true},
		{"dana", "Dana With-an-Unconfirmed-Address", "dana@dev.example", false},
		{"eve", "Eve Without Address", "", false},
	}
}

// Server is the provider. It is an http.Handler and safe for concurrent use. It keeps everything in memory.
type Server struct {
	issuer, path string
	users        []User
	secret       string
	key          *ecdsa.PrivateKey
	server       *http.Server // of Start

	mu    sync.Mutex
	codes map[string]grant
}

// grant is what a code stands for.
type grant struct {
	user                       User
	nonce, challenge, redirect string
	at                         time.Time
}

// New returns a provider that you mount on your router. Behind a proxy on this machine that adds no header, speaks HTTP/1.1 and replaces the
// Host, everyone who reaches the proxy can log in as one of its users: use [Start] instead. at is the URL of its handler: http, and a loopback address. Default users: five with and without
// addresses.
func New(at string, list ...User) (*Server, error) {
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "http" || !social.IsLoopback(u.Hostname()) || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("dev: the URL must be http and of this machine, such as http://localhost:8080/dev-provider")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		list = users()
	}
	return &Server{
		issuer: strings.TrimRight(at, "/"), path: strings.TrimRight(u.Path, "/"), users: list, secret: rand.Text(), key: key, codes: map[string]grant{},
	}, nil
}

// Provider returns the provider for social.Options.
func (s *Server) Provider() social.Provider {
	p := social.OIDC(Name, s.issuer, clientID, config.Secret(s.secret))
	p.Development = true
	return p
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, s.path)
	read, write := r.Method == http.MethodGet, r.Method == http.MethodPost
	switch {
	case !social.Local(r):
		http.NotFound(w, r)
	case read && path == "/.well-known/openid-configuration":
		s.discovery(w)
	case read && path == "/keys":
		s.keys(w)
	case read && path == "/authorize":
		s.authorize(w, r)
	case write && path == "/token":
		s.token(w, r)
	default:
		http.NotFound(w, r)
	}
}

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))
