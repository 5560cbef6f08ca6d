package binding

import "github.com/ginauth/gin-rest-auth/models"

// KeyOrCode is the body of POST registration/verify-email/, and a part of LoginByCode. It has either
// the key from the link in a mail, or the address and the code from the mail.
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
	Email    string `json:"email" binding:"required,max=254,address"` // the new address
}

// AddEmail is the body of POST emails/. The password is needed if the login is older than config.Session.Fresh.
type AddEmail struct {
	Email    string `json:"email" binding:"required,max=254,address"`
	Password string `json:"password" in:"raw,blank" binding:"maxbytes=1024"`
}

// Email is an address of the user. GET emails/ returns a list of them.
type Email struct {
	ID       int64  `json:"id"` // in the paths emails/:id/, emails/:id/primary/ and emails/:id/resend/
	Email    string `json:"email"`
	Verified bool   `json:"verified"`
	Primary  bool   `json:"primary"` // whether it is User.Email
}

// EmailOf returns the public fields of an address of the user.
func EmailOf(e *models.Email, user *models.User) Email {
	return Email{ID: e.ID, Email: e.Address, Verified: e.Verified(), Primary: models.EmailKey(user.Email) == e.Key}
}
