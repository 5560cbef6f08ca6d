package binding_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
)

// CompanySignUp is the body of POST registration/ with more fields.
type CompanySignUp struct {
	binding.Register          // username, email, password1, password2
	Company          string   `json:"company" binding:"required,max=20"`
	Seats            int      `json:"seats" binding:"omitempty,min=1,max=500"`
	Interests        []string `json:"interests" binding:"max=3,dive,max=10"`
	Remark           *string  `json:"remark" in:"raw,blank" binding:"omitnil,max=200"` // nil: not in the body
}

// This example decodes a form with fields of the application, and shows what the client sees if values are wrong. A form
// in config.Config.Forms is decoded in the same way, so you can test its tags like this.
func Example() {
	read := func(body string) (*CompanySignUp, error) {
		r := httptest.NewRequest(http.MethodPost, "/auth/registration/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		form := new(CompanySignUp)
		return form, binding.Decode(httptest.NewRecorder(), r, form)
	}

	form, err := read(`{"username": " ann ", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7", "company": "Acme", "remark": ""}`)
	fmt.Printf("%q %q %q %v\n", form.Username, form.Company, *form.Remark, err)

	_, err = read(`{"password1": "Looking-Glass-7", "company": "Acme and Sons of Bern", "seats": 0.5, "interests": ["go", "cryptography"]}`)
	if e, ok := errors.AsType[*binding.Error](err); ok {
		fmt.Println(e.Status, e.Code)
		for _, field := range e.FieldNames() {
			for _, problem := range e.Fields[field] {
				fmt.Println(field, problem.Code)
			}
		}
	}
	// Output:
	// "ann" "Acme" "" <nil>
	// 400 invalid
	// company max_length
	// interests[1] max_length
	// password2 required
	// seats invalid
}
