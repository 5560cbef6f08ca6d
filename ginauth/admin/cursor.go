package admin

// Pages: the limit and the cursor of a list.

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

const (
	defaultLimit = 50
	maxLimit     = 100
)

// paged are the parameters of a list in pages.
func paged(more ...core.Parameter) []core.Parameter {
	return append(more,
		core.Parameter{Name: "limit", Doc: "The most results of a page, 1 to 100. Default: 50."},
		core.Parameter{Name: "cursor", Doc: "The field next of the page before."})
}

// limitOf returns the parameter limit.
func limitOf(g *gin.Context) (int, error) {
	text := g.Query("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, binding.Invalid("limit", binding.Problem{Code: binding.CodeInvalid})
	case n < 1:
		return 0, binding.Invalid("limit", binding.Problem{Code: binding.CodeMinValue, Params: map[string]any{"Limit": 1}})
	case n > maxLimit:
		return 0, binding.Invalid("limit", binding.Problem{Code: binding.CodeMaxValue, Params: map[string]any{"Limit": maxLimit}})
	}
	return n, nil
}

// position is what a cursor has: where the page begins, in which list.
type position struct {
	List string            `json:"l"` // the order, "search", or the name of another list
	User core.UserPosition `json:"u,omitzero"`
	ID   int64             `json:"i,omitempty"`
}

// cursor returns the cursor of a position.
func (p position) cursor() *string {
	raw, _ := json.Marshal(p) //nolint:errchkjson // has texts and numbers alone
	return new(base64.RawURLEncoding.EncodeToString(raw))
}

// positionOf returns the position of the parameter cursor in a list.
func positionOf(g *gin.Context, list string) (p position, err error) {
	text := g.Query("cursor")
	if text == "" {
		return position{List: list}, nil
	}
	invalid := binding.Invalid("cursor", binding.Problem{Code: codeCursor})
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(raw, &p) != nil || p.List != list {
		return p, invalid
	}
	return p, nil
}
