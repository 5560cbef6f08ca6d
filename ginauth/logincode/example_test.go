package logincode_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

// A user logs in with the link in a mail.
func Example() {
	gin.SetMode(gin.ReleaseMode)
	ctx := context.Background()
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	must(err)
	var mail config.Message
	auth, err := ginauth.New(db, config.Config{
		Secret:      "for examples: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo",
		LoginByCode: true, // adds login/code/ and login/code/confirm/
		Mail: config.Mail{
			Sender: config.MailerFunc(func(_ context.Context, m config.Message) error { mail = m; return nil }),
			From:   "Acme <no-reply@acme.example>",
			URLs: config.MailURLs{ // pages of your front end
				Verify: "https://app.acme.example/verify/{key}", Reset: "https://app.acme.example/reset/{uid}/{token}",
				Login: "https://app.acme.example/login/{key}", Notice: "https://app.acme.example/not-me/{key}",
			},
		},
	})
	must(err)
	must(auth.Migrate(ctx))
	router := gin.New()
	must(auth.Register(router))
	ann := &models.User{Username: "ann", Email: "ann@example.com"}
	must(auth.CreateUser(ctx, ann, ""))
	must(auth.ConfirmEmail(ctx, ann.ID, "ann@example.com"))

	send := func(path, body string) string {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		return fmt.Sprint(w.Code, " ", w.Body)
	}
	fmt.Println(send("/auth/login/code/", `{"email": "ann@example.com"}`)[:3])
	_, err = auth.SendOutbox(ctx) // a server calls Run
	must(err)
	key := regexp.MustCompile(`/login/(\S+)`).FindStringSubmatch(mail.Text)[1] // the page at the link reads it from its URL
	fmt.Println(send("/auth/login/code/confirm/", `{"key": "`+key+`"}`))
	fmt.Println(send("/auth/login/code/confirm/", `{"key": "`+key+`"}`)[:3])
	// Output:
	// 200
	// 200 {"user":{"pk":1,"username":"ann","email":"ann@example.com","first_name":"","last_name":""}}
	// 400
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
