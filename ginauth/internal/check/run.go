package check

import (
	"cmp"
	"context"
	"slices"
)

// Run: runs all checks in order, and sorts the findings by severity.

// Run returns the findings, sorted by severity and name, or nil. Findings contain no secrets. Run only reads the database,
// and only a few rows of each table.
func Run(ctx context.Context, o Options) []Finding {
	k := &checker{Options: o, rejected: FindingsOf(o.Rejected)}
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
	all := append(k.rejected, k.found...)
	rank := map[Severity]int{Error: 0, Warning: 1, Note: 2}
	slices.SortFunc(all, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(rank[x.Severity], rank[y.Severity]), cmp.Compare(x.Setting, y.Setting), cmp.Compare(x.Problem, y.Problem))
	})
	return all
}
