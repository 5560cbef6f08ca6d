package dbtest

import (
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

type (
	shadowedOld struct {
		binding.ChangePassword
		OldPassword string `json:"old_password" in:"raw" binding:"required,max=200"`
	}
	shadowedName struct {
		binding.Register
		Username string `json:"username" binding:"required,alphanum,min=3"`
	}
	moreFields  struct{ Company string }
	pointerForm struct {
		binding.Register
		*moreFields
	}
)

// ownFormsMustNotHideLibraryFields: a field with the same Go name would hide the library's field. The library would then
// check an empty old password and store an empty name.
func ownFormsMustNotHideLibraryFields(c *Case) {
	c.wantNewError("Forms.PasswordChange: dbtest.shadowedOld hides OldPassword", func(cfg *config.Config) {
		cfg.Forms.PasswordChange = config.Form(func(*shadowedOld, *models.User) error { return nil })
	})
	c.wantNewError("Forms.SignUp: dbtest.shadowedName hides Username", func(cfg *config.Config) {
		cfg.Forms.SignUp = config.Form(func(*shadowedName, *models.User) error { return nil })
	})
	c.wantNewError("Forms.SignUp: dbtest.pointerForm embeds *dbtest.moreFields", func(cfg *config.Config) {
		cfg.Forms.SignUp = config.Form(func(*pointerForm, *models.User) error { return nil })
	})
}

// ownFormsWriteOnlyTheirUser: no matter what the form does to the user it gets.
func ownFormsWriteOnlyTheirUser(c *Case) {
	var bob int64
	c.Start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.Profile = config.Form(func(_ *memberProfile, m *Member) error {
			*m = Member{Company: "Acme", User: models.User{ID: bob, Username: "root", IsStaff: true}}
			return nil
		})
	})
	ann := c.SignedUp("ann")
	c.SignedUp("bob")
	bob = c.member("bob").ID
	r := ann.Patch("/auth/user/", obj{"first_name": "Ann"}).Want(200)
	if !strings.Contains(r.Text, `"username":"ann"`) {
		c.Errorf("answered %s", r.Text)
	}
	if m := c.member("bob"); m.FirstName+m.Company != "" {
		c.Errorf("bob is %q of %q", m.FirstName, m.Company)
	}
	if m := c.member("ann"); m.FirstName != "Ann" || m.Company != "Acme" || m.IsStaff {
		c.Errorf("ann is %+v", m)
	}
}

// ownLoginFormCannotChangeTheUser: a form cannot log in as another user.
func ownLoginFormCannotChangeTheUser(c *Case) {
	var bob int64
	c.Start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.Login = config.Form(func(f *annotatedLogin, m *Member) error {
			m.ID, m.Company = bob, f.Note
			return nil
		})
	})
	c.SignedUp("ann")
	c.SignedUp("bob")
	bob = c.member("bob").ID
	ann := c.Client()
	ann.Post("/auth/login/", obj{"username": "ann", "password": authtest.Password, "note": "at work"}).Want(200)
	if r := ann.Get("/auth/user/").Want(200); !strings.Contains(r.Text, `"username":"ann"`) {
		c.Errorf("ann is %s", r.Text)
	}
	if c.member("ann").Company != "at work" || c.member("bob").Company != "" {
		c.Error("the note was changed")
	}
}

// ownSignUpFormWritesProfile: of models.User, a sign-up form sets names and language, but no rights, keys or times.
func ownSignUpFormWritesProfile(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.SignUp = config.Form(func(f *memberSignUp, m *Member) error {
			root := models.Key("root")
			*m = Member{Company: f.Company, User: models.User{
				ID: 77, Password: "x", IsSuperuser: true, IsStaff: true, SessionEpoch: 9, Username: "root", UsernameKey: &root,
				Email: "root@example.com", FirstName: "Ann", LastName: "Other", Locale: "fr", DeleteAt: new(time.Time),
			}}
			return nil
		})
	})
	c.Client().Post("/auth/registration/", memberIn("ann")).Want(201)
	m := c.member("ann")
	if m.Company != "Acme" || m.FirstName != "Ann" || m.LastName != "Other" || m.Locale != "fr" {
		c.Errorf("stored %+v", m)
	}
	if m.ID == 77 || m.IsSuperuser || m.IsStaff || m.SessionEpoch != 0 || m.Username != "ann" || m.Email != "ann@example.com" || m.DeleteAt != nil {
		c.Errorf("stored %+v", m)
	}
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200)
}
