package dbtest

// What a thief can do at each door; see noSequenceSkipsTheFactor.

import (
	"fmt"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
)

type thiefVerb struct {
	name string
	do   func(h *house, b *authtest.Client, token, code string) *authtest.Response // nil if it is not possible now
}

// attempt is a verb that sends a body to a route.
func attempt(path string, body func(h *house, token, code string) obj) thiefVerb {
	return thiefVerb{path, func(h *house, b *authtest.Client, token, code string) *authtest.Response {
		return b.Post("/auth/"+path, body(h, token, code))
	}}
}

var thiefAtDoors = []thiefVerb{
	attempt("login/", func(h *house, _, _ string) obj { return obj{"username": h.name, "password": h.password} }),
	attempt("login/", func(h *house, _, _ string) obj {
		return obj{"email": h.name + "@example.com", "password": h.password, "remember": false}
	}),
	{"as mallory, trusting the browser", func(h *house, b *authtest.Client, _, _ string) *authtest.Response {
		var out struct {
			EphemeralToken string `json:"ephemeral_token"`
		}
		b.Post("/auth/login/", obj{"username": fmt.Sprint("mallory", h.n), "password": authtest.Password}).JSON(&out)
		return b.Post("/auth/mfa/verify/", obj{"ephemeral_token": out.EphemeralToken, "code": h.mallory.Code(), "trust": true})
	}},
	{"login/ and a code", func(h *house, b *authtest.Client, _, code string) *authtest.Response {
		r := b.Post("/auth/login/", obj{"username": h.name, "password": h.password})
		h.keep(r)
		return b.Post("/auth/mfa/verify/", obj{"ephemeral_token": latest(h.challenges, 0), "code": code, "trust": true})
	}},
	attempt("mfa/verify/", func(_ *house, token, code string) obj {
		return obj{"ephemeral_token": token, "code": code, "trust": true}
	}),
	{"a code of mallory's app", func(h *house, b *authtest.Client, token, _ string) *authtest.Response {
		return b.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": h.mallory.Code()})
	}},
	{"login/code/confirm/ by key", func(h *house, b *authtest.Client, _, _ string) *authtest.Response {
		if m, ok := h.mail("/auth/login/code/", "login_code"); ok {
			return b.Post("/auth/login/code/confirm/", obj{"key": m.Key(h.t)})
		}
		return nil
	}},
	{"login/code/confirm/ by code", func(h *house, b *authtest.Client, _, _ string) *authtest.Response {
		if m, ok := h.mail("/auth/login/code/", "login_code"); ok {
			return b.Post("/auth/login/code/confirm/", obj{"email": h.name + "@example.com", "code": m.Code(h.t)})
		}
		return nil
	}},
	{"password/reset/confirm/", func(h *house, b *authtest.Client, _, _ string) *authtest.Response {
		m, ok := h.mail("/auth/password/reset/", "reset")
		if !ok {
			return nil
		}
		next := h.password + "x"
		r := b.Post("/auth/password/reset/confirm/", obj{"uid": m.UID(h.t), "token": m.Key(h.t), "new_password1": next, "new_password2": next})
		if r.StatusCode == 200 {
			h.password = next
		}
		return r
	}},
	{"registration/verify-email/", func(h *house, b *authtest.Client, _, _ string) *authtest.Response {
		if m, ok := h.mail("/auth/registration/resend-email/", "verify"); ok {
			return b.Post("/auth/registration/verify-email/", obj{"key": m.Key(h.t)})
		}
		return nil
	}},
	{"the provider", func(h *house, b *authtest.Client, _, _ string) *authtest.Response {
		return h.byAcme(h.idp, b, socialtest.Claims{"sub": h.sub})
	}},
	{"the provider, by address", func(h *house, b *authtest.Client, _, code string) *authtest.Response {
		claims := socialtest.Claims{"sub": h.sub + code, "email": h.name + "@example.com", "email_verified": true}
		return h.byAcme(h.idp, b, claims)
	}},
	{"the application", func(h *house, b *authtest.Client, _, _ string) *authtest.Response { return h.own(b, "/enter") }},
	attempt("mfa/email/send/", func(_ *house, token, _ string) obj { return obj{"ephemeral_token": token} }),
	{"a mailed code as factor", func(h *house, b *authtest.Client, token, _ string) *authtest.Response {
		if m, ok := h.mail("/auth/login/code/", "login_code"); ok {
			return b.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": m.Code(h.t)})
		}
		return nil
	}},
	attempt("mfa/setup/", func(_ *house, token, _ string) obj { return obj{"ephemeral_token": token} }),
	attempt("mfa/setup/confirm/", func(h *house, token, code string) obj {
		return obj{"ephemeral_token": token, "activation_token": h.challenges[len(h.challenges)-1], "code": code, "email_code": code}
	}),
	attempt("token/refresh/", func(h *house, _, code string) obj { return obj{"refresh": h.texts[len(code)%len(h.texts)]} }),
	attempt("token/refresh/", func(h *house, _, _ string) obj { return obj{"refresh": h.texts[len(h.texts)-1]} }),
	attempt("token/verify/", func(h *house, _, _ string) obj { return obj{"token": h.texts[len(h.texts)-1]} }),
	attempt("reauthenticate/", func(h *house, _, _ string) obj { return obj{"password": h.password} }),
	attempt("reauthenticate/", func(_ *house, _, code string) obj { return obj{"code": code} }),
	attempt("tokens/", func(h *house, _, _ string) obj { return obj{"name": "x", "password": h.password} }),
	attempt("mfa/totp/deactivate/", func(h *house, _, code string) obj { return obj{"code": code, "password": h.password} }),
	attempt("mfa/totp/activate/", func(h *house, token, code string) obj {
		return obj{"activation_token": token, "code": code, "password": h.password}
	}),
	attempt("mfa/recovery-codes/regenerate/", func(h *house, _, _ string) obj { return obj{"password": h.password} }),
	attempt("registration/", func(h *house, _, _ string) obj {
		return obj{"username": h.name, "email": h.name + "@example.com", "password1": authtest.Password, "password2": authtest.Password}
	}),
	{"password/change/", func(h *house, b *authtest.Client, _, _ string) *authtest.Response {
		next := h.password + "y"
		return b.Post("/auth/password/change/", obj{"old_password": h.password, "new_password1": next, "new_password2": next})
	}},
	attempt("logout/", func(_ *house, _, _ string) obj { return obj{} }),
	{"changes the browser's cookies", func(h *house, b *authtest.Client, _, _ string) *authtest.Response {
		for _, other := range h.thief {
			for name, value := range other.Cookies {
				b.Cookies[name] = value
			}
		}
		return nil
	}},
}
