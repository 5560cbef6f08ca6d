package social

// Findings about providers for auth.Check.

import (
	"context"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// check reports what weakens security or cannot work. It reads the discovery document, if the provider has one.
func (s *source) check(ctx context.Context, r *core.Report) error {
	if s.CheckToken == nil && s.AllowUncheckedAccessToken {
		r.Warning("AllowUncheckedAccessToken is set: the operator of any other application of this provider can log in as its users",
			"let clients send a code or an ID token, and remove it")
	}
	if s.AllowPlainCode && !s.vouches {
		r.Warning("AllowPlainCode is set: a stolen code can be injected into a login by redirect", "remove it, unless the provider rejects PKCE")
	}
	if s.Development {
		r.Warning("it is for development: it asks for no password", "remove it in production")
	}
	for _, redirect := range s.RedirectURLs {
		if strings.HasPrefix(redirect, "http://") {
			r.Warning("RedirectURLs has "+redirect+", over which codes travel unencrypted", "use https, except on loopback addresses")
		}
	}
	if len(s.RedirectURLs) == 0 && !s.redirects {
		r.Note("RedirectURLs is empty, so clients cannot send a code", "list the redirect URLs that are registered at the provider, if clients send codes")
	}
	if _, err := s.metadata(ctx); err != nil {
		r.Error("the discovery document cannot be used: "+clip(err.Error(), 300), "check Issuer, and that this server reaches it")
	}
	return nil
}

// checkPages reports pages that cannot exchange their codes, because their origin is not trusted.
func (f *feature) checkPages(_ context.Context, r *core.Report) error {
	for _, page := range f.pages.list {
		origin := page.Scheme + "://" + page.Host
		web := strings.HasPrefix(page.Scheme, "http") && !(page.Scheme == "http" && IsLoopback(page.Hostname()))
		if web && f.core.UsesCookies() && !strings.HasPrefix(f.pages.base+"/", origin+"/") && !slices.Contains(f.cfg.TrustedOrigins, origin) {
			r.Warning("Pages has "+page.String()+", whose scripts cannot exchange the code of a login by redirect", "add "+origin+" to TrustedOrigins")
		}
	}
	return nil
}
