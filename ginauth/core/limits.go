package core

// Rate limits: what is counted for a request, and the response of one that is above a limit.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/limit"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

func (c *Core) openLimits() error {
	for _, network := range c.cfg.Limits.TrustedNetworks {
		prefix, err := config.ParsePrefix(network)
		if err != nil {
			return &config.Mistake{Setting: "Limits.TrustedNetworks", Err: err}
		}
		c.limits.Trusted = append(c.limits.Trusted, prefix)
	}
	key, err := secret.Derive(string(c.cfg.Secret), "limits", secret.SealKey)
	c.limits.Key, c.limits.Logger = key, c.cfg.Logger
	c.limits.Store = limit.InDatabase{TakeLimits: c.store.TakeLimits, GiveLimits: c.store.GiveLimits}
	c.sweeps = append(c.sweeps, func(ctx context.Context, now time.Time) error { return c.store.SweepLimits(ctx, now.UnixMilli()) })
	return err
}

// An Attempt was counted before a password is compared. Failures keep it counted.
type Attempt struct {
	core  *Core
	taken *limit.Attempt
}

// GuessLogin counts an attempt to log in with these identifiers, known or not, and fails with 429 if there were too many.
// Give the attempt to the [Flow], which takes it back with all failures from the client's network when the user is logged in:
// with two identifiers only the attempt itself.
func (c *Core) GuessLogin(g *gin.Context, identifiers ...string) (*Attempt, error) {
	if c.cfg.Limits.AllowUnlimited {
		return nil, nil
	}
	l, network := c.cfg.Limits, c.network(g)
	known := len(identifiers) > 0 && !slices.ContainsFunc(identifiers, func(id string) bool { return !c.cookies.KnowsIdentifier(g, id) })
	var buckets []limit.Bucket
	for _, id := range identifiers {
		if known {
			all := l.KnownBrowser
			all.Attempts *= 3
			buckets = append(buckets, c.bucket(steady(l.KnownBrowser), "known browser", id, network), c.bucket(steady(all), "known browsers", id))
			continue
		}
		tally := c.bucket(limit.Rule{Attempts: 1 << 30, Per: max(l.Login.Per, l.LoginMaxDelay), Delay: time.Second, MaxDelay: time.Second}, "login of a network", id, network)
		all := c.bucket(limit.Rule{Attempts: l.Login.Attempts, Per: l.Login.Per, Delay: l.LoginDelay, MaxDelay: l.LoginMaxDelay}, "login", id)
		if len(identifiers) == 1 { // with two, one of them can be another user's
			tally.Tally, all.Tally = tally.Name, tally.Name
		}
		buckets = append(buckets, tally, all)
	}
	if !known {
		buckets = append(buckets, c.ofNetwork(network, LimitFailure)...)
	}
	return c.takeAsked(g, buckets)
}

// GuessPassword counts a password that the logged-in user enters, and fails with 429 if there were too many. Call GiveBack
// of the attempt if the password could not be compared, and Right if it is right.
func (c *Core) GuessPassword(g *gin.Context) (*Attempt, error) {
	user := User(g)
	if c.cfg.Limits.AllowUnlimited || user == nil {
		return nil, nil
	}
	l := c.cfg.Limits
	bucket := c.bucket(limit.Rule{Attempts: l.Password.Attempts, Per: l.Password.Per, Delay: l.LoginDelay, MaxDelay: l.LoginMaxDelay}, "password", fmt.Sprint(user.ID))
	bucket.Tally = bucket.Name
	return c.takeAsked(g, []limit.Bucket{bucket})
}

// GiveBack takes back an attempt that was neither right nor wrong. It does nothing for nil.
func (a *Attempt) GiveBack(g *gin.Context) {
	if a != nil {
		a.taken.Give(context.WithoutCancel(g.Request.Context()), a.core.Now(), a.taken.One())
	}
}

// Right takes back an attempt that was right, and the failures before it. It does nothing for nil.
func (a *Attempt) Right(g *gin.Context) {
	if a != nil {
		a.taken.Give(context.WithoutCancel(g.Request.Context()), a.core.Now(), a.taken.Given())
	}
}

// undo takes back this attempt alone, in the transaction of a first factor.
func (a *Attempt) undo(tx *Tx) error { return a.give(tx, (*limit.Attempt).One) }

// succeed takes back the attempt and the failures before it, in the transaction of a login.
func (a *Attempt) succeed(tx *Tx) error { return a.give(tx, (*limit.Attempt).Given) }

func (a *Attempt) give(tx *Tx, what func(*limit.Attempt) []limit.Given) error {
	switch {
	case a == nil:
		return nil
	case a.taken.InMemory():
		a.taken.Give(tx.Statement.Context, a.core.Now(), what(a.taken))
		return nil
	}
	a.taken.NotFull()
	return tx.rows.GiveLimits(a.core.Now().UnixMilli(), what(a.taken))
}

// LoginIdentifiers returns what GuessLogin counts for a login. All spellings that find the same user are one identifier: a name
// can look like an address, and is then found by both keys.
func LoginIdentifiers(email, username string) []string {
	var all []string
	for _, given := range []string{email, username} {
		if given == "" {
			continue
		}
		id := "name:" + string(models.UsernameKey(given))
		if strings.Contains(id, "@") {
			id = "email:" + string(models.EmailKey(string(models.UsernameKey(given))))
		}
		all = append(all, id)
	}
	return slices.Compact(all)
}

// enterLimit counts a request of a route with a limit. settle gives it back if it is not what the route counts. Only refreshes,
// of which most are valid, are counted afterwards: their tokens cannot be guessed.
func (c *Core) enterLimit(g *gin.Context, of Limit) (settle func(error), err error) {
	nothing := func(error) {}
	if c.cfg.Limits.AllowUnlimited || of == LimitNone || of == LimitGuess {
		return nothing, nil
	}
	buckets := c.ofNetwork(c.network(g), of)
	if len(buckets) == 0 {
		return nothing, nil
	}
	if of == LimitRefresh {
		if wait := c.limits.Full(c.Now(), buckets); wait > 0 {
			return nil, errLimited(wait)
		}
		return func(failure error) {
			if isRefused(failure) {
				c.limits.Take(context.WithoutCancel(g.Request.Context()), c.Now(), buckets...)
			}
		}, nil
	}
	attempt, err := c.takeAsked(g, buckets)
	if err != nil {
		return nil, err
	}
	return func(failure error) {
		if of == LimitFailure && !isRefused(failure) || of != LimitFailure && failure != nil {
			attempt.GiveBack(g)
		}
	}, nil
}

// isRefused reports whether a request failed because of what the client sent.
func isRefused(failure error) bool {
	failed, ok := errors.AsType[*binding.Error](failure)
	return ok && failed.Status < http.StatusInternalServerError
}

func (c *Core) ruleOf(of Limit) (limit.Rule, string) {
	l := c.cfg.Limits
	switch of {
	case LimitRefresh:
		return steady(l.Refresh), "refreshes"
	case LimitSignUp:
		return steady(l.SignUp), "sign-ups"
	case LimitMail:
		return steady(l.Mail), "mails"
	}
	return steady(l.Network), "failures"
}

func steady(l config.Limit) limit.Rule { return limit.Rule{Attempts: l.Attempts, Per: l.Per} }

func (c *Core) bucket(rule limit.Rule, of ...string) limit.Bucket {
	return limit.Bucket{Name: secret.CounterName(c.limits.Key, of...), Kind: of[0], Rule: rule}
}

// network returns the client's network; "" if it is unknown, or trusted.
func (c *Core) network(g *gin.Context) string {
	if client.BehindUnknownProxy(g.Request, c.proxies) {
		c.warnOfProxy(g)
		return ""
	}
	address := client.Address(g.Request, c.proxies)
	if parsed, err := netip.ParseAddr(address); err != nil || slices.ContainsFunc(c.limits.Trusted, func(p netip.Prefix) bool { return p.Contains(parsed) }) {
		return ""
	}
	return client.Network(address)
}

// ofNetwork returns the bucket of a network, or none for one that is unknown or trusted.
func (c *Core) ofNetwork(network string, of Limit) []limit.Bucket {
	if network == "" {
		return nil
	}
	rule, name := c.ruleOf(of)
	return []limit.Bucket{c.bucket(rule, name, network)}
}

// warnOfProxy says once that all clients seem to have one address.
func (c *Core) warnOfProxy(g *gin.Context) {
	if !c.proxyWarned.Swap(true) {
		c.cfg.Logger.LogAttrs(g.Request.Context(), slog.LevelWarn, "ginauth: requests come through a proxy that TrustedProxies does not name, so limits by network "+
			"are off for them, and sessions show the proxy's address; add the proxy to TrustedProxies", slog.String("peer", g.Request.RemoteAddr))
	}
}

func (c *Core) take(g *gin.Context, buckets []limit.Bucket) (*Attempt, error) {
	if len(buckets) == 0 {
		return nil, nil
	}
	taken, wait := c.limits.Take(g.Request.Context(), c.Now(), buckets...)
	if wait > 0 {
		return nil, errLimited(wait)
	}
	return &Attempt{c, taken}, nil
}

// errLimited is the response above a limit. It says nothing about the account.
func errLimited(wait time.Duration) error {
	seconds := int64((wait + time.Second - 1) / time.Second)
	return (&binding.Error{Status: http.StatusTooManyRequests, Code: binding.CodeRateLimited}).WithHeader("Retry-After", strconv.FormatInt(seconds, 10))
}
