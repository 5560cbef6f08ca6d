package mailer

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
)

// errURL replaces errors of package url, which repeat the URL and with it the password.
var errURL = errors.New("mailer: the URL is invalid; its form is smtp://USER:PASS@HOST:PORT?tls=starttls, " +
	"where USER and PASS are percent-encoded: %40 for @, %3A for :, %2F for /, %3F for ?, %23 for #, %25 for %")

// Open returns the mailer that a URL describes; the package documentation lists the forms. Mails of "log:" go
// to console. Open does not connect or write anything. Errors never contain the user or the password.
func Open(rawURL string, console io.Writer) (config.Mailer, error) {
	if path, ok := strings.CutPrefix(rawURL, "dir:"); ok {
		if path == "" {
			return nil, errors.New("mailer: the path is missing; the form is dir:/var/tmp/mails")
		}
		return Dir(path), nil
	}
	if rawURL == "log:" {
		if console == nil {
			return nil, errors.New("mailer: log: needs a console to write to")
		}
		return InsecureLog(console), nil
	}
	scheme, _, _ := strings.Cut(rawURL, "://")
	if scheme = strings.ToLower(scheme); scheme != "smtp" && scheme != "smtps" {
		return nil, errors.New("mailer: the URL must be smtp://..., smtps://..., dir:PATH or log: with nothing after it")
	}
	s, err := openSMTP(rawURL)
	if err != nil {
		return nil, err
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return s, nil
}

func openSMTP(rawURL string) (SMTP, error) {
	u, err := url.Parse(rawURL)
	if err != nil || strings.Contains(u.Path+u.RawQuery+u.Fragment, "@") { // an unencoded "/", "?" or "#" in the password moves the "@" there
		return SMTP{}, errURL
	}
	if strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return SMTP{}, errors.New("mailer: the URL must have nothing but ?parameters after host and port")
	}
	s := SMTP{Host: u.Hostname(), Username: u.User.Username()}
	password, _ := u.User.Password()
	s.Password = config.Secret(password)
	if port := u.Port(); port != "" {
		if s.Port, err = strconv.Atoi(port); err != nil || s.Port == 0 {
			s.Port = -1 // Validate reports it
		}
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return SMTP{}, errors.New("mailer: after the ? there must be parameters like tls=starttls&timeout=10s")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if err := s.set(name, query[name]); err != nil {
			return SMTP{}, err
		}
	}
	if u.Scheme == "smtps" {
		if s.TLS != "" && s.TLS != TLSImplicit {
			return SMTP{}, errors.New("mailer: tls contradicts smtps://, which means tls=implicit; use smtp:// or remove tls")
		}
		s.TLS = TLSImplicit
	}
	return s, nil
}

// set applies a parameter of the URL. Errors do not repeat its value, which may be a password in the wrong
// place.
func (s *SMTP) set(name string, values []string) error {
	if len(values) != 1 || values[0] == "" {
		return fmt.Errorf("mailer: give parameter %.40q once and with a value, or remove it", name)
	}
	switch name {
	case "tls":
		s.TLS = TLSMode(values[0])
	case "helo":
		s.Helo = values[0]
	case "timeout":
		d, err := time.ParseDuration(values[0])
		if err != nil || d <= 0 {
			return errors.New("mailer: timeout must be a positive duration such as 10s or 1m30s")
		}
		s.Timeout = d
	default:
		return fmt.Errorf("mailer: unknown parameter %.40q; the parameters are tls, timeout and helo", name)
	}
	return nil
}
