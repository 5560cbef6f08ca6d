package dbtest

import (
	"net/http"
	"strings"
	"testing/fstest"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// What applications do that nobody thought of at first: GORM's hooks on their user, views that
// panic or give nothing, errors with codes and statuses of their own.
var patientCases = []func(*Case){
	GORMHooksRunForForms, OwnUniqueColumnIsTaken, ProfileIsWrittenOnce, ErrorViewThatPanics, ViewsOfNothing, GuardKeepsItsStatus,
	OwnCodesHaveTexts, OwnUniqueColumnIsTakenInReset, GORMHooksRunOnceATry,
}

// Patient seals a column of its own in a GORM hook.
type Patient struct {
	models.User
	SSN   string  `gorm:"size:80;not null;default:''"`
	Phone *string `gorm:"size:20;uniqueIndex"`
	Shown string  `gorm:"-"`
}

// BeforeSave seals.
func (p *Patient) BeforeSave(*gorm.DB) error {
	if p.SSN != "" && !strings.HasPrefix(p.SSN, "sealed:") {
		p.SSN = "sealed:" + p.SSN
	}
	return nil
}

// AfterFind fills what is no column.
func (p *Patient) AfterFind(*gorm.DB) error {
	p.Shown = strings.TrimPrefix(p.SSN, "sealed:")
	return nil
}

type patientProfile struct {
	binding.UpdateUser
	SSN   *string `json:"ssn"`
	Phone *string `json:"phone"`
}

type patientChange struct {
	binding.ChangePassword
	Phone string `json:"phone"`
}

func patients(cfg *config.Config) {
	cfg.NewUser = config.Model[Patient]()
	cfg.Forms.Profile = config.Form(func(f *patientProfile, p *Patient) error {
		if f.SSN != nil {
			p.SSN = *f.SSN
		}
		if f.Phone != nil {
			p.Phone = f.Phone
		}
		return nil
	})
	cfg.Forms.PasswordChange = config.Form(func(f *patientChange, p *Patient) error { p.Phone = &f.Phone; return nil })
}

// GORMHooksRunForForms: what a hook seals at sign-up is not stored in clear by a form, and what
// one fills after reading is there in every handler.
func GORMHooksRunForForms(c *Case) {
	c.start(patients)
	c.Router.GET("/shown", c.Auth.RequireUser(), func(g *gin.Context) { g.String(200, ginauth.UserAs[Patient](g).Shown) })
	ann := c.signedUp("ann")
	ann.Patch("/auth/user/", obj{"ssn": "078-05-1120"}).Want(200)
	var ssn string
	if err := c.DB.Table("auth_user").Limit(1).Pluck("ssn", &ssn).Error; err != nil || ssn != "sealed:078-05-1120" {
		c.Errorf("stored: %q, %v", ssn, err)
	}
	if r := ann.Get("/shown").Want(200); r.Text != "078-05-1120" {
		c.Errorf("AfterFind did not run: %q", r.Text)
	}
}

// OwnUniqueColumnIsTaken: a form that gives a value which another user has is refused, whatever
// the form is for.
func OwnUniqueColumnIsTaken(c *Case) {
	c.start(patients)
	c.signedUp("ann").Patch("/auth/user/", obj{"phone": "1"}).Want(200)
	bob := c.signedUp("bob")
	bob.Post("/auth/password/change/", obj{
		"old_password": authtest.Password, "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88", "phone": "1",
	}).WantProblems("non_field_errors taken")
	bob.Patch("/auth/user/", obj{"phone": "1"}).WantProblems("non_field_errors taken")
	c.loggedIn("bob") // with the old password
}

// ProfileIsWrittenOnce: where the application has no columns, none of ours count as its own.
func ProfileIsWrittenOnce(c *Case) {
	m := c.startMeasured()
	ann := c.signedUp("ann")
	r := c.measure(m, func() *authtest.Response { return ann.Patch("/auth/user/", obj{"username": "anna"}) })
	if n := strings.Count(r.statements, "update auth_user"); r.status != 200 || n != 1 {
		c.Errorf("%d updates: %s", n, r.statements)
	}
}

// ErrorViewThatPanics covers T214: a refusal does not become no answer at all.
func ErrorViewThatPanics(c *Case) {
	c.start(patients, func(cfg *config.Config) {
		cfg.Views = config.Views{config.UserView(func(_ binding.Error, p *Patient) obj { return obj{"phone": p.Phone} })} // nil, where nobody is logged in
	})
	r := authtest.NewClient(c.T, c.Router).Do("GET", "/auth/user/", nil, "Accept", "application/json").Want(401)
	if !strings.Contains(r.Text, "not_authenticated") || !strings.Contains(c.Log.String(), "panic") {
		c.Errorf("%s, logged %s", r.Text, c.Log)
	}
}

// ViewsOfNothing: a view may give nil.
func ViewsOfNothing(c *Case) {
	c.start(func(cfg *config.Config) { cfg.Views = config.Views{config.View(func(binding.User) any { return nil })} })
	ann := c.client()
	if r := ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201); r.Text != `{"user":null}` {
		c.Errorf("got %s", r.Text)
	}
	if r := ann.Get("/auth/user/").Want(200); r.Text != "null" {
		c.Errorf("got %q", r.Text)
	}
}

// GuardKeepsItsStatus: what is more than a field that is not right is answered as it is.
func GuardKeepsItsStatus(c *Case) {
	c.start(func(cfg *config.Config) {
		cfg.RegisterGuard = func(*http.Request) error {
			e := binding.Invalid(binding.NonField, binding.Problem{Code: "closed", Message: "Closed."})
			e.Status = 403
			return e.WithHeader("Retry-After", "60")
		}
	})
	if r := c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(403); r.Header.Get("Retry-After") != "60" {
		c.Errorf("got %v", r.Header)
	}
}

// OwnCodesHaveTexts: those of Config.Texts by the code, else one that always fits; never the
// name of a message.
func OwnCodesHaveTexts(c *Case) {
	var code binding.Code
	var refuse error
	c.start(func(cfg *config.Config) {
		cfg.Texts = fstest.MapFS{"locales/en.json": {Data: []byte(`{"not_welcome": "We know you."}`)}}
		cfg.RegisterGuard = func(*http.Request) error {
			if refuse != nil {
				return refuse
			}
			return binding.Invalid("username", binding.Problem{Code: code})
		}
	})
	for _, try := range []struct {
		code binding.Code
		want string
	}{{"not_welcome", "We know you."}, {"other", "This value is not valid."}, {binding.CodeMaxLength, "This value is not valid."}} {
		code = try.code
		r := c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(400)
		if !strings.Contains(r.Text, try.want) || strings.Contains(r.Text, "error.") {
			c.Errorf("%s: %s", code, r.Text)
		}
	}
	refuse = &binding.Error{Status: 403, Code: "too_young"}
	if r := c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(403); !strings.Contains(r.Text, "You may not do this.") {
		c.Errorf("got %s", r.Text)
	}
}

type patientReset struct {
	binding.ConfirmReset
	Phone string `json:"phone"`
}

// OwnUniqueColumnIsTakenInReset: a good link is not called a bad one, nor spent.
func OwnUniqueColumnIsTakenInReset(c *Case) {
	c.startMail(patients, func(cfg *config.Config) {
		cfg.Forms.ResetConfirm = config.Form(func(f *patientReset, p *Patient) error { p.Phone = &f.Phone; return nil })
	})
	c.verified("ann").Patch("/auth/user/", obj{"phone": "1"}).Want(200)
	c.verified("bob")
	c.mails()
	c.askReset("bob@example.com")
	mail := c.mail("reset")
	form := resetForm(mail.UID(c.T), mail.Key(c.T), "Mirror-Maze-88")
	form["phone"] = "1"
	c.client().Post("/auth/password/reset/confirm/", form).WantProblems("non_field_errors taken")
	form["phone"] = "2"
	c.client().Post("/auth/password/reset/confirm/", form).Want(200)
}

// Stamped counts how often a hook has changed it.
type Stamped struct {
	models.User
	Stamps int
}

// BeforeSave changes the user in place, as one that seals a column does.
func (s *Stamped) BeforeSave(*gorm.DB) error {
	s.Stamps++
	return nil
}

// GORMHooksRunOnceATry: a transaction that the database takes back begins again with the user
// as he was, or what a hook sealed would be sealed twice.
func GORMHooksRunOnceATry(c *Case) {
	c.startMail(func(cfg *config.Config) { cfg.NewUser = config.Model[Stamped]() })
	tries := 0 // to insert something
	err := c.DB.Callback().Create().After("gorm:create").Register("deadlock", func(db *gorm.DB) {
		if tries++; tries == 2 || tries == 4 {
			_ = db.AddError(deadlock{})
		}
	})
	if err != nil {
		c.Fatal(err)
	}
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	tries = 0
	if err := c.Auth.CreateUser(c.Context(), &Stamped{User: models.User{Username: "bob", Email: "bob@example.com"}}, ""); err != nil {
		c.Fatal(err)
	}
	var all []int
	c.DB.Table("auth_user").Order("id").Pluck("stamps", &all)
	if len(all) != 2 || all[0] != 1 || all[1] != 1 {
		c.Errorf("stored %v", all)
	}
}
