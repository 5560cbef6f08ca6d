package dbtest

// The flows of features, for statements that fail or stall.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
)

// featureFlow is a flow of a feature. begin prepares everything but its last request.
type featureFlow struct {
	name  string
	begin func() request
}

func (w *ward) flows() (all []featureFlow) {
	for _, some := range []map[string]func() request{w.factorFlows(), w.passkeyFlows(), w.socialFlows(), w.adminFlows(), w.operatorFlows()} {
		for name, begin := range some {
			all = append(all, featureFlow{name, begin})
		}
	}
	slices.SortFunc(all, func(a, b featureFlow) int { return strings.Compare(a.name, b.name) })
	return all
}

// some returns a third of the flows, another one on each database, or all of them in the long form.
func (w *ward) some() (some []featureFlow) {
	third := map[string]int{"sqlite": 0, "postgres": 1, "mysql": 2}[w.DB.Name()]
	for i, flow := range w.flows() {
		if longForm() || i%3 == third {
			some = append(some, flow)
		}
	}
	return some
}

func (w *ward) factorFlows() map[string]func() request {
	app := func(method, path string, status int, body func(*authtest.TOTP) obj) func() request {
		return func() request {
			_, phone, browser, _, _ := w.waiting()
			return request{browser, method, path, body(phone), status, false}
		}
	}
	verify := func(change func(obj, *authtest.TOTP)) func() request {
		return func() request {
			body, phone, _, other, _ := w.waiting()
			change(body, phone)
			return request{other, "POST", "mfa/verify/", body, 200, false}
		}
	}
	none := func(*authtest.TOTP) obj { return obj{} }
	return map[string]func() request{
		"turn the app on": func() request {
			browser, _ := w.user()
			var offer struct {
				Secret string `json:"secret"`
				Token  string `json:"activation_token"`
			}
			browser.Get("/auth/mfa/totp/activate/").Want(200).JSON(&offer)
			return request{browser, "POST", "mfa/totp/activate/", obj{"activation_token": offer.Token, "code": w.TOTPWith(w.T, offer.Secret).Code()}, 200, false}
		},
		"offer an app": func() request {
			browser, _ := w.user()
			return request{browser, "GET", "mfa/totp/activate/", nil, 200, false}
		},
		"verify a code":           verify(func(body obj, phone *authtest.TOTP) { body["code"] = phone.Code() }),
		"verify a code and trust": verify(func(body obj, phone *authtest.TOTP) { body["code"], body["trust"] = phone.Code(), true }),
		"verify a recovery code":  verify(func(body obj, phone *authtest.TOTP) { body["code"] = phone.RecoveryCodes[0] }),
		"turn the app off":        app("POST", "mfa/totp/deactivate/", 200, func(p *authtest.TOTP) obj { return obj{"code": p.Code()} }),
		"make recovery codes":     app("POST", "mfa/recovery-codes/regenerate/", 200, none),
		"show the factors":        app("GET", "mfa/status/", 200, none),
		"list trusted browsers":   app("GET", "mfa/trusted-browsers/", 200, none),
		"end the trust":           app("DELETE", "mfa/trusted-browsers/", 204, none),
		"re-authenticate by code": app("POST", "reauthenticate/", 200, func(p *authtest.TOTP) obj { return obj{"code": p.Code()} }),
	}
}

func (w *ward) passkeyFlows() map[string]func() request {
	with := func() (*authtest.Client, *authtest.Passkey) {
		browser, _ := w.user()
		return browser, w.Passkey(w.T, browser)
	}
	first := func(browser *authtest.Client) string {
		var all []struct{ ID int64 }
		browser.Get("/auth/passkeys/").Want(200).JSON(&all)
		return fmt.Sprint("passkeys/", all[0].ID, "/")
	}
	return map[string]func() request{
		"begin a login by passkey": func() request { return request{w.Client(), "POST", "passkeys/login/begin/", nil, 200, false} },
		"log in by passkey": func() request {
			_, key := with()
			client := w.Client()
			begun := client.Post("/auth/passkeys/login/begin/", nil).Want(200)
			var options struct {
				SessionID string `json:"session_id"`
			}
			begun.JSON(&options)
			return request{client, "POST", "passkeys/login/complete/", obj{"credential": key.Sign(begun), "session_id": options.SessionID}, 200, false}
		},
		"begin a passkey": func() request {
			browser, _ := w.user()
			return request{browser, "POST", "passkeys/register/begin/", nil, 200, false}
		},
		"add a passkey": func() request {
			browser, _ := w.user()
			key := w.NewPasskey(w.T)
			begun := browser.Post("/auth/passkeys/register/begin/", nil).Want(200)
			return request{browser, "POST", "passkeys/register/complete/", obj{"credential": key.Create(begun)}, 201, false}
		},
		"rename a passkey": func() request {
			browser, _ := with()
			return request{browser, "PATCH", first(browser), obj{"name": "blue"}, 200, false}
		},
		"remove a passkey": func() request {
			browser, _ := with()
			return request{browser, "DELETE", first(browser), nil, 204, false}
		},
		"verify by passkey": func() request {
			body, _, browser, _, name := w.waiting()
			key := w.Passkey(w.T, browser)
			var waits binding.Challenge
			client := w.Client()
			client.Post("/auth/login/", authtest.Login(name)).Want(200).JSON(&waits)
			body["ephemeral_token"] = waits.EphemeralToken
			begun := client.Post("/auth/passkeys/verify/begin/", body).Want(200)
			body["credential"] = key.Sign(begun)
			return request{client, "POST", "passkeys/verify/complete/", body, 200, false}
		},
	}
}

func (w *ward) socialFlows() map[string]func() request {
	token := func(name string) obj {
		return obj{"id_token": w.idp.IDToken(w.App, acme(), socialtest.Claims{"sub": "sub " + name, "email": name + "@acme.example", "email_verified": true})}
	}
	return map[string]func() request{
		"sign up by a provider": func() request {
			w.n++
			return request{w.Client(), "POST", "acme/", token(fmt.Sprint("new", w.n)), 200, false}
		},
		"log in by a provider": func() request {
			browser, name := w.user()
			browser.Post("/auth/acme/connect/", token(name)).Want(200)
			return request{w.Client(), "POST", "acme/", token(name), 200, false}
		},
		"connect a provider": func() request {
			browser, name := w.user()
			return request{browser, "POST", "acme/connect/", token(name), 200, false}
		},
		"disconnect a provider": func() request {
			browser, name := w.user()
			browser.Post("/auth/acme/connect/", token(name)).Want(200)
			var all []struct{ ID int64 }
			browser.Get("/auth/socialaccounts/").Want(200).JSON(&all)
			return request{browser, "POST", fmt.Sprint("socialaccounts/", all[0].ID, "/disconnect/"), nil, 200, false}
		},
	}
}

func (w *ward) adminFlows() map[string]func() request {
	on := func(method, path string, body any, status int) func() request {
		return func() request {
			_, _, _, _, name := w.waiting()
			return request{w.ready(), method, fmt.Sprint("admin/users/", w.Case.user(name).ID, "/", path), body, status, path != "" && method != "GET" || method == "PATCH"}
		}
	}
	return map[string]func() request{
		"list users":         func() request { return request{w.ready(), "GET", "admin/users/", nil, 200, false} },
		"show a user":        on("GET", "", nil, 200),
		"deactivate a user":  on("PATCH", "", obj{"is_active": false}, 200),
		"ban a user":         on("POST", "ban/", obj{"reason": "x"}, 200),
		"set a password":     on("POST", "password/", obj{"password": "Mirror-Maze-90"}, 200),
		"require a password": on("DELETE", "password/", nil, 204),
		"mail a link":        on("POST", "password/link/", nil, 200),
		"reset factors":      on("DELETE", "factors/", nil, 204),
		"end sessions":       on("DELETE", "sessions/", nil, 204),
		"delete a user":      on("DELETE", "", nil, 204),
		"confirm an address": on("POST", "emails/", obj{"email": "confirmed@example.com"}, 200),
		"give groups":        on("PUT", "groups/", obj{"groups": []string{"Sales"}}, 200),
		"give permissions":   on("PUT", "permissions/", obj{"permissions": []string{"orders.refund"}}, 200),
		"impersonate":        on("POST", "impersonate/", obj{"reason": "x"}, 200),
		"make a group": func() request {
			return request{w.ready(), "PUT", "admin/groups/", obj{"name": "Support", "permissions": []string{"auth.view_user"}}, 200, false}
		},
		"create a user": func() request {
			return request{w.ready(), "POST", "admin/users/", obj{"username": "made", "email": "made@example.com"}, 201, true}
		},
		"invite by mail": func() request {
			return request{w.ready(), "POST", "admin/invitations/", obj{"email": "guest@example.com"}, 201, false}
		},
		"delete a group": func() request {
			w.ready().Put("/auth/admin/groups/", obj{"name": "Gone", "permissions": []string{"auth.view_user"}}).Want(200)
			return request{w.ready(), "POST", "admin/groups/delete/", obj{"name": "Gone"}, 204, false}
		},
		"list the invitations": func() request { return request{w.ready(), "GET", "admin/invitations/", nil, 200, false} },
	}
}

// ready returns a browser of the operator whose login is recent.
func (w *ward) ready() *authtest.Client {
	w.root.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	return w.root
}

func (w *ward) operatorFlows() map[string]func() request {
	code := func() (out invite.NewView) {
		w.ready().Post("/auth/admin/invitations/", obj{"max_uses": 1}).Want(201).JSON(&out)
		return out
	}
	return map[string]func() request{
		"end an impersonation": func() request {
			_, name := w.user()
			acting := w.LoggedIn("root")
			acting.Post(w.adminPath(name, "impersonate/"), obj{"reason": "x"}).Want(200)
			return request{acting, "POST", "impersonate/end/", nil, 200, false}
		},
		"revoke an invitation": func() request {
			return request{w.ready(), "DELETE", fmt.Sprint("admin/invitations/", code().ID, "/"), nil, 204, false}
		},
		"sign up with an invitation": func() request {
			w.n++
			name := fmt.Sprint("guest", w.n)
			return request{w.Client(), "POST", "registration/", obj{
				"username": name, "email": name + "@example.com", "password1": authtest.Password, "password2": authtest.Password, "invitation": code().Key,
			}, 201, false}
		},
	}
}
