package binding

import "github.com/ginauth/gin-rest-auth/models"

// User is the public profile, returned to its owner.
type User struct {
	PK        int64  `json:"pk"`
	Username  string `json:"username"`
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`

	// HasPassword says whether the user has a password, or must set one first at password/set/. It is nil, and not in responses,
	// unless config.Config.ShowHasPassword is set: dj-rest-auth's responses do not have it.
	HasPassword *bool `json:"has_password,omitempty"`
}

// UserOf returns the public profile of a user.
func UserOf(u *models.User) User {
	return User{PK: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName}
}

// UpdateUser is the body of PUT and PATCH user/: what users can change in their profile. A nil field is not in the
// body and stays unchanged. A new name must pass [ValidUsername]. The current name need not: Django may have stored it.
type UpdateUser struct {
	Username  *string `json:"username,omitempty" binding:"omitnil,max=150"`
	FirstName *string `json:"first_name,omitempty" in:"blank" binding:"omitnil,max=150"`
	LastName  *string `json:"last_name,omitempty" in:"blank" binding:"omitnil,max=150"`
	Locale    *string `json:"locale,omitempty" binding:"omitnil,max=35,bcp47_language_tag"` // language of mails and responses, such as "de" or "pt-BR"
}
