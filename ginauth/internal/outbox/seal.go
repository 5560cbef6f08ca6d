package outbox

// The encrypted body of a mail in the outbox.

import (
	"encoding/json"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// Seal encrypts a mail into the body of its row, because its link and code give access to an account. The body is bound to
// the row's MessageID.
func (o *Outbox) Seal(row *models.OutboxMail, mail mailtext.Mail) error {
	body, err := json.Marshal(mail)
	if err != nil {
		return err
	}
	row.Body, err = secret.Seal(o.Rand, o.Keys[0], body, row.MessageID)
	return err
}

func (o *Outbox) unseal(m *models.OutboxMail) (config.Message, error) {
	body, err := secret.Open(o.Keys, m.Body, m.MessageID)
	if err != nil { // another instance may have the key, if it has the new Secret already
		return config.Message{}, err
	}
	var text mailtext.Mail
	if err := json.Unmarshal(body, &text); err != nil {
		return config.Message{}, config.Permanent(err)
	}
	return config.Message{
		ID: m.MessageID, Kind: m.Kind, Lang: m.Lang, From: o.Mail.From, To: m.Recipient,
		Subject: text.Subject, Text: text.Text, HTML: text.HTML,
	}, nil
}
