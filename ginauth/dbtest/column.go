package dbtest

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var columnCases = Group{Name: "column", Cases: []func(*Case){
	ownTableName, gormHooksRunForForms, ownUniqueColumnIsTaken, profileIsWrittenOnce, ownUniqueColumnIsTakenInReset,
	gormHooksRunOncePerAttempt, ownUserColumnsMustBeFound, ownEmbeddedColumns, ownColumnsMustNotBeLibraryColumns, ownColumnsChangedConcurrently,
	ownSealedColumns, ownColumnsChangedInPlace, softDeletedUsersCannotLogIn, usersHiddenByAConditionCannotLogIn,
}}

// ownTableName: every route and guard uses the application's table, and login responses contain its view of the user.
func ownTableName(c *Case) {
	c.onEmpty().StartMail(members, withEverything, byCode, func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie}
		cfg.Views = config.Views{config.UserView(func(u binding.User, m *Member) obj { return obj{"company": m.Company} })}
	})
	c.Router.GET("/mine", c.Auth.RequireUser(), func(g *gin.Context) { g.String(200, ginauth.UserAs[Member](g).Company) })
	ann := c.Client()
	if r := ann.Post("/auth/registration/", memberIn("ann")).Want(201); r.Text != `{"user":{"company":"Acme"}}` {
		c.Errorf("got %s", r.Text)
	}
	if r := ann.Get("/mine").Want(200); r.Text != "Acme" {
		c.Errorf("got %s", r.Text)
	}
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	c.askReset("ann@example.com")
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	for _, m := range c.Mails() {
		if m.Kind == "login_code" {
			ann.Post("/auth/login/code/confirm/", obj{"key": m.Key(c.T)}).Want(200)
		}
	}
	ann.Post("/auth/password/change/", change("Mirror-Maze-88", "Looking-Glass-9")).Want(200)
	ann.Post("/auth/user/delete/", obj{"password": "Looking-Glass-9"}).Want(200)
	if n := c.count(&Member{}); n != 0 {
		c.Errorf("%d members", n)
	}
	if c.DB.Migrator().HasTable("auth_user") {
		c.Error("there is also a table auth_user")
	}
}

// ownUserColumnsMustBeFound: New refuses a user in which GORM would not find the library's columns, before GORM or the
// database fail with other words. Columns of an embedded struct are found.
func ownUserColumnsMustBeFound(c *Case) {
	for want, make := range map[string]func() models.Account{
		"dbtest.userBehindPointer: models.User is behind the pointer *models.User; embed ":                config.Model[userBehindPointer](),
		"dbtest.userWithinHidden: models.User is within hiddenCommon, which is not exported; embed ":      config.Model[userWithinHidden](),
		`dbtest.userLeftOut: gorm:"-" leaves no column "id" of models.User; embed `:                       config.Model[userLeftOut](),
		`dbtest.userWithPrefix: gorm:"embeddedPrefix:u_" leaves no column "id" of models.User; embed `:    config.Model[userWithPrefix](),
		"dbtest.userOfRelation: its Base returns no models.User that it embeds; embed models.User by val": config.Model[userOfRelation](),
	} {
		c.wantNewError("config: NewUser: "+want, func(cfg *config.Config) { cfg.NewUser = make })
	}
	c.Start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[lodger]()
		cfg.Forms.Profile = config.Form(func(f *lodgerProfile, l *lodger) error {
			l.House, l.Room, l.IsStaff = f.House, 7, true
			return nil
		})
	})
	c.SignedUp("ann").Patch("/auth/user/", obj{"first_name": "Ann", "house": "Usher"}).Want(200)
	var ann lodger
	if err := c.DB.Where("username_key = ?", "ann").Take(&ann).Error; err != nil {
		c.Fatal(err)
	}
	if ann.House != "Usher" || ann.Room != 7 || ann.FirstName != "Ann" || ann.IsStaff {
		c.Errorf("stored %+v", ann)
	}
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

// ownEmbeddedColumns: fields have the Go names of library fields, but other columns.
func ownEmbeddedColumns(c *Case) {
	de := "de"
	stored := func(want string) {
		c.Helper()
		c.SignedUp("ann").Patch("/auth/user/", obj{"bill": "bill@example.com"}).Want(200)
		var row struct{ Email, Locale, BillingEmail, BillingLocale string }
		c.DB.Table("auth_user").Limit(1).Find(&row)
		if got := fmt.Sprint(row); got != want {
			c.Errorf("stored %s, want %s", got, want)
		}
	}
	c.Start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[payer]()
		cfg.Forms.Profile = config.Form(func(f *payerProfile, p *payer) error {
			p.Billing, p.User.Email, p.User.Locale = billing{f.Bill, &de}, "evil@example.com", "fr"
			return nil
		})
	})
	stored("{ann@example.com  bill@example.com de}")
	c.Start(func(cfg *config.Config) {
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
		IsStaff bool `gorm:"-"`
	}
)

// ownColumnsMustNotBeLibraryColumns: a form would write a field of the application on a column of the library.
func ownColumnsMustNotBeLibraryColumns(c *Case) {
	for want, make := range map[string]func() models.Account{
		"dbtest.selfMadeAdmin: Admin has the column is_staff":                config.Model[selfMadeAdmin](),
		"dbtest.secondHash: Login.Password has the column password":          config.Model[secondHash](),
		"dbtest.shouting: Epoch has the column SESSION_EPOCH, which belongs": config.Model[shouting](),
	} {
		c.wantNewError(want, func(cfg *config.Config) { cfg.NewUser = make })
	}
	c.Start(func(cfg *config.Config) { cfg.NewUser = config.Model[leftOut]() })
	c.SignedUp("ann").Get("/auth/user/").Want(200)
}

// ownColumnsChangedConcurrently: a form does not write columns that it leaves alone, also not with a serializer.
// Otherwise it would undo a concurrent write of the application.
func ownColumnsChangedConcurrently(c *Case) {
	interruption := func(m *Member, note string) error {
		return c.DB.Model(&Member{}).Where("id = ?", m.ID).Updates(&Member{Notes: []string{note}, Seats: 9}).Error
	}
	c.Start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.Profile = config.Form(func(_ *memberProfile, m *Member) error { return interruption(m, "profile") })
		cfg.Forms.Login = config.Form(func(_ *annotatedLogin, m *Member) error { return interruption(m, "login") })
	})
	c.SignedUp("ann").Patch("/auth/user/", obj{"first_name": "Ann"}).Want(200)
	if m := c.member("ann"); fmt.Sprint(m.Notes, m.Seats) != "[profile] 9" {
		c.Errorf("stored %v %d", m.Notes, m.Seats)
	}
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200)
	if m := c.member("ann"); fmt.Sprint(m.Notes, m.Seats) != "[login] 9" {
		c.Errorf("stored %v %d", m.Notes, m.Seats)
	}
}

// sealed is a column whose stored value differs each time, like one that is encrypted with a nonce.
type sealed string

func (s sealed) Value() (driver.Value, error) { return rand.Text() + ":" + string(s), nil }

func (s *sealed) Scan(v any) error {
	_, text, _ := strings.Cut(fmt.Sprintf("%s", v), ":")
	*s = sealed(text)
	return nil
}

type sealedMember struct {
	models.User
	TaxNumber sealed
	Company   string
}

// ownSealedColumns are not written again when another column changes.
func ownSealedColumns(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[sealedMember]()
		cfg.Forms.Profile = config.Form(func(f *payerProfile, m *sealedMember) error {
			m.Company = f.Bill
			if f.Bill == "new" {
				m.TaxNumber = "2"
			}
			return c.DB.Model(&sealedMember{}).Where("id = ?", m.ID).Update("tax_number", sealed("1")).Error
		})
	})
	ann := c.SignedUp("ann")
	for bill, want := range map[string]sealed{"old": "1", "new": "2"} {
		ann.Patch("/auth/user/", obj{"bill": bill}).Want(200)
		var m sealedMember
		if c.DB.Limit(1).Find(&m); m.TaxNumber != want || m.Company != bill {
			c.Errorf("stored %q of %q, want %q of %q", m.TaxNumber, m.Company, want, bill)
		}
	}
}

// attributes is a column with the interfaces of database/sql.
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

// ownColumnsChangedInPlace: the value is behind a pointer, or in a map or slice.
func ownColumnsChangedInPlace(c *Case) {
	second := false
	c.Start(func(cfg *config.Config) {
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
	ann := c.SignedUp("ann")
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
