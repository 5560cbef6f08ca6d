package binding

// ChangePassword is the body of POST password/change/. old_password is required
// unless config.Config.AllowPasswordChangeWithoutOld is set.
type ChangePassword struct {
	OldPassword  string `json:"old_password" in:"raw" binding:"maxbytes=1024"`
	NewPassword1 string `json:"new_password1" in:"raw" binding:"required,maxbytes=1024"`
	NewPassword2 string `json:"new_password2" in:"raw" binding:"required,maxbytes=1024"`
}
