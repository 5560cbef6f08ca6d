package binding_test

import (
	"fmt"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// TeamSignUp is the body of POST registration/ with fields for a team.
type TeamSignUp struct {
	binding.Register
	Team   string `json:"team" binding:"required,max=40"`
	Seats  int    `json:"seats" binding:"required,min=1"`
	Admins int    `json:"admins" binding:"required,min=1"`
}

// checkTeam is the function of the form. The tags have checked the single fields before.
func checkTeam(f *TeamSignUp, _ *models.User) error {
	var reserved, admins error
	if f.Team == "admin" {
		reserved = binding.Invalid("team", binding.Problem{Code: binding.CodeTaken}) // with the library's message
	}
	if f.Admins > f.Seats {
		admins = binding.Invalid("admins", binding.Problem{Code: "too_many_admins", Message: "A team needs a seat for each admin."})
	}
	return binding.Merge(reserved, admins) // nil if both are nil
}

// The function of a form reports the problems of several fields at once.
func ExampleMerge() {
	_ = config.Config{Forms: config.Forms{SignUp: config.Form(checkTeam)}} // how the application uses the function

	fmt.Println(checkTeam(&TeamSignUp{Team: "gophers", Seats: 3, Admins: 1}, nil))
	fmt.Println(checkTeam(&TeamSignUp{Team: "admin", Seats: 3, Admins: 4}, nil))
	// Output:
	// <nil>
	// invalid: admins too_many_admins; team taken
}
