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

// Facts are features.social in the response of GET config/.
type Facts struct {
	Providers []ProviderFacts `json:"providers"` // in the order of Options.Providers
}

// ProviderFacts are the name of a provider, and the paths of its routes below that of the library.
type ProviderFacts struct {
	Name    string `json:"name"`
	Login   string `json:"login"`
	Connect string `json:"connect"`
}

func (f *feature) facts() Facts {
	out := Facts{Providers: []ProviderFacts{}}
	for _, p := range f.options.Providers {
		out.Providers = append(out.Providers, ProviderFacts{p.Name, p.Name + "/", p.Name + "/connect/"})
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
