package core_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// serve creates an application with a feature, and returns a function that sends requests to it.
func serve(feature core.Feature) (auth *ginauth.Auth, send func(method, path, body string, header ...string) string) {
	gin.SetMode(gin.ReleaseMode)
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	must(err)
	auth, err = ginauth.New(db, config.Config{Secret: "for examples: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo"}, feature)
	must(err)
	must(auth.Migrate(context.Background()))
	router := gin.New()
	must(auth.Register(router))
	return auth, func(method, path, body string, header ...string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		return fmt.Sprint(w.Code, " ", w.Body)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// A feature with one typed route. The OpenAPI document, OPTIONS and the 405 for other methods follow from it.
func ExampleAdd() {
	type Greeting struct {
		Name string `json:"name" binding:"required,max=20"`
	}
	_, send := serve(func(s *core.Setup) error {
		core.Add(s, core.Route{Method: http.MethodPost, Path: "greet", Doc: "Say hello."},
			func(_ *gin.Context, in *Greeting) (binding.Detail, error) {
				return binding.Detail{Detail: "Hello, " + in.Name + "."}, nil
			})
		return nil
	})
	fmt.Println(send("POST", "/auth/greet/", `{"name": "Ann"}`))
	fmt.Println(send("POST", "/auth/greet", `{}`))
	fmt.Println(send("GET", "/auth/greet/", ""))
	// Output:
	// 200 {"detail":"Hello, Ann."}
	// 400 {"name":["This field is required."]}
	// 405 {"detail":"This action is not available here.","code":"method_not_allowed"}
}

// A maintenance mode. A gate runs before the user is looked up and the body is read.
func ExampleSetup_Gate() {
	_, send := serve(func(s *core.Setup) error {
		s.Codes(binding.CodeDoc{Code: "maintenance", Statuses: []int{503}, Meaning: "logins are closed for maintenance"})
		s.Gate(func(_ *gin.Context, r *core.Route) error {
			if r.Path != "login" {
				return nil
			}
			return &binding.Error{Status: http.StatusServiceUnavailable, Code: "maintenance", Message: "Please come back at noon."}
		})
		return nil
	})
	fmt.Println(send("POST", "/auth/login/", `{"username": "ann", "password": "x"}`))
	fmt.Println(send("POST", "/auth/logout/", ""))
	// Output:
	// 503 {"detail":"Please come back at noon.","code":"maintenance"}
	// 200 {"detail":"You are logged out."}
}

// Service keys. A request with one can do what its user can do, but cannot change the account.
func ExampleSetup_Identify() {
	users := map[string]int64{} // by key; a real feature has a table with hashes
	auth, send := serve(func(s *core.Setup) error {
		s.Identify(core.Identifier{Name: "service", Find: func(g *gin.Context) (*core.Credential, error) {
			key := g.GetHeader("X-Service-Key")
			if key == "" {
				return nil, nil
			}
			if users[key] == 0 {
				return nil, core.ErrInvalidToken
			}
			return &core.Credential{UserID: users[key]}, nil
		}})
		return nil
	})
	bot := &models.User{}
	bot.Username = "bot"
	must(auth.CreateUser(context.Background(), bot, ""))
	users["k1"] = bot.ID
	fmt.Println(send("GET", "/auth/user/", "", "X-Service-Key", "k1"))
	fmt.Println(send("GET", "/auth/user/", "", "X-Service-Key", "k2"))
	fmt.Println(send("POST", "/auth/user/delete/", "{}", "X-Service-Key", "k1")[:3])
	// Output:
	// 200 {"pk":1,"username":"bot","email":"","first_name":"","last_name":""}
	// 401 {"detail":"This token is not valid or has expired. Please log in again.","code":"token_not_valid"}
	// 403
}

// Another way to log in. It ends in SignIn, which checks that the account is active, calls hooks, asks for a second
// factor, and returns the response of every login.
func ExampleCore_SignIn() {
	auth, send := serve(func(s *core.Setup) error {
		c := s.Core()
		core.Add(s, core.Route{
			Method: http.MethodPost, Path: "login/badge", SetsCookies: true, Doc: "Log in with a badge.", Answers: []any{binding.LoginResponse{}},
		}, func(g *gin.Context, in *badge) (any, error) {
			if in.Badge != "badge of ann" { // a real feature asks its table
				return nil, core.ErrCredentials
			}
			account, err := c.UserByName(g.Request.Context(), "ann")
			if err != nil {
				return nil, core.NotFoundAs(err, core.ErrCredentials)
			}
			return c.SignIn(g, core.Flow{Account: account, Method: "badge"})
		})
		return nil
	})
	must(auth.CreateUser(context.Background(), &models.User{Username: "ann"}, ""))
	fmt.Println(send("POST", "/auth/login/badge/", `{"badge": "stolen"}`))
	fmt.Println(send("POST", "/auth/login/badge/", `{"badge": "badge of ann"}`))
	// Output:
	// 400 {"non_field_errors":["We could not log you in with these details. Please check them and try again."]}
	// 200 {"user":{"pk":1,"username":"ann","email":"","first_name":"","last_name":""}}
}

type badge struct {
	Badge string `json:"badge" binding:"required"`
}
