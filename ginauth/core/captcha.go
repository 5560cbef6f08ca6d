package core

// Captchas: which routes ask for one, and when.

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

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/limit"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
)

// openCaptcha marks the routes that ask for a captcha. A path with none is a mistake.
func (c *Core) openCaptcha() (err error) {
	if c.cfg.Captcha.Verifier == nil || !c.isSetUp {
		return nil
	}
	for _, list := range []struct {
		setting string
		paths   []string
		use     captchaUse
	}{{"Captcha.AfterHalf", c.cfg.Captcha.AfterHalf, captchaAfterHalf}, {"Captcha.Always", c.cfg.Captcha.Always, captchaAlways}} {
		for _, path := range list.paths {
			if problem := c.askCaptcha(path, list.use); problem != nil {
				err = errors.Join(err, &config.Mistake{Setting: list.setting, Err: fmt.Errorf("%q %w", path, problem)})
			}
		}
	}
	return err
}

func (c *Core) askCaptcha(path string, use captchaUse) error {
	found := false
	for i := range c.routes {
		r := &c.routes[i]
		if r.Path != strings.Trim(path, "/") || r.Method == http.MethodGet || r.raw != nil || r.page != nil {
			continue
		}
		if use == captchaAfterHalf && !slices.Contains([]Limit{LimitGuess, LimitSignUp, LimitMail}, r.Limit) {
			return errors.New("has no limit that can be half used up; use Captcha.Always")
		}
		r.captcha, found = max(r.captcha, use), true
	}
	if !found {
		return errors.New("is not a route that changes something with this configuration; Auth.Routes lists all")
	}
	return nil
}

// captchaKey is set for a request that needs a captcha once half of a limit is used up.
type captchaKey struct{}

// startCaptcha checks the captcha of a route that always asks for one. That is before limits count the request, so a request
// without a solution costs no statement.
func (c *Core) startCaptcha(g *gin.Context, r *row) error {
	switch r.captcha {
	case captchaAlways:
		if r.Limit != LimitNone {
			if err := c.refuseFull(g, c.ofRoute(g, r.Limit)); err != nil {
				return err
			}
		}
		return c.checkCaptcha(g)
	case captchaAfterHalf:
		g.Set(captchaKey{}, true)
	}
	return nil
}

// takeAsked takes an attempt from buckets. If half of one is used up, and the route asks for a captcha then, it checks the
// solution. An attempt without a right solution does not count. Requests without any cost no statement once one has found out: while
// they count, there is less left for others.
func (c *Core) takeAsked(g *gin.Context, buckets []limit.Bucket) (*Attempt, error) {
	unanswered := g.GetBool(captchaKey{}) && g.GetHeader(config.CaptchaHeader) == ""
	if unanswered && c.limits.Recent.HalfUsed(c.Now(), buckets) {
		return nil, c.checkCaptcha(g)
	}
	attempt, err := c.take(g, buckets)
	if err != nil || attempt == nil || !g.GetBool(captchaKey{}) || !attempt.taken.HalfUsed(c.Now()) {
		return attempt, err
	}
	g.Set(captchaKey{}, false)                   // a solution works once
	passhash.LaneOf(g.Request.Context()).Leave() // others hash while it is checked
	if err := c.checkCaptcha(g); err != nil {
		attempt.GiveBack(g)
		if unanswered {
			attempt.taken.RememberHalf(c.Now())
		}
		return nil, err
	}
	return attempt, nil
}

// checkCaptcha fails unless the request has the right solution of a captcha. A wrong one counts as a failure of the network, so
// an attacker cannot send the verifier any number of them.
func (c *Core) checkCaptcha(g *gin.Context) error {
	answer := g.GetHeader(config.CaptchaHeader)
	if answer == "" {
		c.captchaChecked(g.Request.Context(), CheckMissing)
		return captchaProblem(binding.CodeCaptchaRequired)
	}
	limits := c.ofNetwork(c.network(g), LimitFailure)
	if err := c.refuseFull(g, limits); err != nil {
		return err
	}
	ctx, ip := g.Request.Context(), ""
	if !client.BehindUnknownProxy(g.Request, c.proxies) {
		ip = c.placeOf(g).address
	}
	right, err := c.verifyCaptcha(ctx, answer, ip)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil: // the limits still hold, and an outage of the service must not be one of logins
		c.logCaptcha(ctx, err)
		return nil
	case right:
		return nil
	}
	if _, err := c.take(g, limits); err != nil {
		return err
	}
	return captchaProblem(binding.CodeCaptchaFailed)
}

// verifyCaptcha asks the verifier, and tells observers.
func (c *Core) verifyCaptcha(ctx context.Context, answer, ip string) (right bool, err error) {
	verifying, end := c.start(ctx, Operation{Kind: OperationCaptcha})
	defer end()
	right, err = c.cfg.Captcha.Verifier.Verify(verifying, answer, ip)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		c.captchaChecked(verifying, CheckFailed)
	case right:
		c.captchaChecked(verifying, CheckPassed)
	default:
		c.captchaChecked(verifying, CheckRefused)
	}
	return right, err
}

func captchaProblem(code binding.Code) error {
	return binding.Invalid("captcha", binding.Problem{Code: code})
}

// logCaptcha logs that the verifier failed, at most once a minute.
func (c *Core) logCaptcha(ctx context.Context, err error) {
	now := time.Now().UnixNano() // also if the clock of the application stands
	if next := c.captchaLog.Load(); now >= next && c.captchaLog.CompareAndSwap(next, now+time.Minute.Nanoseconds()) {
		c.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the captcha verifier failed, so requests continue without a captcha",
			slog.String("error", err.Error()))
	}
}
