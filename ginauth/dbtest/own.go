package dbtest

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"maps"
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

type (
	billing struct {
		Email  string
		Locale *string
	}
	payer struct {
		models.User
		Billing billing `gorm:"embedded;embeddedPrefix:billing_"`
	}
	payerFirst struct {
		Billing *billing `gorm:"embedded;embeddedPrefix:billing_"`
		models.User
	}
	payerProfile struct {
		binding.UpdateUser
		Bill string `json:"bill"`
	}
)

// OwnEmbeddedColumns: fields with the names of ours, whose columns are others.
func OwnEmbeddedColumns(c *Case) {
	de := "de"
	stored := func(want string) {
		c.Helper()
		c.signedUp("ann").Patch("/auth/user/", obj{"bill": "bill@example.com"}).Want(200)
		var row struct{ Email, Locale, BillingEmail, BillingLocale string }
		c.DB.Table("auth_user").Limit(1).Find(&row)
		if got := fmt.Sprint(row); got != want {
			c.Errorf("stored %s, want %s", got, want)
		}
	}
	c.start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[payer]()
		cfg.Forms.Profile = config.Form(func(f *payerProfile, p *payer) error {
			p.Billing, p.User.Email, p.User.Locale = billing{f.Bill, &de}, "evil@example.com", "fr"
			return nil
		})
	})
	stored("{ann@example.com  bill@example.com de}")
	c.start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[payerFirst]()
		cfg.Forms.Profile = config.Form(func(f *payerProfile, p *payerFirst) error {
			p.Billing, p.User.Email, p.User.Locale = &billing{f.Bill, &de}, "evil@example.com", "fr"
			return nil
		})
	})
	stored("{ann@example.com  bill@example.com de}")
}

type (
	selfMadeAdmin struct {
		models.User
		Admin bool `gorm:"column:is_staff"`
	}
	secondHash struct {
		models.User
		Login struct{ Password string } `gorm:"embedded"`
	}
	shouting struct {
		models.User
		Epoch int64 `gorm:"column:SESSION_EPOCH"`
	}
	leftOut struct {
		models.User
		Admin bool `gorm:"-;column:is_staff"`
	}
)

// OwnColumnsAreNotOurs: an own field on a column of the library's would be written by forms.
func OwnColumnsAreNotOurs(c *Case) {
	for want, make := range map[string]func() models.Account{
		"dbtest.selfMadeAdmin: Admin has the column is_staff":           config.Model[selfMadeAdmin](),
		"dbtest.secondHash: Login.Password has the column password":     config.Model[secondHash](),
		"dbtest.shouting: Epoch has the column SESSION_EPOCH, which is": config.Model[shouting](),
	} {
		c.refused(want, func(cfg *config.Config) { cfg.NewUser = make })
	}
	c.start(func(cfg *config.Config) { cfg.NewUser = config.Model[leftOut]() })
	c.signedUp("ann").Get("/auth/user/").Want(200)
}

// OwnColumnsChangedMeanwhile: what a form leaves alone is not written, with a serializer
// neither, or it would take back what the application wrote since.
func OwnColumnsChangedMeanwhile(c *Case) {
	meanwhile := func(m *Member, note string) error {
		return c.DB.Model(&Member{}).Where("id = ?", m.ID).Updates(&Member{Notes: []string{note}, Seats: 9}).Error
	}
	c.start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.Profile = config.Form(func(_ *memberProfile, m *Member) error { return meanwhile(m, "profile") })
		cfg.Forms.Login = config.Form(func(_ *annotatedLogin, m *Member) error { return meanwhile(m, "login") })
	})
	c.signedUp("ann").Patch("/auth/user/", obj{"first_name": "Ann"}).Want(200)
	if m := c.member("ann"); fmt.Sprint(m.Notes, m.Seats) != "[profile] 9" {
		c.Errorf("stored %v %d", m.Notes, m.Seats)
	}
	c.client().Post("/auth/login/", authtest.Login("ann")).Want(200)
	if m := c.member("ann"); fmt.Sprint(m.Notes, m.Seats) != "[login] 9" {
		c.Errorf("stored %v %d", m.Notes, m.Seats)
	}
}

// attributes are a column by the interfaces of database/sql.
type attributes map[string]string

func (a attributes) Value() (driver.Value, error) { return json.Marshal(a) }

func (a *attributes) Scan(v any) error {
	if text, ok := v.(string); ok {
		v = []byte(text)
	}
	return json.Unmarshal(v.([]byte), a)
}

type attributed struct {
	models.User
	Attributes attributes `gorm:"type:text"`
	Nick       *string
	Seen       *time.Time
	Notes      []string            `gorm:"serializer:json"`
	Tree       map[string][]string `gorm:"serializer:json"`
	Billing    *billing            `gorm:"embedded;embeddedPrefix:billing_"`
}

// OwnColumnsChangedInPlace: behind a pointer, or in a map or slice.
func OwnColumnsChangedInPlace(c *Case) {
	second := false
	c.start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[attributed]()
		cfg.Forms.Profile = config.Form(func(f *payerProfile, a *attributed) error {
			if !second {
				a.Attributes, a.Nick, a.Notes, a.Seen = attributes{"a": "1"}, new("1"), []string{"1"}, new(time.Unix(1, 0).UTC())
				a.Tree, a.Billing = map[string][]string{"a": {"1"}}, &billing{Email: "1"}
				return nil
			}
			a.Attributes["a"], *a.Nick, a.Notes[0], *a.Seen = "2", "2", "2", time.Unix(2, 0).UTC()
			a.Tree["a"][0], a.Billing.Email, *a.User.UsernameKey = "2", "2", "root"
			return nil
		})
	})
	ann := c.signedUp("ann")
	ann.Patch("/auth/user/", obj{}).Want(200)
	second = true
	ann.Patch("/auth/user/", obj{}).Want(200)
	var a attributed
	c.DB.Where("username_key = ?", "ann").Limit(1).Find(&a)
	if a.ID == 0 || !maps.Equal(a.Attributes, attributes{"a": "2"}) || *a.Nick != "2" || a.Notes[0] != "2" || a.Seen.Unix() != 2 ||
		a.Tree["a"][0] != "2" || a.Billing.Email != "2" {
		c.Errorf("stored %+v", a)
	}
}
