package ginauth

// Types of package core that applications meet.

import (
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Finding is something that an operator should know before going live; see [Check].
type Finding = core.Finding

// Severity says how bad a [Finding] is.
type Severity = core.Severity

// The severities.
const (
	SeverityError   = core.SeverityError   // do not go live with it
	SeverityWarning = core.SeverityWarning // weakens, or does not work as it should
	SeverityNote    = core.SeverityNote    // right for some; read it once
)

// OutboxStats says how the outbox is doing; see [Auth.OutboxStats].
type OutboxStats = core.OutboxStats

// ErrNoMailer is returned by calls that need config.Mail.Sender.
var ErrNoMailer = core.ErrNoMailer
