// Package respond writes responses: through the views of the application, and errors in the language of the client.
package respond

// Writer, and the one function that sends a JSON body.

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
	"github.com/ginauth/gin-rest-auth/models"
)

// Writer writes all responses. It is safe for concurrent use once its fields are set.
type Writer struct {
	Config  *config.Config
	Texts   *locale.Catalogs
	Base    string                            // path of the routes, such as "/auth"
	Account func(*gin.Context) models.Account // the logged-in user, or nil
	Actor   func(*gin.Context) int64          // ID of the operator in the place of the user, or 0

	warned sync.Map // texts that were logged as missing or unfilled
}

// line returns what a line of the log says about a request: also the operator who acts in the place of the user, if one does.
func (w *Writer) line(g *gin.Context) []slog.Attr {
	all := []slog.Attr{slog.String("method", g.Request.Method), slog.String("route", g.FullPath())}
	if w.Actor != nil {
		if id := w.Actor(g); id != 0 {
			all = append(all, slog.Int64("actor", id))
		}
	}
	return all
}

// write sends a JSON body with the headers that every response has.
func (w *Writer) write(g *gin.Context, status int, mediaType string, body any) {
	h := g.Writer.Header()
	h.Set("Cache-Control", "no-store") // T046
	h.Set("Pragma", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Add("Vary", "Accept, Accept-Language, Authorization, Cookie, Origin")
	if body == nil {
		g.Status(status)
		g.Writer.WriteHeaderNow()
		return
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		w.Config.Logger.LogAttrs(g.Request.Context(), slog.LevelError, "ginauth: cannot encode the response",
			append(w.line(g), slog.String("error", err.Error()))...)
		status, encoded = http.StatusInternalServerError, []byte(`{"detail":"Something went wrong. Please try again later.","code":"internal"}`)
	}
	g.Data(status, mediaType, encoded)
}
