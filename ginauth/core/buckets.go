package core

// Buckets: what an attempt is counted in, by whose name, and the response when one is full.

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/config/ratelimit"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/limit"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
)

// An Attempt was counted before a password is compared. Failures keep it counted.
type Attempt struct {
	core  *Core
	taken *limit.Attempt
	later []ratelimit.Given // given back when the transaction is committed
}

// GiveBack takes back an attempt that was neither right nor wrong. It does nothing for nil.
func (a *Attempt) GiveBack(g *gin.Context) {
	if a != nil {
		a.giveNow(g, a.taken.One())
	}
}

// Right takes back an attempt that was right, and the failures before it. It does nothing for nil.
func (a *Attempt) Right(g *gin.Context) {
	if a != nil {
		a.giveNow(g, a.taken.Given())
	}
}

func (a *Attempt) giveNow(g *gin.Context, given []ratelimit.Given) {
	ctx := context.WithoutCancel(g.Request.Context())
	defer a.core.turn(ctx)()
	a.taken.Give(ctx, a.core.Now(), given)
}

// undo takes back this attempt alone, in the transaction of a first factor.
func (a *Attempt) undo(tx *Tx) error { return a.give(tx, (*limit.Attempt).One) }

// succeed takes back the attempt and the failures before it, in the transaction of a login.
func (a *Attempt) succeed(tx *Tx) error { return a.give(tx, (*limit.Attempt).Given) }

func (a *Attempt) give(tx *Tx, what func(*limit.Attempt) []ratelimit.Given) error {
	switch {
	case a == nil:
		return nil
	case a.taken.InMemory() || a.core.cfg.Limits.Store != nil:
		a.later = what(a.taken) // not now: the transaction may fail, or run again
		return nil
	}
	a.taken.NotFull()
	return tx.rows.GiveLimits(a.core.Now().UnixMilli(), a.taken.By(), what(a.taken))
}

// committed gives back what the transaction did not.
func (a *Attempt) committed(ctx context.Context) {
	if a != nil && a.later != nil {
		a.taken.Give(context.WithoutCancel(ctx), a.core.Now(), a.later)
		a.later = nil
	}
}

func (c *Core) ruleOf(of Limit) (ratelimit.Rule, string) {
	l := c.cfg.Limits
	switch of {
	case LimitRefresh:
		return steady(l.Refresh), "refreshes"
	case LimitVerify:
		return steady(l.Refresh), "verifications"
	case LimitSignUp:
		return steady(l.SignUp), "sign-ups"
	case LimitMail:
		return steady(l.Mail), "mails"
	case LimitStart:
		return steady(l.Start), "starts"
	}
	return steady(l.Network), "failures"
}

// steady is a rule whose attempts come back evenly.
func steady(l config.Limit) ratelimit.Rule {
	return ratelimit.Rule{Attempts: int64(l.Attempts), Back: max(time.Millisecond, l.Per/time.Duration(l.Attempts)).Truncate(time.Millisecond)}
}

// slowing is a rule whose waits grow, as those of logins do.
func (c *Core) slowing(l config.Limit) ratelimit.Rule {
	r := steady(l)
	r.Delay, r.MaxDelay = c.cfg.Limits.LoginDelay.Truncate(time.Millisecond), c.cfg.Limits.LoginMaxDelay.Truncate(time.Millisecond)
	return r
}

// counting is a rule that only counts what a slowing one does.
func counting(r ratelimit.Rule) ratelimit.Rule {
	return ratelimit.Rule{Attempts: 1 << 30, Back: r.Back, Delay: time.Second, MaxDelay: time.Second}
}

func (c *Core) bucket(rule ratelimit.Rule, of ...string) limit.Bucket {
	return limit.Bucket{Bucket: ratelimit.Bucket{Name: secret.CounterName(c.limits.Key, of...), Kind: of[0], Rule: rule}, Of: of}
}

// wideFailures is how many times the failures of a network the IPv6 /48 around it can have.
const wideFailures = 10

// ofNetwork returns the bucket of a network, or none for "". Failures have one more for an IPv6 /48.
func (c *Core) ofNetwork(network string, of Limit) []limit.Bucket {
	if network == "" {
		return nil
	}
	rule, name := c.ruleOf(of)
	buckets := []limit.Bucket{c.bucket(rule, name, network)}
	if of == LimitFailure {
		buckets = append(buckets, c.ofWide(network, "wide failures")...)
	}
	return buckets
}

// ofWide returns the bucket of failures in the IPv6 /48 around a network.
func (c *Core) ofWide(network, name string) []limit.Bucket {
	site := client.Site(network)
	if site == "" {
		return nil
	}
	wide := c.cfg.Limits.Network
	wide.Attempts *= wideFailures
	return []limit.Bucket{c.bucket(steady(wide), name, site)}
}

// take takes an attempt from buckets. It fails without a statement if one of them was full a moment ago.
func (c *Core) take(g *gin.Context, buckets []limit.Bucket) (*Attempt, error) {
	if len(buckets) == 0 {
		return nil, nil
	}
	if err := c.refuseFull(g, buckets); err != nil { // without a turn
		return nil, err
	}
	taken, wait, hits := c.takeInTurn(g.Request.Context(), buckets)
	c.hit(g, hits)
	if wait > 0 {
		return nil, errLimited(wait, hits)
	}
	if taken.Crowded() {
		g.Set(crowdedKey{}, true)
	}
	return &Attempt{core: c, taken: taken}, nil
}

func (c *Core) takeInTurn(ctx context.Context, buckets []limit.Bucket) (*limit.Attempt, time.Duration, []limit.Hit) {
	defer c.turn(ctx)()
	return c.limits.Take(ctx, c.Now(), buckets...)
}

// refuseFull fails if one of the buckets was found full a moment ago. It costs no statement.
func (c *Core) refuseFull(g *gin.Context, buckets []limit.Bucket) error {
	wait, hits := c.limits.Recent.Full(c.Now(), buckets)
	c.hit(g, hits)
	if wait > 0 {
		return errLimited(wait, hits)
	}
	return nil
}

// RateLimited returns the response to a request that can be sent again after a wait: 429 with Retry-After. It says nothing about
// the account.
func RateLimited(wait time.Duration) *binding.Error {
	return (&binding.Error{Status: http.StatusTooManyRequests, Code: binding.CodeRateLimited}).WithHeader("Retry-After", strconv.FormatInt(inSeconds(wait), 10))
}

// inSeconds rounds up.
func inSeconds(wait time.Duration) int64 { return int64((wait + time.Second - 1) / time.Second) }

// errLimited is RateLimited above a limit of the configuration: it also names the one with the longest wait, as in
// draft-ietf-httpapi-ratelimit-headers-11.
func errLimited(wait time.Duration, hits []limit.Hit) error {
	var longest limit.Hit
	for _, h := range hits {
		if !h.Bucket.Soft && h.Wait > longest.Wait {
			longest = h
		}
	}
	name, rule := strings.TrimPrefix(settingsOf[longest.Bucket.Kind], "Limits."), longest.Bucket.Rule
	return RateLimited(wait).WithHeader("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", name, rule.Attempts, max(1, rule.Attempts*rule.Step()/1000))).
		WithHeader("RateLimit", fmt.Sprintf("%q;r=0;t=%d", name, inSeconds(wait)))
}
