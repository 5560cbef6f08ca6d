package binding

// ResetPassword is the body of POST password/reset/.
type ResetPassword struct {
	Email string `json:"email" binding:"required,max=254,address"`
}

// ConfirmReset is the body of POST password/reset/confirm/. It has either the uid and token from the link in the mail,
// or the email and the code from the mail.
type ConfirmReset struct {
	UID          string `json:"uid" binding:"max=64"`
	Token        string `json:"token" binding:"max=128"`
	Email        string `json:"email" binding:"omitempty,max=254,address"`
	Code         string `json:"code" binding:"max=32"`
	NewPassword1 string `json:"new_password1" in:"raw" binding:"required,maxbytes=1024"`
	NewPassword2 string `json:"new_password2" in:"raw" binding:"required,maxbytes=1024"`
}

// RecentPassword is the body of DELETE emails/:id/, POST emails/:id/primary/ and POST user/delete/. These need the
// password if the login is older than config.Session.Fresh.
type RecentPassword struct {
	Password string `json:"password" in:"raw,blank" binding:"maxbytes=1024"`
}

// Reauthenticate is the body of POST reauthenticate/: the password, or a code of a second factor.
type Reauthenticate struct {
	Password string `json:"password" in:"raw" binding:"maxbytes=1024"`
	Code     string `json:"code" binding:"max=32"`
}

// SetPassword is the body of POST password/set/.
type SetPassword struct {
	NewPassword1 string `json:"new_password1" in:"raw" binding:"required,maxbytes=1024"`
	NewPassword2 string `json:"new_password2" in:"raw" binding:"required,maxbytes=1024"`
}

// ChangePassword is the body of POST password/change/. The old password is required unless
// config.Config.AllowPasswordChangeWithoutOld is set.
type ChangePassword struct {
	OldPassword  string `json:"old_password" in:"raw" binding:"maxbytes=1024"`
	NewPassword1 string `json:"new_password1" in:"raw" binding:"required,maxbytes=1024"`
	NewPassword2 string `json:"new_password2" in:"raw" binding:"required,maxbytes=1024"`
}
