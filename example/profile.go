package main

import (
	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// profile is the user in the responses of user/ and of logins: that of the library, and what the pages need besides.
type profile struct {
	binding.User
	IsOperator bool `json:"is_operator"` // staff and superusers, who alone can open the pages for operators
}

// profileOf is the example's view of a user. user is nil in a response that is not about a user.
func profileOf(response binding.User, user *models.User) profile {
	return profile{response, user != nil && (user.IsStaff || user.IsSuperuser)}
}
