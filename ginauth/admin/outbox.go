package admin

// Mails that could not be sent.

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

func (f *feature) outboxRoutes(s *core.Setup) {
	list := route(http.MethodGet, "outbox", "auth.view_outbox", "List mails that were given up, the newest first.")
	list.Tag, list.Fails, list.Query = "Failed mails", []int{http.StatusBadRequest}, paged()
	core.Add(s, list, f.listMails)
	retry := route(http.MethodPost, "outbox/:id/retry", "auth.change_outbox", "Send a mail again that was given up. The lifetime of its link starts then.")
	retry.Tag = list.Tag
	core.Add(s, retry, f.retryMail)
}

// Mail is a mail that was given up, without its text, which has secrets of the user.
type Mail struct {
	ID        int64     `json:"id"`
	Kind      string    `json:"kind"`
	To        string    `json:"to"`
	User      int64     `json:"user"` // ID; 0 for an address that no account has
	Language  string    `json:"language"`
	Tries     int       `json:"tries"`
	Reason    string    `json:"reason"` // why the last try failed
	CreatedAt time.Time `json:"created_at"`
}

// Mails is a page of mails.
type Mails struct {
	Results []Mail  `json:"results"`
	Next    *string `json:"next"`
}

// listMails answers GET admin/outbox/.
func (f *feature) listMails(g *gin.Context, _ *binding.Empty) (out Mails, err error) {
	limit, err := limitOf(g)
	if err != nil {
		return out, err
	}
	at, err := positionOf(g, "outbox")
	if err != nil {
		return out, err
	}
	rows, err := f.core.FailedMails(g.Request.Context(), at.ID, limit+1)
	if len(rows) > limit {
		rows = rows[:limit]
		out.Next = position{List: "outbox", ID: rows[limit-1].ID}.cursor()
	}
	out.Results = make([]Mail, len(rows))
	for i := range rows {
		m := &rows[i]
		out.Results[i] = Mail{m.ID, m.Kind, m.Recipient, m.UserID, m.Lang, m.Tries, m.Reason, m.CreatedAt.UTC()}
	}
	return out, err
}

// retryMail answers POST admin/outbox/:id/retry/.
func (f *feature) retryMail(g *gin.Context, _ *binding.Empty) (binding.Detail, error) {
	var none binding.Detail
	id, err := core.PathID(g)
	if err != nil {
		return none, err
	}
	err = f.core.OperateAlone(g, nil, func(op *core.OperatorTx) error {
		mail, err := op.RetryMail(id)
		if err != nil {
			return core.NotFoundAs(err, core.ErrNotFound)
		}
		return op.Record(EventMailRetried, config.Event{User: &models.User{ID: mail.UserID}, Details: mail.Kind})
	})
	if err != nil {
		return none, err
	}
	return binding.Detail{Detail: f.core.Say(g, "done.mail_queued", nil)}, nil
}
