// Package check finds what an operator should know before going live: weak settings, and what the database or the mails lack.
package check

// Run: the parts of a check, and the order of what they find.

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Options is what a check looks at. A part that New refused is nil.
type Options struct {
	Config   config.Config // completed
	Refused  error         // by New; nil for none
	Store    *store.Store
	Sessions sessions.Store     // in use
	Mails    *mailtext.Renderer // also nil without a sender
	Now      func() time.Time

	Ambient      bool     // browsers send a credential by themselves
	TokensInBody bool     // logins can give tokens in the body
	LaxCookies   []string // settings of the cookies in use that are not SameSite None
	NoCORS       bool     // no CORS middleware is before the routes
	OwnValues    bool     // the application keeps values of its own in the session
}

// Run returns what it finds, by severity and name; nil when all is well. A finding has no secret
// in it. Run only reads the database, some rows of each table at most.
func Run(ctx context.Context, o Options) []Finding {
	k := &checker{Options: o, refused: FindingsOf(o.Refused)}
	for _, part := range []struct {
		setting, what string
		check         func() error
	}{
		{"Config", "what weakens", k.weakened}, {"Config", "what weakens", k.weakenedTokens},
		{"Secret", "the secrets", k.secrets}, {"TrustedOrigins", "origins and proxies", k.origins},
		{"TokenOrigins", "origins that get tokens", k.tokenOrigins},
		{"TrustedOrigins", "pages of other origins", k.pages},
		{"Session", "sessions", k.sessions}, {"Mail.Sender", "mails", k.mails}, {"Mail.URLs", "links in mails", k.links},
		{"Texts", "own mails", k.texts},
		{"Database", "the database", func() error { return k.database(ctx) }},
	} {
		k.look(part.setting, part.what, part.check)
	}
	all := append(k.refused, k.found...)
	rank := map[Severity]int{Error: 0, Warning: 1, Note: 2}
	slices.SortFunc(all, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(rank[x.Severity], rank[y.Severity]), cmp.Compare(x.Setting, y.Setting), cmp.Compare(x.Problem, y.Problem))
	})
	return all
}
