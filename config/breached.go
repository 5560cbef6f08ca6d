package config

// NotBreached: the password rule that asks for passwords in data breaches.

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// NotBreached rejects passwords that were found in data breaches. It asks the range API of Have I Been Pwned, or a server
// with the same API. It is not one of the default rules, because it calls another server. Add it like this:
//
//	PasswordRules: append(config.DefaultPasswordRules(), &config.NotBreached{})
//
// The password does not leave the process. The server gets only the first 5 of the 40 digits of its SHA-1 hash, and returns
// all hashes that begin with them, about a thousand. The rule runs only if all other rules accept the password.
//
// If the server fails or takes too long, the password is accepted. The rule then logs a warning, at most one a minute, and
// asks again after 5 seconds. [NotBreached.Stats] returns how often this happened.
//
// The zero value is ready to use. Do not change the fields after the first use, and do not copy it.
type NotBreached struct {
	// URL is the address of the range API, without the 5 digits.
	// Default: "https://api.pwnedpasswords.com/range/".
	URL string

	// Client sends the requests. Its Timeout is how long a request can take; 0 means 2 seconds.
	// Default: a client that follows no redirect to another host.
	Client *http.Client

	// MinCount is how often a password must have been found before it is rejected. Default: 1.
	MinCount int

	// Logger gets the warnings. Default: slog.Default().
	Logger *slog.Logger

	asked, cached, rejected, failed atomic.Uint64 // BreachStats

	mu     sync.Mutex            // of lists, paused and open
	lists  map[string]breachList // by prefix
	paused time.Time             // not asked before it
	open   int                   // requests in flight
	warn   interval              // between warnings
}

// BreachStats counts what a [NotBreached] did since the program started.
type BreachStats struct {
	Asked    uint64 // requests to the server
	Cached   uint64 // passwords that needed no request, because the list was in the cache
	Rejected uint64 // passwords that were found
	Failed   uint64 // passwords that were accepted because the server could not be asked
}

// Stats returns the counts for your metrics.
func (n *NotBreached) Stats() BreachStats {
	return BreachStats{Asked: n.asked.Load(), Cached: n.cached.Load(), Rejected: n.rejected.Load(), Failed: n.failed.Load()}
}

const (
	pwnedPasswords  = "https://api.pwnedpasswords.com/range/" //nolint:gosec // an address, not a credential
	breachTimeout   = 2 * time.Second
	breachPause     = 5 * time.Second // after a failure
	breachBody      = 2 << 20         // bytes; the largest response of Have I Been Pwned has less than 100 KiB
	breachParallel  = 32              // requests in flight
	breachPrefix    = 5               // digits that the server gets
	breachSuffix    = 35              // the other digits
	maxBreachLists  = 64
	keepBreachList  = 10 * time.Minute
	maxCachedBreach = 256 << 10 // bytes of a list that is kept
)

// breachList has the suffixes of a prefix that count as breached, each after a line feed.
type breachList struct {
	suffixes string
	expires  time.Time
}

func (n *NotBreached) check(bad complaint) {
	if n == nil {
		bad("is nil")
		return
	}
	if n.URL != "" && !isServer(n.URL) {
		bad("NotBreached.URL %q must be an absolute URL without a query", n.URL)
	}
	if n.MinCount < 0 {
		bad("NotBreached.MinCount must not be negative")
	}
}

// isServer reports whether an address is an absolute HTTP URL without a query.
func isServer(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && !strings.ContainsAny(address, "?#")
}

// CheckPassword implements PasswordRule. Its error is always nil.
func (n *NotBreached) CheckPassword(ctx context.Context, password string, _ *models.User) (*binding.Problem, error) {
	if found, err := n.Breached(ctx, password); err != nil || !found {
		return nil, nil
	}
	return &binding.Problem{Code: binding.CodePasswordBreached}, nil
}

// Breached reports whether a password was found in data breaches. An error means that the server could not be asked; the
// rule accepts the password then, and Breached has logged the warning.
func (n *NotBreached) Breached(ctx context.Context, password string) (bool, error) {
	sum := sha1.Sum([]byte(password))
	hash := strings.ToUpper(hex.EncodeToString(sum[:]))
	list, err := n.list(ctx, hash[:breachPrefix])
	if err != nil {
		n.failed.Add(1)
		if n.warn.due(time.Now()) {
			logger := n.Logger
			if logger == nil {
				logger = slog.Default()
			}
			logger.LogAttrs(ctx, slog.LevelWarn, "ginauth: NotBreached could not ask its server, so it accepts passwords",
				slog.String("error", err.Error()), slog.Uint64("accepted", n.failed.Load()))
		}
		return false, err
	}
	found := strings.Contains(list, "\n"+hash[breachPrefix:])
	if found {
		n.rejected.Add(1)
	}
	return found, nil
}

var errBreachBusy = errors.New("too many requests are in flight, or the last one failed")

// list returns the list of a prefix, from the cache or from the server.
func (n *NotBreached) list(ctx context.Context, prefix string) (string, error) {
	now := time.Now()
	n.mu.Lock()
	if kept, found := n.lists[prefix]; found && now.Before(kept.expires) {
		n.mu.Unlock()
		n.cached.Add(1)
		return kept.suffixes, nil
	}
	if n.open >= breachParallel || now.Before(n.paused) {
		n.mu.Unlock()
		return "", errBreachBusy
	}
	n.open++
	n.mu.Unlock()

	n.asked.Add(1)
	list, err := n.ask(ctx, prefix)
	now = time.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open--
	switch {
	case err == nil:
		n.keep(prefix, breachList{list, now.Add(keepBreachList)}, now)
	case ctx.Err() == nil: // a client that left says nothing about the server
		n.paused = now.Add(breachPause)
	}
	return list, err
}

// keep adds a list to the cache. It makes room first: it drops expired lists and, if that is not enough, others.
func (n *NotBreached) keep(prefix string, list breachList, now time.Time) {
	if len(list.suffixes) > maxCachedBreach {
		return
	}
	if n.lists == nil {
		n.lists = map[string]breachList{}
	}
	for old, kept := range n.lists {
		if !now.Before(kept.expires) {
			delete(n.lists, old)
		}
	}
	for old := range n.lists {
		if len(n.lists) < maxBreachLists {
			break
		}
		delete(n.lists, old)
	}
	n.lists[prefix] = list
}

var breachClient = &http.Client{CheckRedirect: sameHostOnly}

// sameHostOnly is a CheckRedirect: it returns a redirect to another host, or to plain HTTP, as the response.
func sameHostOnly(to *http.Request, via []*http.Request) error {
	if from := via[0].URL; to.URL.Host != from.Host || to.URL.Scheme != from.Scheme || len(via) > 3 {
		return http.ErrUseLastResponse
	}
	return nil
}

// ask returns the list of a prefix from the server.
func (n *NotBreached) ask(ctx context.Context, prefix string) (string, error) {
	client, timeout, address := breachClient, breachTimeout, pwnedPasswords
	if n.Client != nil {
		client = n.Client
		timeout = cmp.Or(client.Timeout, timeout)
	}
	if n.URL != "" {
		address = strings.TrimSuffix(n.URL, "/") + "/"
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+prefix, nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Add-Padding", "true") // the length of the response must not reveal the prefix
	request.Header.Set("User-Agent", "gin-rest-auth")
	response, err := client.Do(request)
	if err != nil {
		return "", withoutURL(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the response has the status %d", response.StatusCode)
	}
	return parseBreaches(response.Body, max(n.MinCount, 1))
}

// withoutURL removes the URL from an error of a client, since it has the prefix.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// parseBreaches reads lines of a suffix, a colon and a count. It skips counts below the minimum, and with them padding,
// whose count is 0. Any other line is an error, and so is an empty list.
func parseBreaches(body io.Reader, minimum int) (string, error) {
	limited := &io.LimitedReader{R: body, N: breachBody + 1}
	lines, list, some := bufio.NewScanner(limited), strings.Builder{}, false
	for lines.Scan() {
		suffix, digits, _ := strings.Cut(strings.TrimSuffix(lines.Text(), "\r"), ":")
		count, err := strconv.ParseUint(digits, 10, 64)
		if err != nil || len(suffix) != breachSuffix || strings.Trim(suffix, "0123456789ABCDEFabcdef") != "" {
			return "", errors.New("the response is not a list of hashes")
		}
		some = true
		if count >= uint64(minimum) { //nolint:gosec // minimum is positive
			list.WriteString("\n" + strings.ToUpper(suffix))
		}
	}
	switch {
	case lines.Err() != nil:
		return "", lines.Err()
	case limited.N <= 0:
		return "", errors.New("the response is too large")
	case !some:
		return "", errors.New("the response is empty")
	}
	return list.String(), nil
}

// interval says when a repeated message is due: once a minute.
type interval struct{ next atomic.Int64 }

func (i *interval) due(now time.Time) bool {
	next := i.next.Load()
	return now.UnixNano() >= next && i.next.CompareAndSwap(next, now.Add(time.Minute).UnixNano())
}
