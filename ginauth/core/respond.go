package core

// Responses of flows and features, and their texts. Package respond writes them.

import (
	"context"
	"log/slog"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/paniclog"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/models"
)

// Fail writes an error and stops the chain. A *binding.Error without a status is a mistake of the application. Any
// other error is a failure of the database or the session store: it is logged, and the client only learns that it
// can try again. A failed read never counts as "not logged in".
func (c *Core) Fail(g *gin.Context, err error) {
	failedLogin(g, err)
	c.responses.Fail(g, err)
}

// View returns a body as the application wants it: through the application's view of it, of its elements, or of the
// user in it.
func (c *Core) View(g *gin.Context, body any) any { return c.responses.View(g, body) }

// SetSubject records the user that the response is about, for views. Default: the logged-in user.
func (*Core) SetSubject(g *gin.Context, account models.Account) { respond.SetSubject(g, account) }

// LanguageOf returns the language of responses: config.Config.ResponseLocale, else the user's own, else the
// client's, else the default one.
func (c *Core) LanguageOf(g *gin.Context) string { return c.responses.LanguageOf(g) }

// Say returns the message id in the language of the request. A message for this route only comes first.
func (c *Core) Say(g *gin.Context, id string, params map[string]any) string {
	return c.responses.Say(g, id, params)
}

// DateTime formats a time in the language of the request.
func (c *Core) DateTime(g *gin.Context, at time.Time) string {
	return c.responses.Texts.DateTime(c.LanguageOf(g), at)
}

// MatchLanguage returns the language that fits an Accept-Language header best.
func (c *Core) MatchLanguage(header string) string { return c.responses.Texts.Match(header) }

// Localized adds the library's messages, in the default language, to an error that is returned to the application
// instead of written.
func (c *Core) Localized(err error) error { return c.responses.Localized(err) }

// LogPanic logs where a panic came from, but not its value.
func (c *Core) LogPanic(ctx context.Context, p any, attrs ...slog.Attr) {
	paniclog.Log(ctx, c.cfg.Logger, p, attrs...)
}
