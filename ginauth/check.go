package ginauth

// Check: the findings that an operator should read before going live.

import (
	"cmp"
	"context"
	"slices"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
)

// Check makes an Auth as [New] does, on the same arguments, and lists all that is to be said
// of it: what New refuses, as errors, with what [Auth.Check] finds in the rest. It is for a
// command of the application's that an operator calls before going live.
//
// A setting that is refused is in the list for that alone; the database is looked at unless
// NewUser is refused.
func Check(ctx context.Context, db *gorm.DB, cfg config.Config, features ...Feature) []Finding {
	a, err := open(db, cfg, features)
	k := &checker{Auth: a, refused: refused(err)}
	return k.all(ctx)
}

// Check looks for what New cannot refuse, because it is right in development or depends on
// the database, and returns it by severity and name; nil when all is well. It is for an
// operator before going live, and for an alarm after that. The function [Check] is for a
// configuration that New may refuse.
//
// The database is only read, some rows of each table at most. What cannot be found out is a
// finding, too. No finding has a secret in it.
func (a *Auth) Check(ctx context.Context) []Finding {
	k := &checker{Auth: a}
	return k.all(ctx)
}

func (k *checker) all(ctx context.Context) []Finding {
	for _, part := range []struct {
		setting, what string
		check         func() error
	}{
		{"Config", "what weakens", k.weakened}, {"Secret", "the secrets", k.ofSecrets}, {"TrustedOrigins", "origins and proxies", k.ofOrigins},
		{"TokenOrigins", "origins that get tokens", k.ofTokenOrigins},
		{"TrustedOrigins", "pages of other origins", k.ofPages},
		{"Session", "sessions", k.ofSessions}, {"Mail.Sender", "mails", k.ofMails}, {"Mail.URLs", "links in mails", k.ofLinks},
		{"Texts", "own mails", k.ofTexts},
		{"Database", "the database", func() error { return k.ofDatabase(ctx) }},
	} {
		k.look(part.setting, part.what, part.check)
	}
	all := append(k.refused, k.found...)
	rank := map[Severity]int{SeverityError: 0, SeverityWarning: 1, SeverityNote: 2}
	slices.SortFunc(all, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(rank[x.Severity], rank[y.Severity]), cmp.Compare(x.Setting, y.Setting), cmp.Compare(x.Problem, y.Problem))
	})
	return all
}
