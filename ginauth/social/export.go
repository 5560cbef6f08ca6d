package social

// What GET user/export/ and GET config/ have of this feature.

import (
	"encoding/json"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// ExportedAccount is an element of features.social in the response of GET user/export/. It has no token.
type ExportedAccount struct {
	Account
	Profile json.RawMessage `json:"profile"` // what the provider sent at the last login
}

// Facts are features.social in the response of GET config/. Paths are below that of the library.
type Facts struct {
	Providers []ProviderFacts `json:"providers"`          // in the order of Options.Providers
	SignUp    string          `json:"signup"`             // completes the sign-up of a new user
	Exchange  string          `json:"exchange,omitempty"` // exchanges the code of a login by redirect; exists with Options.URL
}

// ProviderFacts are the name of a provider, and the paths of its routes. Those of redirects exist with Options.URL.
type ProviderFacts struct {
	Name                   string `json:"name"`
	Login                  string `json:"login"`
	Connect                string `json:"connect,omitempty"`                 // absent of providers for development, which connect nothing
	Redirect               string `json:"redirect,omitempty"`                // sends the browser to the provider to log in
	ConnectRedirect        string `json:"connect_redirect,omitempty"`        // begins to connect an account
	ReauthenticateRedirect string `json:"reauthenticate_redirect,omitempty"` // begins to log in again; OpenID Connect only
}

func (f *feature) facts() Facts {
	out := Facts{Providers: []ProviderFacts{}, SignUp: "socialsignup/"}
	if f.pages != nil {
		out.Exchange = "socialexchange/"
	}
	for _, p := range f.options.Providers {
		out.Providers = append(out.Providers, p.facts(f.pages != nil))
	}
	return out
}

// facts are those of one provider. redirects is set with Options.URL.
func (p *Provider) facts(redirects bool) ProviderFacts {
	out := ProviderFacts{Name: p.Name, Login: p.Name + "/"}
	if !p.Development {
		out.Connect = p.Name + "/connect/"
	}
	if !redirects {
		return out
	}
	out.Redirect = p.Name + "/login/"
	if !p.Development {
		out.ConnectRedirect = p.Name + "/connect/login/"
	}
	if p.isOIDC() {
		out.ReauthenticateRedirect = p.Name + "/reauthenticate/login/"
	}
	return out
}

func export(tx *core.Tx, userID int64) (any, error) {
	var rows []models.Identity
	err := tx.Omit("tokens").Where("user_id = ?", userID).Order("id").Find(&rows).Error
	out := make([]ExportedAccount, len(rows))
	for i := range rows {
		out[i] = ExportedAccount{accountOf(&rows[i]), json.RawMessage(profileJSON(json.RawMessage(rows[i].Profile)))}
	}
	return out, err
}
