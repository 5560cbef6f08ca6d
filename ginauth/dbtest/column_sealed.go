package dbtest

import (
	"strings"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// gormHooksRunForForms: if a hook encrypts a column at sign-up, a form does not store it in clear text. If a hook fills
// a field after reading, every handler sees it.
func gormHooksRunForForms(c *Case) {
	c.Start(patients)
	c.Router.GET("/shown", c.Auth.RequireUser(), func(g *gin.Context) { g.String(200, ginauth.UserAs[Patient](g).Shown) })
	ann := c.SignedUp("ann")
	ann.Patch("/auth/user/", obj{"ssn": "078-05-1120"}).Want(200)
	var ssn string
	if err := c.DB.Table("auth_user").Limit(1).Pluck("ssn", &ssn).Error; err != nil || ssn != "sealed:078-05-1120" {
		c.Errorf("stored: %q, %v", ssn, err)
	}
	if r := ann.Get("/shown").Want(200); r.Text != "078-05-1120" {
		c.Errorf("AfterFind did not run: %q", r.Text)
	}
}

// ownUniqueColumnIsTaken: a form that sets a value which another user has is refused, on every route.
func ownUniqueColumnIsTaken(c *Case) {
	c.Start(patients)
	c.SignedUp("ann").Patch("/auth/user/", obj{"phone": "1"}).Want(200)
	bob := c.SignedUp("bob")
	bob.Post("/auth/password/change/", obj{
		"old_password": authtest.Password, "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88", "phone": "1",
	}).WantProblems("non_field_errors taken")
	bob.Patch("/auth/user/", obj{"phone": "1"}).WantProblems("non_field_errors taken")
	c.LoggedIn("bob") // with the old password
}

// profileIsWrittenOnce: library columns do not count as the application's.
func profileIsWrittenOnce(c *Case) {
	m := c.startMeasured()
	ann := c.SignedUp("ann")
	r := c.measure(m, func() *authtest.Response { return ann.Patch("/auth/user/", obj{"username": "anna"}) })
	if n := strings.Count(r.statements, "update auth_user"); r.status != 200 || n != 1 {
		c.Errorf("%d updates: %s", n, r.statements)
	}
}

type patientReset struct {
	binding.ConfirmReset
	Phone string `json:"phone"`
}

// ownUniqueColumnIsTakenInReset: a valid link is not reported as invalid, and is not used up.
func ownUniqueColumnIsTakenInReset(c *Case) {
	c.StartMail(patients, func(cfg *config.Config) {
		cfg.Forms.ResetConfirm = config.Form(func(f *patientReset, p *Patient) error { p.Phone = &f.Phone; return nil })
	})
	c.verified("ann").Patch("/auth/user/", obj{"phone": "1"}).Want(200)
	c.verified("bob")
	c.Mails()
	c.askReset("bob@example.com")
	mail := c.Mail("reset")
	form := resetForm(mail.UID(c.T), mail.Key(c.T), "Mirror-Maze-88")
	form["phone"] = "1"
	c.Client().Post("/auth/password/reset/confirm/", form).WantProblems("non_field_errors taken")
	form["phone"] = "2"
	c.Client().Post("/auth/password/reset/confirm/", form).Want(200)
}

// Stamped counts how often a hook has changed it.
type Stamped struct {
	models.User
	Stamps int
}

// BeforeSave changes the user in place, as a hook that encrypts a column does.
func (s *Stamped) BeforeSave(*gorm.DB) error {
	s.Stamps++
	return nil
}

// gormHooksRunOncePerAttempt: when the database rolls a transaction back and it is retried, the user starts unchanged.
// Otherwise a hook would encrypt a value twice.
func gormHooksRunOncePerAttempt(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.NewUser = config.Model[Stamped]() })
	tries := 0 // number of inserts
	err := c.DB.Callback().Create().After("gorm:create").Register("deadlock", func(db *gorm.DB) {
		if tries++; tries == 2 || tries == 4 {
			_ = db.AddError(deadlock{})
		}
	})
	if err != nil {
		c.Fatal(err)
	}
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
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

// Shelved is a user that the application can delete softly.
type Shelved struct {
	models.User
	DeletedAt gorm.DeletedAt
}

// softDeletedUsersCannotLogIn: GORM finds no softly deleted row, so logins and credentials find none either.
func softDeletedUsersCannotLogIn(c *Case) {
	c.Start(withEverything, func(cfg *config.Config) { cfg.NewUser = config.Model[Shelved]() })
	ann := c.SignedUp("ann")
	var out binding.LoginResponse
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&out)
	tokens := []*authtest.Client{ann, c.byToken(out.Key), c.byToken(out.Access)}
	for _, client := range tokens {
		client.Get("/auth/user/").Want(200)
	}
	if err := c.DB.Where("username_key = ?", "ann").Delete(&Shelved{}).Error; err != nil {
		c.Fatal(err)
	}
	for _, client := range tokens {
		client.Get("/auth/user/").Want(401)
	}
	for _, name := range []string{"ann", "ann@example.com"} {
		c.Client().Post("/auth/login/", authtest.Login(name)).WantProblems("non_field_errors invalid_credentials")
	}
	if err := c.Auth.SetPassword(c.Context(), c.user("ann").ID, "Mirror-Maze-88"); err == nil {
		c.Error("the user was found by the ID")
	}
}

// Barred hides rows where it is not 0, as gorm.io/plugin/soft_delete does.
type Barred int64

// QueryClauses implements schema.QueryClausesInterface.
func (Barred) QueryClauses(f *schema.Field) []clause.Interface {
	return []clause.Interface{clause.Where{Exprs: []clause.Expression{
		clause.Eq{Column: clause.Column{Table: clause.CurrentTable, Name: f.DBName}, Value: 0},
	}}}
}

type barredUser struct {
	models.User
	Barred Barred `gorm:"not null;default:0"`
}

// usersHiddenByAConditionCannotLogIn: a GORM condition of the application that has a value applies to every query for a
// user.
func usersHiddenByAConditionCannotLogIn(c *Case) {
	c.Start(withEverything, func(cfg *config.Config) { cfg.NewUser = config.Model[barredUser]() })
	var out binding.LoginResponse
	ann := c.SignedUp("ann")
	c.SignedUp("bob")
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&out)
	clients := []*authtest.Client{ann, c.byToken(out.Key), c.byToken(out.Access)}
	for _, client := range clients {
		client.Get("/auth/user/").Want(200)
	}
	if err := c.DB.Table("auth_user").Where("username_key = ?", "ann").Update("barred", 1).Error; err != nil {
		c.Fatal(err)
	}
	for _, client := range clients {
		client.Get("/auth/user/").Want(401)
	}
	for _, name := range []string{"ann", "ann@example.com"} {
		c.Client().Post("/auth/login/", authtest.Login(name)).WantProblems("non_field_errors invalid_credentials")
	}
	for _, name := range []string{"bob", "bob@example.com"} {
		c.Client().Post("/auth/login/", authtest.Login(name)).Want(200)
	}
}
