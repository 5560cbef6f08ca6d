package ginauth_test

import (
	"context"
	"fmt"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// withMail returns a configuration with a mailer and the pages of the front end.
func withMail(sender config.Mailer) config.Config {
	const site = "https://app.acme.example"
	return config.Config{Secret: secret, Mail: config.Mail{
		Sender: sender, From: "Acme <no-reply@acme.example>",
		URLs: config.MailURLs{Verify: site + "/verify/{key}", Reset: site + "/reset/{uid}/{token}", Notice: site + "/not-me/{key}"},
	}}
}

// Mails wait in a table until Run sends them. Run ends with its context, after it has sent the mails in flight; the
// others are sent after the next start.
func Example_outbox() {
	sent := make(chan config.Message)
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	check(err)
	auth, err := ginauth.New(db, withMail(config.MailerFunc(func(_ context.Context, m config.Message) error {
		sent <- m
		return nil
	})))
	check(err)
	check(auth.Migrate(context.Background()))
	router := gin.New()
	check(auth.Register(router))

	ctx, stop := context.WithCancel(context.Background()) // in a program: signal.NotifyContext
	ended := make(chan error)
	go func() { ended <- auth.Run(ctx) }()

	send := browser(router)
	send("POST", "/auth/registration/", `{"username": "ann", "email": "ann@example.com", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`)
	mail := <-sent
	fmt.Println(mail.Kind, mail.To, mail.Lang)
	stop()
	fmt.Println("ended:", <-ended)
	stats, err := auth.OutboxStats(context.Background()) // what to watch
	check(err)
	fmt.Println("waiting:", stats.Pending, "given up:", stats.Failed)
	// Output:
	// verify ann@example.com en
	// ended: <nil>
	// waiting: 0 given up: 0
}
