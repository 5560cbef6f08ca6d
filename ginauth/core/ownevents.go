package core

import "github.com/ginauth/gin-rest-auth/config"

// ownEvents returns the events of the library. Failed logins and limits have no web-hooks: a stranger could cause as many as
// requests.
func ownEvents() []EventKind {
	address, session, token := []string{"address"}, []string{"session_id"}, []string{"token_id"}
	return []EventKind{
		{Name: config.EventRegister, WebHook: "user.created", Doc: "a user signed up; with `VerifyMandatory`, when the address is confirmed"},
		{Name: config.EventUserCreated, WebHook: "user.created", Doc: "`auth.CreateUser` created a user"},
		{Name: config.EventDelete, WebHook: "user.deleted", Doc: "the account and all its rows were deleted"},
		{Name: config.EventDeleteScheduled, WebHook: "user.deletion_scheduled", Doc: "the user deleted the account, and `DeleteGrace` began; a login ends it"},
		{Name: config.EventUserActivated, WebHook: "user.activated", Doc: "`auth.SetActive` activated the user"},
		{Name: config.EventUserDeactivated, WebHook: "user.deactivated", Doc: "`auth.SetActive` deactivated the user"},
		{Name: config.EventBan, WebHook: "user.banned", Doc: "`auth.Ban` banned the user; the reason is not told"},
		{Name: config.EventUnban, WebHook: "user.unbanned", Doc: "`auth.Unban` ended a ban; one that ends by itself has no event"},
		{Name: config.EventPasswordChange, WebHook: "user.password_changed", Doc: "the user or `auth.SetPassword` changed the password"},
		{Name: config.EventPasswordReset, WebHook: "user.password_reset", Doc: "a link or code in a mail set a new password"},
		{Name: config.EventEmailAdded, WebHook: "user.email_added", Doc: "the user added an address, which is not confirmed yet", Data: address},
		{Name: config.EventEmailRemoved, WebHook: "user.email_removed", Doc: "the user removed an address", Data: address},
		{Name: config.EventVerify, WebHook: "user.email_verified", Doc: "an address was confirmed", Data: address},
		{Name: config.EventEmailChange, WebHook: "user.email_changed", Doc: "another address is the primary one; without `address`, the account lost its address to the owner", Data: address},
		{Name: config.EventDataExported, WebHook: "user.data_exported", Doc: "the user downloaded the data of `user/export/`"},
		{Name: config.EventLogin, WebHook: "session.created", Doc: "a login of any kind", Data: []string{"session_id", "method"}},
		{Name: config.EventLogout, WebHook: "session.ended", Doc: "a logout", Data: session},
		{Name: config.EventSessionRevoked, WebHook: "session.revoked", Doc: "another session ended this one; without `session_id`, all sessions were ended", Data: session},
		{Name: config.EventRefreshReuse, WebHook: "session.compromised", Doc: "a refresh token was used twice, so the session ended", Data: session},
		{Name: config.EventTokenCreated, WebHook: "token.created", Doc: "a personal token was created", Data: token},
		{Name: config.EventTokenEnded, WebHook: "token.revoked", Doc: "a personal token was ended", Data: token},
		{Name: config.EventLoginFailed, Doc: "a password, code or factor was wrong"},
		{Name: config.EventRateLimited, Doc: "a limit refused a request, or kept a mail from being sent"},
	}
}
