// Package inbox shows mails in a browser instead of sending them, for development: the links of mails work in the first minute,
// without a mail server.
//
// Mails open accounts, so the inbox works on this machine alone. It has a port of its own, so that a proxy in front of the application
// does not lead to it, and its pages are 404 for every request for which [social.Local] is false.
package inbox

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
)

//go:embed page.html style.css watch.js
var files embed.FS

var page = template.Must(template.ParseFS(files, "page.html"))

const kept = 100 // mails; older ones are dropped

// Server is an inbox with its listener. It keeps mails in memory and is safe for concurrent use.
type Server struct {
	app    string // URL of the application
	url    string
	server *http.Server

	mu    sync.Mutex
	last  int // the number of the newest mail
	mails []mail
}

type mail struct {
	config.Message
	Number int
	At     time.Time
}

// Start returns an inbox that listens on a free port of 127.0.0.1. app is the URL of the application, which the page links to. Call Close
// at the end.
func Start(app string) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{app: app, url: "http://" + listener.Addr().String() + "/"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.show)
	mux.HandleFunc("GET /mails/{number}", s.show)
	mux.HandleFunc("GET /mails/{number}/html", s.body)
	mux.HandleFunc("GET /last", s.newest)
	mux.HandleFunc("GET /style.css", file("style.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /watch.js", file("watch.js", "text/javascript; charset=utf-8"))
	s.server = &http.Server{Handler: protect(mux), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }() // until Close
	return s, nil
}

// Close ends the listener.
func (s *Server) Close() error { return s.server.Close() }

// URL returns where the inbox is. An application redirects to it.
func (s *Server) URL() string { return s.url }

// Sender returns a mailer that keeps each mail, and then passes it to next, unless that is nil.
func (s *Server) Sender(next config.Mailer) config.Mailer {
	return sender{func(ctx context.Context, m config.Message) error {
		if next != nil {
			if err := next.Send(ctx, m); err != nil {
				return err
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.last++
		s.mails = slices.Insert(s.mails, 0, mail{m, s.last, time.Now()})
		s.mails = s.mails[:min(len(s.mails), kept)]
		return nil
	}}
}

type sender struct{ config.MailerFunc }

// Insecure returns the error that auth.Check reports.
func (sender) Insecure() string {
	return "shows mails on a page: anyone who opens it can confirm addresses, set passwords and log in"
}

// policy lets pages load files of the inbox only. Mails have styles in their HTML, so their frames allow these, and nothing else.
const (
	policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	inMail = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; form-action 'none'; frame-ancestors 'self'; " +
		"sandbox allow-popups allow-popups-to-escape-sandbox"
)

func protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !social.Local(r) {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

func file(name, media string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		text, err := files.ReadFile(name)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", media)
		_, _ = w.Write(text)
	}
}

// find returns all mails, and the one that a request names. Without a number it is the newest one.
func (s *Server) find(r *http.Request) (all []mail, one *mail, err error) {
	s.mu.Lock()
	all = slices.Clone(s.mails)
	s.mu.Unlock()
	number := r.PathValue("number")
	for i := range all {
		if number == "" || strconv.Itoa(all[i].Number) == number {
			return all, &all[i], nil
		}
	}
	if number != "" {
		err = errors.New("there is no such mail")
	}
	return all, nil, err
}

// show writes the list of mails and one of them.
func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	all, one, err := s.find(r)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, map[string]any{"App": s.app, "Mails": all, "One": one, "Chosen": r.PathValue("number") != "", "Text": r.URL.Query().Has("text")})
}

// body writes the HTML of a mail, for a frame. Its links open in new tabs.
func (s *Server) body(w http.ResponseWriter, r *http.Request) {
	_, one, err := s.find(r)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", inMail)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, strings.Replace(one.HTML, "<head>", `<head><base target="_blank">`, 1))
}

// newest writes the number of the newest mail, so that an open page notices a new one.
func (s *Server) newest(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(strconv.Itoa(s.last)))
}
