package dbtest

import (
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var ownCases = []func(*Case){
	OwnFormsKeepOurFields, OwnFormsWriteTheirUserOnly, OwnLoginFormIsNobodyElse, OwnSignUpFormWritesProfile,
	OwnUserMustBeFound, OwnEmbeddedColumns, OwnColumnsAreNotOurs, OwnColumnsChangedMeanwhile, OwnSealedColumns, OwnColumnsChangedInPlace,
}

// refused wants New to refuse a configuration, in words that have want in them.
func (c *Case) refused(want string, change func(*config.Config)) {
	c.Helper()
	if c.DB == nil {
		c.DB = c.open(c.T)
	}
	cfg := authtest.Prepare(c.T, c.DB).Auth.Config()
	change(&cfg)
	if _, err := ginauth.New(c.DB, cfg); err == nil || !strings.Contains(err.Error(), want) {
		c.Errorf("New: %v, want %q", err, want)
	}
}

type (
	userBehindPointer struct{ *models.User }
	hiddenCommon      struct{ models.User }
	userWithinHidden  struct{ hiddenCommon }
	userLeftOut       struct {
		models.User `gorm:"-"`
	}
	userWithPrefix struct {
		models.User `gorm:"embeddedPrefix:u_"`
	}
	userOfRelation struct{ User models.User }

	// Common is what several users of an application have.
	Common struct {
		models.User
		House string `gorm:"size:80"`
	}
	lodger struct {
		Common
		Room int
	}
	lodgerProfile struct {
		binding.UpdateUser
		House string `json:"house"`
	}
)

func (u *userOfRelation) Base() *models.User { return &u.User }

// OwnUserMustBeFound: New refuses a user whose columns GORM would not find, before it, or the
// database, does in other words; one in a struct between is found.
func OwnUserMustBeFound(c *Case) {
	for want, make := range map[string]func() models.Account{
		"dbtest.userBehindPointer: models.User is behind the pointer *models.User; embed ":                config.Model[userBehindPointer](),
		"dbtest.userWithinHidden: models.User is within hiddenCommon, which is not exported; embed ":      config.Model[userWithinHidden](),
		`dbtest.userLeftOut: gorm:"-" leaves no column "id" of models.User; embed `:                       config.Model[userLeftOut](),
		`dbtest.userWithPrefix: gorm:"embeddedPrefix:u_" leaves no column "id" of models.User; embed `:    config.Model[userWithPrefix](),
		"dbtest.userOfRelation: its Base returns no models.User that it embeds; embed models.User by val": config.Model[userOfRelation](),
	} {
		c.refused("config: NewUser: "+want, func(cfg *config.Config) { cfg.NewUser = make })
	}
	c.start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[lodger]()
		cfg.Forms.Profile = config.Form(func(f *lodgerProfile, l *lodger) error {
			l.House, l.Room, l.IsStaff = f.House, 7, true
			return nil
		})
	})
	c.signedUp("ann").Patch("/auth/user/", obj{"first_name": "Ann", "house": "Usher"}).Want(200)
	var ann lodger
	if err := c.DB.Where("username_key = ?", "ann").Take(&ann).Error; err != nil {
		c.Fatal(err)
	}
	if ann.House != "Usher" || ann.Room != 7 || ann.FirstName != "Ann" || ann.IsStaff {
		c.Errorf("stored %+v", ann)
	}
}

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

// OwnFormsKeepOurFields: a field of the same Go name would hide ours from the library, which
// would then check an empty old password and store an empty name.
func OwnFormsKeepOurFields(c *Case) {
	c.refused("Forms.PasswordChange: dbtest.shadowedOld hides OldPassword", func(cfg *config.Config) {
		cfg.Forms.PasswordChange = config.Form(func(*shadowedOld, *models.User) error { return nil })
	})
	c.refused("Forms.SignUp: dbtest.shadowedName hides Username", func(cfg *config.Config) {
		cfg.Forms.SignUp = config.Form(func(*shadowedName, *models.User) error { return nil })
	})
	c.refused("Forms.SignUp: dbtest.pointerForm embeds *dbtest.moreFields", func(cfg *config.Config) {
		cfg.Forms.SignUp = config.Form(func(*pointerForm, *models.User) error { return nil })
	})
}

// OwnFormsWriteTheirUserOnly: whatever a form does to the user it gets.
func OwnFormsWriteTheirUserOnly(c *Case) {
	var bob int64
	c.start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.Profile = config.Form(func(_ *memberProfile, m *Member) error {
			*m = Member{Company: "Acme", User: models.User{ID: bob, Username: "root", IsStaff: true}}
			return nil
		})
	})
	ann := c.signedUp("ann")
	c.signedUp("bob")
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

// annotatedLogin is a login with a note for the record.
type annotatedLogin struct {
	binding.Login
	Note string `json:"note"`
}

// OwnLoginFormIsNobodyElse: a form cannot log in as another.
func OwnLoginFormIsNobodyElse(c *Case) {
	var bob int64
	c.start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.Login = config.Form(func(f *annotatedLogin, m *Member) error {
			m.ID, m.Company = bob, f.Note
			return nil
		})
	})
	c.signedUp("ann")
	c.signedUp("bob")
	bob = c.member("bob").ID
	ann := c.client()
	ann.Post("/auth/login/", obj{"username": "ann", "password": authtest.Password, "note": "at work"}).Want(200)
	if r := ann.Get("/auth/user/").Want(200); !strings.Contains(r.Text, `"username":"ann"`) {
		c.Errorf("ann is %s", r.Text)
	}
	if c.member("ann").Company != "at work" || c.member("bob").Company != "" {
		c.Error("the note is another's")
	}
}

// OwnSignUpFormWritesProfile: of models.User a sign-up form sets names and language, and no
// rights, keys or times.
func OwnSignUpFormWritesProfile(c *Case) {
	c.start(func(cfg *config.Config) {
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
	c.client().Post("/auth/registration/", memberIn("ann")).Want(201)
	m := c.member("ann")
	if m.Company != "Acme" || m.FirstName != "Ann" || m.LastName != "Other" || m.Locale != "fr" {
		c.Errorf("stored %+v", m)
	}
	if m.ID == 77 || m.IsSuperuser || m.IsStaff || m.SessionEpoch != 0 || m.Username != "ann" || m.Email != "ann@example.com" || m.DeleteAt != nil {
		c.Errorf("stored %+v", m)
	}
	c.client().Post("/auth/login/", authtest.Login("ann")).Want(200)
}
