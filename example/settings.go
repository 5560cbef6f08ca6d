package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/example/inbox"
	"github.com/ginauth/gin-rest-auth/ginauth/social/dev"
)

// settings are the settings of the example. Those about accounts end up in config.Config.
type settings struct {
	addr, publicURL              string
	databaseURL, replicaURL      string
	secret                       string
	loginMethods, hash           string
	proxies, networks, limitsURL string
	modes                        string
	delay, shutdown, audit       time.Duration
	leaving                      atomic.Bool // from SIGTERM until the end
	jwt                          jwtSettings
	mail                         mailSettings
	readOnly                     bool // create no secret
	operatorFactor               bool // operators need a second factor
	dev                          bool // offer logins by the provider for development, and the inbox
	provider                     *dev.Server
	inbox                        *inbox.Server
}

// parse reads the flags, whose defaults come from the environment.
func (s *settings) parse(name string, args []string, env func(string) string, stderr io.Writer, more func(*flag.FlagSet)) error {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	text := func(target *string, variable, fallback, usage string) {
		name := strings.ReplaceAll(strings.ToLower(variable), "_", "-")
		flags.StringVar(target, name, cmp.Or(env(variable), fallback), usage+" ["+variable+"]")
	}
	text(&s.addr, "ADDR", "127.0.0.1:8080", "`address` to listen on")
	text(&s.publicURL, "PUBLIC_URL", "", "`URL` of the server for browsers; https:// makes cookies Secure")
	text(&s.loginMethods, "AUTH_LOGIN_METHODS", "username,email", "`list` of what users log in with: username, email")
	text(&s.modes, "AUTH_MODES", "session,token", "`list` of what a login returns: session, token, jwt")
	s.jwt.flags(text)
	text(&s.hash, "AUTH_HASH", "argon2id", "`algorithm` for new passwords: argon2id, bcrypt or scrypt")
	text(&s.proxies, "TRUSTED_PROXIES", "", "`list` of addresses or CIDR ranges of reverse proxies")
	text(&s.networks, "TRUSTED_NETWORKS", "", "`list` of addresses or CIDR ranges without limits by network, such as servers that render pages")
	hidden := func(target *string, variable, fallback, usage string) { // -h must not print the value
		*target = cmp.Or(env(variable), fallback)
		name := strings.ReplaceAll(strings.ToLower(variable), "_", "-")
		flags.Func(name, usage+" ["+variable+"]", func(v string) error { *target = v; return nil })
	}
	hidden(&s.databaseURL, "DATABASE_URL", "sqlite:example.db",
		"`URL`: sqlite:PATH, postgres://... or mysql://USER:PASS@HOST:PORT/DB (default sqlite:example.db)")
	hidden(&s.replicaURL, "DATABASE_REPLICA_URL", "", "`URL` of a read replica, from which the lists are read; logins are read from DATABASE_URL")
	s.mail.flags(text, hidden)
	hidden(&s.limitsURL, "LIMITS_URL", "", "`URL` of a Redis where limits count, redis://... or rediss://..., with ?addr=HOST:PORT for each other node of a cluster; the default is the database")
	hidden(&s.secret, "AUTH_SECRET", "", "`secret` of at least 32 bytes; the default is the secret in a file, which the first start creates")
	wait, keep, delay := "10s", "2160h", "0s"
	text(&keep, "AUDIT_KEEP", keep, "`duration` that events of the audit trail are kept; 0s for no trail")
	text(&wait, "SHUTDOWN_TIMEOUT", wait, "`duration` that requests and mails in flight have at shutdown")
	text(&delay, "SHUTDOWN_DELAY", delay, "`duration` before that, in which /readyz responds with 503 and requests are still served, so that load balancers notice")
	var factor string
	text(&factor, "OPERATOR_FACTOR", "", "`true|false`: whether superusers and staff need a second factor (default true, and false with -dev)")
	withDev := env("DEV")
	flags.BoolFunc("dev", "offer logins without passwords, and show mails in a browser; the default is true if only this machine reaches the server [DEV]",
		func(v string) error { withDev = v; return nil })
	if more != nil {
		more(flags)
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	if s.shutdown, err = time.ParseDuration(wait); err != nil {
		return fmt.Errorf("SHUTDOWN_TIMEOUT: %w", err)
	}
	if s.delay, err = time.ParseDuration(delay); err != nil {
		return fmt.Errorf("SHUTDOWN_DELAY: %w", err)
	}
	if s.audit, err = time.ParseDuration(keep); err != nil {
		return fmt.Errorf("AUDIT_KEEP: %w", err)
	}
	if u, err := url.Parse(s.publicURL); err == nil && u.Host != "" { // accepts "HTTPS://App..."
		u.Host = strings.ToLower(u.Host)
		s.publicURL = u.String()
	}
	if err := s.setDev(withDev); err != nil {
		return fmt.Errorf("DEV: %q is neither true nor false", withDev)
	}
	if s.operatorFactor, err = strconv.ParseBool(cmp.Or(factor, strconv.FormatBool(!s.dev))); err != nil {
		return fmt.Errorf("OPERATOR_FACTOR: %q is neither true nor false", factor)
	}
	if factor != "" && s.operatorFactor && s.mail.url == "" && !s.dev {
		return errors.New("OPERATOR_FACTOR: operators set up a factor with a mailed code, so set MAIL_URL")
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; commands come first: example help lists them", flags.Arg(0))
	}
	return nil
}

// config returns the library's configuration, or an error that lists all invalid settings. console is where log: prints
// mails.
func (s *settings) config(console io.Writer) (config.Config, error) {
	secret, noSecret := s.loadSecret()
	jwt, noJWT := s.jwt.config()
	limits, noLimits := s.limits()
	cfg := config.Config{
		JWT:            jwt,
		Secret:         secret,
		Hash:           config.Hash{Algorithm: s.hash},
		TrustedProxies: split(s.proxies),
		Limits:         limits,
		Audit:          config.Audit{Keep: s.audit, ShowToUsers: s.audit > 0},
		Export:         config.Export{Enabled: true, Data: exportItems},
		Hooks:          config.Hooks{BeforeDelete: deleteItems},
		// The front end offers to set a password to users who have none.
		ShowHasPassword: true,
		Views:           config.Views{config.UserView(profileOf)},
		// The example serves plain http. Behind a proxy that serves https, set PUBLIC_URL: cookies are then Secure and
		// their names begin with __Host-.
		Cookie: config.Cookie{InsecureHTTP: !strings.HasPrefix(s.publicURL, "https://")},
	}
	for _, m := range split(s.loginMethods) {
		cfg.LoginMethods = append(cfg.LoginMethods, config.LoginMethod(m))
	}
	for _, m := range split(s.modes) {
		cfg.Login = append(cfg.Login, config.Credential(m))
	}
	if slices.Contains(cfg.Login, config.OpaqueToken) {
		cfg.Token.Scopes = []string{readList, writeList}
	}
	cfg.Mail.ShutdownTimeout = max(s.shutdown*3/4, time.Millisecond) // the rest is for recording which mails were not sent
	noOrigin := trust(&cfg, "PUBLIC_URL", s.publicURL)
	noMail := s.mail.apply(&cfg, s.public(), console)
	if s.inbox != nil {
		cfg.Mail.Sender = s.inbox.Sender(cfg.Mail.Sender)
	}
	return cfg, errors.Join(noSecret, noJWT, noLimits, noOrigin, noMail)
}

// trust adds the origin of a URL to the trusted origins, unless the URL is empty.
func trust(cfg *config.Config, variable, at string) error {
	if at == "" {
		return nil
	}
	u, err := url.Parse(at)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%s: %q is not a URL like https://app.example.com", variable, at)
	}
	cfg.TrustedOrigins = append(cfg.TrustedOrigins, u.Scheme+"://"+strings.ToLower(u.Host)) // as browsers send it
	return nil
}

// loadSecret returns AUTH_SECRET, or the secret in the file next to the SQLite database
// or, for other databases, in the working directory. The first start creates the file,
// unless s is read-only.
func (s *settings) loadSecret() (config.Secret, error) {
	if s.secret != "" {
		return config.Secret(s.secret), nil
	}
	path := "example.secret"
	if file, ok := strings.CutPrefix(s.databaseURL, "sqlite:"); ok {
		path = file + ".secret"
	}
	if s.readOnly {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("AUTH_SECRET is not set, and there is no %s yet", path)
		}
	}
	secret, err := config.SecretFile(path)
	if err != nil {
		return "", fmt.Errorf("AUTH_SECRET is not set, and the secret next to the database of DATABASE_URL does not work: %w", err)
	}
	return secret, nil
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
