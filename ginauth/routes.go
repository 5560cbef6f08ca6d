package ginauth

// The route table: the routes of a configuration.

import (
	"net/http"
	"slices"

	"github.com/ginauth/gin-rest-auth/config"
)

// coreRoutes is the table.
func coreRoutes(cfg *config.Config) []route {
	table := []route{
		{
			method: http.MethodPost, path: "login", status: http.StatusOK, setsCookies: true,
			doc: "Log in with a name or address and a password.", form: cfg.Forms.Login, action: handle((*Auth).login, nil),
		},
		{
			method: http.MethodPost, path: "logout", status: http.StatusOK, setsCookies: true,
			doc: "End the session of this request, if there is one.", action: handle((*Auth).logout, nil),
		},
		{
			method: http.MethodGet, path: "user", status: http.StatusOK, user: true, tokenToo: true,
			doc: "The logged-in user.", action: handle((*Auth).userDetails, nil),
		},
		{
			method: http.MethodPut, path: "user", status: http.StatusOK, user: true,
			doc: "Change name, first and last name, and language.", form: cfg.Forms.Profile, required: requiredInPut(cfg),
			partial: true, action: handle((*Auth).updateUser, (*Auth).checkUpdateUser),
		},
		{
			method: http.MethodPatch, path: "user", status: http.StatusOK, user: true, partial: true,
			doc: "Change those of name, first and last name, and language that are given.", form: cfg.Forms.Profile,
			action: handle((*Auth).updateUser, (*Auth).checkUpdateUser),
		},
		{
			method: http.MethodPost, path: "password/change", status: http.StatusOK, user: true,
			doc: "Set a new password; ends the other sessions.", form: cfg.Forms.PasswordChange, required: requiredInChange(cfg),
			action: handle((*Auth).changePassword, (*Auth).checkChangePassword),
		},
		{
			method: http.MethodPost, path: "registration", status: http.StatusCreated, setsCookies: true,
			doc: "Create an account and log in.", form: cfg.Forms.SignUp, required: signUpFields(cfg, config.FieldRequired), ignored: signUpFields(cfg, config.FieldOff),
			action: handle((*Auth).register, (*Auth).checkRegister, loginIf(logsInAtSignUp(cfg))),
		},
		{
			method: http.MethodGet, path: "sessions", status: http.StatusOK, user: true,
			doc: "List the user's sessions, the latest first.", action: handle((*Auth).listSessions, nil),
		},
		{
			method: http.MethodDelete, path: "sessions", status: http.StatusNoContent, user: true,
			doc: "End all sessions but this one.", action: handle((*Auth).endOtherSessions, nil),
		},
		{
			method: http.MethodDelete, path: "sessions/:id", status: http.StatusNoContent, user: true,
			doc: "End one session.", action: handle((*Auth).endSession, nil),
		},
	}
	if cfg.AllowLogoutOnGet {
		logout := table[1]
		logout.method, logout.changes = http.MethodGet, true
		table = append(table, logout)
	}
	table = append(table, slices.Concat(deleteRoutes(), reauthenticateRoutes())...)
	if cfg.Mail.Sender != nil {
		table = append(table, mailRoutes(cfg)...)
	}
	if slices.Contains(cfg.Login, config.OpaqueToken) {
		table = append(table, tokenRoutes()...)
	}
	if slices.Contains(cfg.Login, config.JSONWebToken) {
		table = append(table, jwtRoutes()...)
	}
	return table
}

// mailRoutes are there where mails are sent.
func mailRoutes(cfg *config.Config) []route {
	table := slices.Concat(verifyRoutes(cfg), resetRoutes(cfg), emailRoutes())
	if cfg.EmailVerification == config.VerifyMandatory {
		table = append(table, correctRoutes()...)
	}
	if cfg.LoginByCode {
		table = append(table, loginCodeRoutes()...)
	}
	if !cfg.Mail.AllowSilentChanges {
		table = append(table, noticeRoutes()...)
	}
	return table
}
