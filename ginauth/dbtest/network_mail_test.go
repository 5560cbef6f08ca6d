package dbtest_test

import (
	"fmt"
	"net"
	"net/mail"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"
	"github.com/ginauth/gin-rest-auth/ginauth/mailer"
	"github.com/ginauth/gin-rest-auth/models"
)

// mailNetwork is an application whose mails go through a proxy to an SMTP server.
type mailNetwork struct {
	*testing.T
	*authtest.App               // with an impatient mailer
	patient       *authtest.App // on the same database, for when the network works
	db            *gorm.DB
	p             *proxy
	inbox         inbox
	users         int
	met           bool // the last trouble was met
}

func newMailNetwork(t *testing.T) *mailNetwork {
	n := &mailNetwork{T: t, db: testdb.SQLite(t), inbox: inbox{mails: make(chan *mail.Message, 1000)}}
	n.p = startProxy(t, fmt.Sprintf("127.0.0.1:%d", listen(t, n.inbox.server(t))))
	sender := mailer.SMTP{Host: "127.0.0.1", Port: n.p.Addr().(*net.TCPAddr).Port, TLS: mailer.TLSInsecureNone}
	configure := func(cfg *config.Config) {
		(&authtest.Mailbox{}).Configure(cfg)
		cfg.Mail.Sender, cfg.Mail.MaxPerHour, cfg.Mail.Parallel = sender, -1, 1 // one after the other, so that the first meets the trouble
	}
	n.App = authtest.New(t, n.db, configure, func(cfg *config.Config) { cfg.Mail.Timeout = time.Second })
	n.patient = authtest.New(t, n.db, configure, func(cfg *config.Config) { cfg.Now = n.Clock.Now })
	return n
}

// sign signs up a user whose name is as long as that of the others, so that the server's responses are.
func (n *mailNetwork) sign() (email string) {
	n.users++
	name := fmt.Sprintf("user%03d", n.users)
	soon(n.T, "a sign-up", func() *authtest.Response {
		return n.Client(n.T).Post("/auth/registration/", authtest.SignUp(name))
	}).Want(201)
	return name + "@example.com"
}

func (n *mailNetwork) sendAll(app *authtest.App) (sent int) {
	n.Helper()
	sent, err := app.Auth.SendOutbox(n.Context())
	if err != nil {
		n.Fatal(err)
	}
	return sent
}

// waiting wants that mails which were not sent wait for their next attempt, and returns how many.
func (n *mailNetwork) waiting(what string) (pending int) {
	n.Helper()
	var all []models.OutboxMail
	if err := n.db.Where("state <> ?", models.MailSent).Find(&all).Error; err != nil {
		n.Fatal(err)
	}
	for _, m := range all {
		if m.State != models.MailPending || m.Tries != 1 || m.Reason == "" || !m.NextTryAt.Equal(n.Clock.Now().Add(time.Minute)) {
			n.Errorf("%s: %s after %d tries, due in %s: %q", what, m.State, m.Tries, m.NextTryAt.Sub(n.Clock.Now()), m.Reason)
		}
	}
	return len(all)
}

// arrived returns how often each mail has arrived, by its Message-ID.
func (n *mailNetwork) arrived() map[string]int {
	got := map[string]int{}
	for len(n.inbox.mails) > 0 {
		got[(<-n.inbox.mails).Header.Get("Message-ID")]++
	}
	return got
}

// TestMailNetwork: whatever the network to the SMTP server does, sign-ups and resets are answered as always, and mails arrive once. If the
// server's last response is lost, a mail may arrive twice with the same Message-ID, since nothing else tells that it has arrived.
func TestMailNetwork(t *testing.T) {
	t.Parallel()
	n := newMailNetwork(t)
	for _, trouble := range troubles {
		n.play(trouble.name, func() { n.p.set(trouble.state, trouble.bytes) }, false)
	}
	const content = 5 // the responses are the greeting, and those to EHLO, MAIL, RCPT, DATA, the content and QUIT
	for i := range 7 {
		for name, state := range map[string]trouble{"cut": cut, "black hole": blackHole} {
			n.met = false
			for try := 0; !n.met; try++ { // a slow machine reaches the deadline before the response
				if try == 5 {
					n.Fatalf("there is no response %d", i)
				}
				n.play(fmt.Sprint(name, " before response ", i), func() { n.p.setAfter(state, i) }, i == content)
			}
		}
	}
}

// play has mails sent while the network is in trouble, and again when it works. received says that the server gets the first of them, and
// that its response to it is lost.
func (n *mailNetwork) play(what string, trouble func(), received bool) {
	n.Helper()
	trouble()
	email := n.sign()
	soon(n.T, "a reset", func() *authtest.Response {
		return n.Client(n.T).Post("/auth/password/reset/", map[string]string{"email": email})
	}).Want(200)
	began := time.Now()
	sent := n.sendAll(n.App)
	if took := time.Since(began); took > 10*time.Second {
		n.Errorf("%s: sending took %s", what, took)
	}
	if pending := n.waiting(what); sent+pending != 2 {
		n.Errorf("%s: of two mails, %d are sent and %d wait", what, sent, pending)
	}
	n.met = n.p.withheld()
	n.p.set(healthy, 0)
	n.Clock.Advance(time.Minute)
	sent += n.sendAll(n.patient)
	if again := n.sendAll(n.patient); sent != 2 || again != 0 || n.waiting(what) != 0 {
		n.Errorf("%s: %d mails were sent, and %d again", what, sent, again)
	}
	got, twice := n.arrived(), 0
	for id, times := range got {
		if twice += times - 1; id == "" {
			n.Errorf("%s: a mail without Message-ID", what)
		}
	}
	if len(got) != 2 || twice > 1 || twice > 0 != (received && n.met) {
		n.Errorf("%s: %d mails arrived, %d of them twice", what, len(got), twice)
	}
}
