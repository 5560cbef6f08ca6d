// Package impersonate lets operators use the application in the place of a user, for a limited time. List it in ginauth.New:
//
//	auth, err := ginauth.New(db, cfg, roles.Feature(roles.Options{}), impersonate.Feature(impersonate.Options{}))
//
// Superusers, and staff with the permission auth.impersonate_user, begin with a POST to admin/users/:id/impersonate/ and end with a POST to
// impersonate/end/. ginauth.Actor is the operator, and ginauth.User the user. What only the user may do is closed to operators: the
// library's own routes unless they only read, and your routes behind Auth.RequireSelf, Auth.RequireFresh and mfa.Require. The README of
// this folder explains the rest.
package impersonate

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Permission is what staff need; superusers do not.
const Permission = "auth.impersonate_user"

// The events of the audit trail. User is the user, and Actor the operator. Details of the first has the reason.
const (
	EventStarted config.EventName = "impersonation_started"
	EventEnded   config.EventName = "impersonation_ended"
)

// MaxLifetime is the maximum of Options.Lifetime.
const MaxLifetime = 8 * time.Hour

// Options are the settings of the feature. The zero value is complete and safe.
type Options struct {
	// Lifetime is how long an impersonation lasts, unless it is ended before: 1 minute to 8 hours. Default 30 minutes.
	Lifetime time.Duration
	// ReasonOptional lets operators begin without a reason. Default: a reason is required.
	ReasonOptional bool
	// SilentlyWithoutNotice sends users no mail when an operator acts in their place. The user still sees it in the list of sessions.
	// Default false: users get a notice, and New refuses an Auth that sends none.
	SilentlyWithoutNotice bool
}

//go:embed texts
var embedded embed.FS

const (
	mailKind   = "impersonated"
	codeCannot = binding.Code("cannot_impersonate")
)

type feature struct {
	Options
	core *core.Core
}

// facts are what front ends need for the form with which an operator begins.
type facts struct {
	Lifetime int  `json:"lifetime"` // in seconds
	Reason   bool `json:"reason_required"`
}

// Feature returns the feature. Errors of New name the option.
func Feature(o Options) core.Feature {
	return func(s *core.Setup) error {
		texts, err := fs.Sub(embedded, "texts")
		if err != nil {
			return err
		}
		s.Name("impersonate")
		o.Lifetime = cmp.Or(o.Lifetime, 30*time.Minute)
		f := &feature{o, s.Core()}
		f.refuse(s)
		s.Texts(texts)
		s.Codes(binding.CodeDoc{Code: codeCannot, Statuses: []int{http.StatusConflict}, Meaning: "the user is inactive, banned, not confirmed or about to be deleted"})
		s.Mail(core.MailKind{Name: mailKind, Ticket: core.ForNotice, Notice: true})
		s.Event(
			core.EventKind{Name: EventStarted, WebHook: "impersonation.started", Doc: "an operator began to act in the place of the user", Data: []string{"session_id", "reason"}},
			core.EventKind{Name: EventEnded, WebHook: "impersonation.ended", Doc: "an impersonation was ended before its time", Data: []string{"session_id"}},
		)
		s.Facts("impersonate", facts{int(o.Lifetime / time.Second), !o.ReasonOptional})
		s.ActAs(Permission, func(tx *core.Tx, e config.Event) error { return tx.Record(EventEnded, e) })
		s.Listen(core.Listener{After: f.after})
		s.Check("impersonate.Options", f.check)
		f.routes(s)
		return nil
	}
}

// refuse reports invalid options as errors of New.
func (f *feature) refuse(s *core.Setup) {
	if f.Lifetime < time.Minute || f.Lifetime > MaxLifetime {
		s.Refuse("impersonate.Options.Lifetime", fmt.Errorf("is %v, and must be from 1m to %v", f.Lifetime, MaxLifetime))
	}
	if mail := s.Config().Mail; !f.SilentlyWithoutNotice && (mail.Sender == nil || mail.AllowSilentChanges) {
		s.Refuse("impersonate.Options.SilentlyWithoutNotice", errors.New("users are told by mail that an operator acts in their place, "+
			"and this Auth sends no notices: set Mail.Sender and leave Mail.AllowSilentChanges false, or set this option"))
	}
}

func (f *feature) routes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "admin/users/:id/impersonate", NumericID: true, Access: core.AccessUser, Permission: Permission,
		SetsCookies: true, RefreshCookie: true, Fails: []int{http.StatusConflict}, Answers: []any{binding.LoginResponse{}}, Doc: "Act in the place of a user.",
	}, f.start)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "impersonate/end", Tag: "Impersonation", Access: core.AccessOptional, SetsCookies: true, RefreshCookie: true,
		Fails: []int{http.StatusUnauthorized, http.StatusConflict}, Doc: "End the impersonation, and return to the operator's session.",
	}, f.end)
}
