package core

// Rate limits: what is counted for a request, and the response of one that is above a limit.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/net/idna"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/limit"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/paniclog"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// maxPatience is how long a store of limits may take. One that is slower must not hold up logins: this process counts by itself then.
const maxPatience = 2 * time.Second

func (c *Core) openLimits() (err error) {
	if c.limits.Trusted, err = prefixes("Limits.TrustedNetworks", c.cfg.Limits.TrustedNetworks); err != nil {
		return err
	}
	key, err := secret.Derive(string(c.cfg.Secret), "limits", secret.SealKey)
	c.limits.Key, c.limits.Logger = key, c.cfg.Logger
	c.limits.Patience = min(maxPatience, c.cfg.Timeout/2)
	c.limits.Panicked = func(ctx context.Context, p any) {
		paniclog.Log(ctx, c.cfg.Logger, p, slog.String("in", "the store of limits"))
	}
	if c.limits.Store = c.cfg.Limits.Store; c.limits.Store == nil {
		c.limits.Store = c.store
	}
	c.sweeps = append(c.sweeps, func(ctx context.Context, now time.Time) error { return c.store.SweepLimits(ctx, now.UnixMilli()) })
	return err
}

// GuessLogin counts an attempt to log in with these identifiers, known or not. First it waits until the request is one of the next to
// hash a password, and fails with 503 if that takes longer than config.Hash.Wait. It fails with 429 if there were too many attempts.
// Give the attempt to the [Flow], which takes it back with all failures from the client's network when the user is logged in:
// with two identifiers only the attempt itself. The attempt is nil with config.Limits.AllowUnlimited.
func (c *Core) GuessLogin(g *gin.Context, identifiers ...LoginIdentifier) (*Attempt, error) {
	tries(g, MethodPassword)
	known := len(identifiers) > 0 && !slices.ContainsFunc(identifiers, func(id LoginIdentifier) bool { return !c.cookies.KnowsIdentifier(g, id.key) })
	if known {
		passhash.LaneOf(g.Request.Context()).Recognize()
	}
	buckets := c.ofLogin(c.network(g), known, identifiers)
	if err := c.refuseFull(g, buckets); err != nil { // without a wait
		return nil, err
	}
	if _, first := c.cfg.Backends[0].(config.PasswordBackend); first { // another one may need no hash
		if err := c.authn.Hasher.Admit(g.Request.Context()); err != nil {
			return nil, err
		}
	}
	return c.takeAsked(g, buckets)
}

// ofLogin returns the buckets of an attempt to log in with these identifiers, from a browser that knows them all or not.
func (c *Core) ofLogin(network string, known bool, identifiers []LoginIdentifier) []limit.Bucket {
	l := c.cfg.Limits
	if l.AllowUnlimited {
		return nil
	}
	buckets := make([]limit.Bucket, 0, 2*len(identifiers)+2)
	for _, id := range identifiers {
		var tally, all limit.Bucket
		if known {
			rule := c.slowing(l.KnownBrowser)
			tally = c.bucket(rule, "known browser", id.key, network)
			rule.Attempts *= 3
			all = c.bucket(rule, "known browsers", id.key)
		} else {
			rule := c.slowing(l.Login)
			tally, all = c.bucket(counting(rule), "login of a network", id.key, network), c.bucket(rule, "login", id.key)
		}
		if len(identifiers) == 1 { // with two, one of them can be another user's
			tally.Tally, all.Tally = tally.Name, tally.Name
		}
		buckets = append(buckets, tally, all)
	}
	if !known {
		buckets = append(buckets, c.ofLike(identifiers)...)
	}
	switch { // what others in the network do keeps no one out of the browsers they use
	case !known:
		buckets = append(buckets, c.ofNetwork(network, LimitFailure)...)
	case network != "":
		buckets = append(buckets, c.bucket(steady(l.Network), "known browser failures", network))
	}
	return buckets
}

// ofLike returns the buckets of LoginIdentifier.like that are not among those of a key. A success takes back its own attempt alone, since
// they can be another user's.
func (c *Core) ofLike(identifiers []LoginIdentifier) (buckets []limit.Bucket) {
	var counted []string
	for _, id := range identifiers {
		counted = append(counted, id.key)
	}
	for _, id := range identifiers {
		if id.like != "" && !slices.Contains(counted, id.like) {
			counted = append(counted, id.like)
			buckets = append(buckets, c.bucket(c.slowing(c.cfg.Limits.Login), "login", id.like))
		}
	}
	return buckets
}

// GuessPassword counts a password that the logged-in user enters, and fails with 429 if there were too many. Call GiveBack
// of the attempt if the password could not be compared, and Right if it is right.
func (c *Core) GuessPassword(g *gin.Context) (*Attempt, error) {
	user := User(g)
	if c.cfg.Limits.AllowUnlimited || user == nil {
		return nil, nil
	}
	bucket := c.bucket(c.slowing(c.cfg.Limits.Password), "password", fmt.Sprint(user.ID))
	bucket.Tally = bucket.Name
	return c.takeAsked(g, []limit.Bucket{bucket})
}

// CountSignUp counts an account that a request creates, and fails with 429 if its network, or all clients together, created too
// many. Routes with [LimitSignUp] count themselves: use it in a route that creates an account only sometimes, such as a login by a
// provider. Call GiveBack of the attempt if the account was not created. The attempt is nil without limits.
func (c *Core) CountSignUp(g *gin.Context) (*Attempt, error) {
	return c.take(g, c.ofRoute(g, LimitSignUp))
}

// A LoginIdentifier is what GuessLogin counts for a name or an address. All spellings that find the same user have the same.
type LoginIdentifier struct {
	key string
	// like is the key that all spellings of a name have which looks like an address, or "" if it is the same as key. Then the addresses
	// ann@strasse.example and ann@straße.example, which can belong to two users, have it as well.
	like string
}

// LoginIdentifiers returns what GuessLogin counts for a login.
func LoginIdentifiers(email, username string) []LoginIdentifier {
	var all []LoginIdentifier
	for _, given := range []string{email, username} {
		if given == "" {
			continue
		}
		name := string(models.UsernameKey(given))
		id := LoginIdentifier{key: "name:" + name}
		if strings.Contains(name, "@") {
			id.key = "email:" + string(models.EmailKey(given))
			if like := "email:" + string(models.EmailKey(string(models.UsernameKey(readable(given))))); like != id.key {
				id.like = like
			}
		}
		all = append(all, id)
	}
	return slices.Compact(all)
}

// readable is an address whose domain is not in the form "xn--...", which folding would not change as it does its letters.
func readable(address string) string {
	key := string(models.EmailKey(address))
	at := strings.LastIndexByte(key, '@')
	if len(key)-at > 255 { // no domain is as long, and punycode takes quadratic time
		return key
	}
	domain, err := idna.ToUnicode(key[at+1:])
	if err != nil {
		return key
	}
	return key[:at+1] + domain
}

// enterLimit counts a request of a route with a limit. settle gives it back if it is not what the route counts. Only refreshes,
// and verifications, of which most are valid, are counted afterwards: their tokens cannot be guessed.
func (c *Core) enterLimit(g *gin.Context, of Limit) (settle func(error), err error) {
	buckets := c.ofRoute(g, of)
	if len(buckets) == 0 {
		return func(error) {}, nil
	}
	if of == LimitRefresh || of == LimitVerify {
		if err := c.refuseFull(g, buckets); err != nil {
			return nil, err
		}
		return func(failure error) {
			if isRefused(failure) {
				c.count(g, buckets)
			}
		}, nil
	}
	taken := c.ofTaken(g, of)
	if err := c.refuseFull(g, taken); err != nil {
		return nil, err
	}
	attempt, err := c.takeAsked(g, buckets)
	if err != nil {
		return nil, err
	}
	return func(failure error) {
		if saysTaken(failure) {
			c.count(g, taken)
		}
		counts := failure == nil || of == LimitStart
		if of == LimitFailure {
			counts = isRefused(failure) && g.GetBool(comparedKey{}) && !g.GetBool(rightTicketKey{})
		}
		if !counts {
			attempt.GiveBack(g)
		}
	}, nil
}

// ofTaken returns where a sign-up with a taken name or address counts: who asks for many wants to know which ones exist.
func (c *Core) ofTaken(g *gin.Context, of Limit) []limit.Bucket {
	if of != LimitSignUp {
		return nil
	}
	network := c.network(g)
	if network == "" {
		return nil
	}
	return append(c.ofWide(network, "wide taken names"), c.bucket(steady(c.cfg.Limits.Network), "taken names", network))
}

// count counts a request that has its response.
func (c *Core) count(g *gin.Context, buckets []limit.Bucket) {
	if len(buckets) == 0 {
		return
	}
	_, _, hits := c.limits.Take(context.WithoutCancel(g.Request.Context()), c.Now(), buckets...)
	c.hit(g, hits)
}

// saysTaken reports whether an error says that another account has a name or an address.
func saysTaken(failure error) bool {
	failed, ok := errors.AsType[*binding.Error](failure)
	if !ok {
		return false
	}
	for _, problems := range failed.Fields {
		if slices.ContainsFunc(problems, func(p binding.Problem) bool { return p.Code == binding.CodeTaken }) {
			return true
		}
	}
	return false
}

// comparedKey is set for a request whose body was complete, so that the handler looked for its secret. rightTicketKey is set if the
// ticket was valid and something else failed, such as a new password.
type (
	comparedKey    struct{}
	rightTicketKey struct{}
)

// isRefused reports whether a request failed because of what the client sent.
func isRefused(failure error) bool {
	failed, ok := errors.AsType[*binding.Error](failure)
	return ok && failed.Status < http.StatusInternalServerError
}
