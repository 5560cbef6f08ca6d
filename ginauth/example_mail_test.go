package ginauth_test

import (
	"context"
	"fmt"
	"regexp"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// provider sends mails through your own service. A config.Mailer has one method.
type provider struct{ last config.Message }

// Send returns an error for a mail to be tried again later, and config.Permanent(err) for one that can never be
// sent.
func (p *provider) Send(_ context.Context, m config.Message) error {
	p.last = m
	return nil
}

// link finds the link to a page of the front end, with the key in its URL.
var link = regexp.MustCompile(`https://app\.acme\.example/verify/(\S+)`)

// A mailer of your own, and addresses that must be confirmed before users can log in. Package mailer has mailers
// for SMTP and for development.
func Example_mail() {
	ctx, sender := context.Background(), &provider{}
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	check(err)
	auth, err := ginauth.New(db, config.Config{
		Secret: secret, EmailVerification: config.VerifyMandatory,
		Mail: config.Mail{
			Sender: sender, From: "Acme <no-reply@acme.example>",
			URLs: config.MailURLs{ // pages of the front end, which POST the key in their URL
				Verify: "https://app.acme.example/verify/{key}",
				Reset:  "https://app.acme.example/reset/{uid}/{token}",
				Notice: "https://app.acme.example/not-me/{key}",
			},
		},
	})
	check(err)
	check(auth.Migrate(ctx))
	router := gin.New()
	check(auth.Register(router))

	send := browser(router)
	fmt.Println(send("POST", "/auth/registration/", `{"username": "ann", "email": "ann@example.com", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`))
	fmt.Println(send("POST", "/auth/login/", `{"username": "ann", "password": "Looking-Glass-7"}`))
	_, err = auth.SendOutbox(ctx) // once; a server calls Run
	check(err)
	fmt.Println(sender.last.To, sender.last.Subject)
	key := link.FindStringSubmatch(sender.last.Text)[1]
	fmt.Println(send("POST", "/auth/registration/verify-email/", `{"key": "`+key+`"}`))
	fmt.Println(send("POST", "/auth/login/", `{"username": "ann", "password": "Looking-Glass-7"}`))
	// Output:
	// 201 {"detail":"You will receive an e-mail with a link shortly. Open the link to confirm your address."}
	// 400 {"non_field_errors":["Please confirm your e-mail address first."]}
	// ann@example.com [Acme] Confirm your e-mail address
	// 200 {"detail":"Your address is confirmed."}
	// 200 {"user":{"pk":1,"username":"ann","email":"ann@example.com","first_name":"","last_name":""}}
}
