package mfa

import (
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// The events of the feature in the audit trail. The README of package config says what they mean.
const (
	EventTOTPOn           config.EventName = "totp_on"
	EventTOTPOff          config.EventName = "totp_off"
	EventRecoveryCodesNew config.EventName = "recovery_codes_new"
	EventRecoveryCodeUsed config.EventName = "recovery_code_used"
	EventReset            config.EventName = "mfa_reset"

	EventBrowserTrusted    config.EventName = "browser_trusted"
	EventBrowserDistrusted config.EventName = "browser_distrusted"
	EventEmailCodeOn       config.EventName = "email_code_on"
	EventEmailCodeOff      config.EventName = "email_code_off"

	EventRecoveryStarted   config.EventName = "mfa_recovery_started"
	EventRecoveryCancelled config.EventName = "mfa_recovery_cancelled"
	EventRecovered         config.EventName = "mfa_recovered"
)

func events() []core.EventKind {
	return []core.EventKind{
		{Name: EventTOTPOn, WebHook: "totp.enabled", Doc: "the user turned on the authenticator app"},
		{Name: EventTOTPOff, WebHook: "totp.disabled", Doc: "the user turned off the authenticator app"},
		{Name: EventRecoveryCodesNew, WebHook: "recovery_codes.created", Doc: "the user created new recovery codes"},
		{Name: EventRecoveryCodeUsed, WebHook: "recovery_codes.used", Doc: "a recovery code was used"},
		{Name: EventReset, WebHook: "mfa.reset", Doc: "`mfa.Reset` removed all second factors of the user"},
		{Name: EventBrowserTrusted, WebHook: "browser.trusted", Doc: "the user trusted a browser, in which logins by password need no code"},
		{Name: EventBrowserDistrusted, WebHook: "browser.distrusted", Doc: "the user ended the trust in one browser or all"},
		{Name: EventEmailCodeOn, WebHook: "email_code.enabled", Doc: "the user turned on codes in mails as a second factor"},
		{Name: EventEmailCodeOff, WebHook: "email_code.disabled", Doc: "the user turned off codes in mails"},
		{Name: EventRecoveryStarted, WebHook: "mfa.recovery_started", Doc: "someone with the user's password and mails started to remove the lost second factors; see `mfa.Recovery`"},
		{Name: EventRecoveryCancelled, WebHook: "mfa.recovery_cancelled", Doc: "the user cancelled a recovery, or logged in with a factor, or changed the password or an address"},
		{Name: EventRecovered, WebHook: "mfa.recovered", Doc: "a recovery was completed, so the user has no second factor any more"},
	}
}
