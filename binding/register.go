package binding

// InvitationField is the field of a sign-up that has the key of an invitation.
const InvitationField = "invitation"

// Register is the body of POST registration/. config.Config.SignUpFields says which of username and email are
// required, optional or ignored.
type Register struct {
	Username  string `json:"username" binding:"omitempty,max=150,username"`
	Email     string `json:"email" binding:"omitempty,max=254,address"`
	Password1 string `json:"password1" in:"raw" binding:"required,maxbytes=1024"`
	Password2 string `json:"password2" in:"raw" binding:"required,maxbytes=1024"`

	// Invitation is the key of an invitation. It is ignored unless the application has package invite.
	Invitation string `json:"invitation" binding:"max=128"`
}
