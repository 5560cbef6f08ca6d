// Package social logs users in with accounts of identity providers: Google, GitHub, Apple and others, and every provider of OpenID
// Connect or OAuth 2. It adds the routes {provider}/ and {provider}/connect/ for each provider, and socialaccounts/. With Options.URL
// it adds {provider}/login/ and {provider}/callback/, which log in by redirect.
//
//	auth, err := ginauth.New(db, cfg, social.Login(social.Google(id, secret), social.GitHub(id, secret)))
//
// README.md in this folder explains the routes, the rules for existing accounts, and the providers.
package social

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

//go:embed texts
var embedded embed.FS

// Login returns the feature with these providers, and the default of every other option.
func Login(providers ...Provider) core.Feature { return Feature(Options{Providers: providers}) }

// Feature returns the feature.
func Feature(o Options) core.Feature {
	return func(s *core.Setup) error {
		texts, err := fs.Sub(embedded, "texts")
		if err != nil {
			return err
		}
		s.Name("social")
		f := &feature{core: s.Core(), cfg: s.Config(), options: o, keys: s.Keys("tokens"), flowKeys: s.Keys("flows"), sources: map[string]*source{}}
		s.Texts(texts)
		s.Codes(codes()...)
		s.Event(events()...)
		s.Mail(core.MailKind{Name: mailConnected, Ticket: core.ForNotice, Notice: true})
		s.Mail(core.MailKind{Name: mailDisconnected, Ticket: core.ForNotice, Notice: true})
		s.Migration("0001_identity", migrate)
		s.Migration("0002_code", migrateFlow)
		s.Migration("0003_waiting", migrateFlow)
		s.Tables(&models.Identity{}, &spent{}, &parked{})
		s.Sweep(f.sweep)
		s.Sweep(f.sweepCodes)
		s.WayIn(f.wayIn)
		s.Later(linkLater, f.linkWhenIn)
		s.Listen(core.Listener{OnDelete: f.forget, OnDisarm: f.forget, OnReclaim: f.reclaim})
		if o.Timeout < 0 || o.Timeout > time.Minute {
			s.Refuse("social.Options.Timeout", fmt.Errorf("is %v, and must be up to a minute", o.Timeout))
		}
		if len(o.Providers) == 0 {
			s.Refuse("social.Options.Providers", errors.New("is empty; list at least one, such as social.Google(id, secret)"))
		}
		f.openPages(s)
		f.open(s)
		f.exchangeRoute(s)
		f.signUpRoute(s)
		f.openRevocation(s)
		f.accountRoutes(s)
		s.Export("social", export)
		core.Provide(s, f)
		s.Facts("social", f.facts())
		return nil
	}
}

// open makes the sources of the providers and adds their routes. Each mistake is an error of New.
func (f *feature) open(s *core.Setup) {
	client, taken := newClient(f.options.Transport, f.options.Timeout), takenNames(f.core)
	for _, p := range f.options.Providers {
		mistakes := p.validate(taken)
		for _, setting := range slices.Sorted(maps.Keys(mistakes)) {
			s.Refuse(setting, mistakes[setting])
		}
		if err := f.refuseDevelopment(&p); err != nil {
			s.Refuse("social.Provider("+p.Name+")", err)
		}
		taken[p.Name] = true
		if len(mistakes) > 0 {
			continue
		}
		if p.Claims == nil {
			p.Claims = StandardClaims
		}
		source := &source{Provider: p, client: client, now: f.core.Now, redirects: f.pages != nil}
		f.sources[p.Name] = source
		f.loginRoutes(s, source)
		f.noticeRoute(s, source)
		f.flowRoutes(s, source)
		s.Check("social.Provider("+p.Name+")", func(ctx context.Context, r *core.Report) error { return source.check(ctx, r) })
	}
}
