package core

// Responses of flows and features, and their texts; package respond writes them.

import (
	"context"
	"log/slog"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/paniclog"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/models"
)

// Fail writes an error and stops the chain. A *binding.Error without a status is a mistake of the application. What
// is not a *binding.Error is a failure of the database or the session store: it is logged, and the client learns
// nothing but that it may try again. A failed read is never taken for "not logged in".
func (c *Core) Fail(g *gin.Context, err error) { c.responses.Fail(g, err) }

// View returns a body as the application wants it: through its view, if it has one, or through that of the elements
// or of the user within.
func (c *Core) View(g *gin.Context, body any) any { return c.responses.View(g, body) }

// SetSubject records the user the response is about, for views. Default: the one logged in.
func (*Core) SetSubject(g *gin.Context, account models.Account) { respond.SetSubject(g, account) }

// LanguageOf returns the language of responses: config.Config.ResponseLocale, else the user's own, else what the client
// prefers, else the default one.
func (c *Core) LanguageOf(g *gin.Context) string { return c.responses.LanguageOf(g) }

// Say returns a text in the language of the request, for this route where there is one for it.
func (c *Core) Say(g *gin.Context, id string, params map[string]any) string {
	return c.responses.Say(g, id, params)
}

// DateTime writes a time in the language of the request.
func (c *Core) DateTime(g *gin.Context, at time.Time) string {
	return c.responses.Texts.DateTime(c.LanguageOf(g), at)
}

// MatchLanguage returns the language that fits an Accept-Language header best.
func (c *Core) MatchLanguage(header string) string { return c.responses.Texts.Match(header) }

// Localized puts the library's texts, in the default language, into an error that is not written but returned to the
// application.
func (c *Core) Localized(err error) error { return c.responses.Localized(err) }

// LogPanic logs where a panic came from, but not its value.
func (c *Core) LogPanic(ctx context.Context, p any, attrs ...slog.Attr) {
	paniclog.Log(ctx, c.cfg.Logger, p, attrs...)
}
