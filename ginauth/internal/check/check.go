// Package check finds what an operator should know before going live: weak settings, and what the database or the mails lack.
package check

// Options: what a check looks at.

import (
	"context"
	"time"

	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Options is what a check looks at. A part that New rejected is nil.
type Options struct {
	Config   config.Config // completed
	Rejected error         // by New; nil for none
	Store    *store.Store
	Sessions sessions.Store     // in use
	Mails    *mailtext.Renderer // also nil without a sender
	Now      func() time.Time

	Ambient      bool     // browsers send a credential by themselves
	TokensInBody bool     // logins can give tokens in the body
	LaxCookies   []string // settings of the cookies in use that are not SameSite None
	NoCORS       bool     // no CORS middleware is before the routes
	OwnValues    bool     // the application keeps values of its own in the session

	Migrations []store.Migration // of features, as the next two
	Tables     []any
	Questions  []Question
}

// A Question is asked by a feature.
type Question struct {
	Setting string
	Ask     func(context.Context, Say) error
}

// Say takes a finding.
type Say func(severity Severity, problem, fix string)
