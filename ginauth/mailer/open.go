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

// errURL stands for whatever is wrong with the form of a URL. That of package url repeats
// the URL, and with it the password.
var errURL = errors.New("mailer: the URL cannot be read; it is smtp://USER:PASS@HOST:PORT?tls=starttls, " +
	"where USER and PASS are percent-encoded: %40 for @, %3A for :, %2F for /, %3F for ?, %23 for #, %25 for %")

// Open chooses a mailer by its URL; the package comment has the forms. Mails of "log:" go
// to console. Nothing is connected or written yet. Errors never repeat user or password.
func Open(rawURL string, console io.Writer) (config.Mailer, error) {
	if path, ok := strings.CutPrefix(rawURL, "dir:"); ok {
		if path == "" {
			return nil, errors.New("mailer: a path is missing, as in dir:/var/tmp/mails")
		}
		return Dir(path), nil
	}
	if rawURL == "log:" {
		if console == nil {
			return nil, errors.New("mailer: for log: there must be a console to write to")
		}
		return InsecureLog(console), nil
	}
	scheme, _, _ := strings.Cut(rawURL, "://")
	if scheme = strings.ToLower(scheme); scheme != "smtp" && scheme != "smtps" {
		return nil, errors.New("mailer: the URL must be one of smtp://..., smtps://..., dir:PATH and log: without more")
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
	if err != nil || strings.Contains(u.Path+u.RawQuery+u.Fragment, "@") { // a password with one of "/?#" ends up there
		return SMTP{}, errURL
	}
	if strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return SMTP{}, errors.New("mailer: the URL must have nothing but ?parameters behind host and port")
	}
	s := SMTP{Host: u.Hostname(), Username: u.User.Username()}
	password, _ := u.User.Password()
	s.Password = config.Secret(password)
	if port := u.Port(); port != "" {
		if s.Port, err = strconv.Atoi(port); err != nil || s.Port == 0 {
			s.Port = -1 // check says it
		}
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return SMTP{}, errors.New("mailer: what is behind the ? must be parameters like tls=starttls&timeout=10s")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if err := s.set(name, query[name]); err != nil {
			return SMTP{}, err
		}
	}
	if u.Scheme == "smtps" {
		if s.TLS != "" && s.TLS != TLSImplicit {
			return SMTP{}, errors.New("mailer: tls contradicts smtps://, which is tls=implicit; take smtp:// or leave tls out")
		}
		s.TLS = TLSImplicit
	}
	return s, nil
}

// set takes a parameter of the URL. Values are not repeated: one may have been put into
// the wrong place.
func (s *SMTP) set(name string, values []string) error {
	if len(values) != 1 || values[0] == "" {
		return fmt.Errorf("mailer: parameter %.40q must be there once, with a value, or not at all", name)
	}
	switch name {
	case "tls":
		s.TLS = TLSMode(values[0])
	case "helo":
		s.Helo = values[0]
	case "timeout":
		d, err := time.ParseDuration(values[0])
		if err != nil || d <= 0 {
			return errors.New("mailer: timeout must be a positive duration, as 10s or 1m30s")
		}
		s.Timeout = d
	default:
		return fmt.Errorf("mailer: there is no parameter %.40q; take it out, or one of tls, timeout and helo", name)
	}
	return nil
}
