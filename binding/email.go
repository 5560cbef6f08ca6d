package binding

import "github.com/ginauth/gin-rest-auth/models"

// KeyOrCode is the body of POST registration/verify-email/ and POST login/code/confirm/: either
// the key in a mail's link, or the address and the code in the mail.
type KeyOrCode struct {
	Key   string `json:"key" binding:"max=256"`
	Email string `json:"email" binding:"omitempty,max=254,address"`
	Code  string `json:"code" binding:"max=32"`
}

// NoticeKey is the body of POST security/revoke/.
type NoticeKey struct {
	Key string `json:"key" binding:"required,max=256"`
}

// EmailRequest is the body of POST registration/resend-email/ and POST login/code/.
type EmailRequest struct {
	Email string `json:"email" binding:"required,max=254,address"`
}

// CorrectEmail is the body of POST registration/correct-email/.
type CorrectEmail struct {
	Username string `json:"username" binding:"required,max=150"`
	Password string `json:"password" in:"raw" binding:"required,maxbytes=1024"`
	Email    string `json:"email" binding:"required,max=254,address"` // the new one
}

// AddEmail is the body of POST emails/. The password is needed unless the login is fresh.
type AddEmail struct {
	Email    string `json:"email" binding:"required,max=254,address"`
	Password string `json:"password" in:"raw,blank" binding:"maxbytes=1024"`
}

// Email is one address of the user, as GET emails/ lists it.
type Email struct {
	ID       int64  `json:"id"` // for emails/:id/
	Email    string `json:"email"`
	Verified bool   `json:"verified"`
	Primary  bool   `json:"primary"` // the one in User
}

// EmailOf copies the public columns of an address.
func EmailOf(e *models.Email, user *models.User) Email {
	return Email{ID: e.ID, Email: e.Address, Verified: e.Verified(), Primary: models.EmailKey(user.Email) == e.Key}
}
