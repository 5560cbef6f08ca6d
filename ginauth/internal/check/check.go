// Package check reports what an operator should know before going live: weak settings, and problems of the database and the
// mails.
package check

// Options: the input of a check.

import (
	"context"
	"time"

	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Options is the input of a check. A part that New rejected is nil.
type Options struct {
	Config   config.Config // completed
	Rejected error         // the error of New, or nil
	Store    *store.Store
	Sessions sessions.Store     // in use
	Mails    *mailtext.Renderer // nil without a sender as well
	Now      func() time.Time

	Ambient      bool     // browsers send a credential automatically
	TokensInBody bool     // logins can give tokens in the body
	LaxCookies   []string // settings of cookies in use that are not SameSite None
	NoRefresh    []string // paths of routes that need the refresh cookie and do not get it
	NoCORS       bool     // no CORS middleware runs before the routes
	OwnValues    bool     // the application keeps its own values in the session

	Migrations []store.Migration // of features, as the next two
	Tables     []any
	Questions  []Question
}

// A Question is a check that a feature adds.
type Question struct {
	Setting string
	Ask     func(context.Context, Say) error
}

// Say reports a finding.
type Say func(severity Severity, problem, fix string)
