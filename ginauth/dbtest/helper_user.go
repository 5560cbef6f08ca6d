package dbtest

import (
	"context"
	"strings"
	"sync"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

func directoryBody(name string) obj { return obj{"username": name, "password": "directory"} }

// browser returns a client of all routes whose responses are not compared with the OpenAPI document.
func (c *Case) browser() *authtest.Client { return authtest.NewClient(c.T, c.Router) }

// memberSignUp is a sign-up form with two more fields.
type memberSignUp struct {
	binding.Register
	Company string `json:"company" binding:"required,max=80"`
	Seats   int    `json:"seats" binding:"omitempty,min=1,max=100"`
}

// memberProfile has the columns that members can change themselves.
type memberProfile struct {
	binding.UpdateUser
	Company *string   `json:"company" binding:"omitnil,max=80"`
	Notes   *[]string `json:"notes"`
}

// members configures the model and the forms of members.
func members(cfg *config.Config) {
	cfg.NewUser = config.Model[Member]()
	cfg.Forms.SignUp = config.Form(func(f *memberSignUp, m *Member) error {
		if f.Company == "Evil Corp" {
			return binding.Invalid("company", binding.Problem{Code: "not_welcome", Message: "We know you."})
		}
		m.Company, m.Seats = f.Company, f.Seats
		return nil
	})
	cfg.Forms.Profile = config.Form(func(f *memberProfile, m *Member) error {
		if f.Company != nil {
			m.Company = *f.Company
		}
		if f.Notes != nil {
			m.Notes = *f.Notes
		}
		m.IsStaff = true // not a column of the member: it must not be saved
		return nil
	})
}

func memberIn(name string) obj {
	return obj{"username": name, "email": name + "@example.com", "password1": authtest.Password, "password2": authtest.Password, "company": "Acme", "seats": 3}
}

// member reads a member from the database.
func (c *Case) member(name string) (m Member) {
	c.Helper()
	if r := c.DB.Where("username_key = ?", name).Limit(1).Find(&m); r.Error != nil || r.RowsAffected != 1 {
		c.Fatalf("%d rows, %v", r.RowsAffected, r.Error)
	}
	return m
}

// entries is a directory: IDs by name. Every user has the password "directory".
type entries struct {
	mu     sync.Mutex
	ids    map[string]string
	noMail bool // no user has an address
}

func (e *entries) set(name, id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ids[name] = id
}

// install configures the directory with the README's recipe.
func (e *entries) install(cfg *config.Config) {
	e.ids = map[string]string{}
	cfg.Backends = []config.Backend{config.PasswordBackend{}, config.BackendFunc(func(_ context.Context, in config.Credentials) (models.Account, error) {
		e.mu.Lock()
		defer e.mu.Unlock()
		id := e.ids[in.Username]
		if in.Password != "directory" || id == "" {
			return nil, nil
		}
		u := &models.User{Username: in.Username}
		if !e.noMail {
			u.Email = in.Username + "@example.com"
		}
		u.SetBackend("directory", id)
		return u, nil
	})}
}

// beforeWrites calls a function before each statement that can write.
func (c *Case) beforeWrites(note func(*gorm.DB)) {
	c.Helper()
	all := c.DB.Callback()
	for _, err := range []error{
		all.Create().Before("*").Register("note", note), all.Update().Before("*").Register("note", note),
		all.Delete().Before("*").Register("note", note), all.Raw().Before("*").Register("note", note),
	} {
		if err != nil {
			c.Fatal(err)
		}
	}
}

// Profile is a table that refers to the users, as in the README.
type Profile struct {
	UserID int64  `gorm:"primaryKey;autoIncrement:false"`
	Bio    string `gorm:"size:500;not null"`
}

// refused wants New to return an error that contains want.
func (c *Case) wantNewError(want string, change func(*config.Config)) {
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

	// Common has the columns that several users of an application share.
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

// annotatedLogin is a login with a note for the record.
type annotatedLogin struct {
	binding.Login
	Note string `json:"note"`
}

func change(old, renewed string) binding.ChangePassword {
	return binding.ChangePassword{OldPassword: old, NewPassword1: renewed, NewPassword2: renewed}
}

// Patient encrypts one of its columns in a GORM hook.
type Patient struct {
	models.User
	SSN   string  `gorm:"size:80;not null;default:''"`
	Phone *string `gorm:"size:20;uniqueIndex"`
	Shown string  `gorm:"-"`
}

// BeforeSave encrypts the column.
func (p *Patient) BeforeSave(*gorm.DB) error {
	if p.SSN != "" && !strings.HasPrefix(p.SSN, "sealed:") {
		p.SSN = "sealed:" + p.SSN
	}
	return nil
}

// AfterFind fills a field that is not a column.
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

// Member is a user with columns and a table of the application.
type Member struct {
	models.User
	Company string `gorm:"size:80"`
	Seats   int
	Notes   []string `gorm:"serializer:json"`
}

// TableName returns a reserved word, to show that names are quoted.
func (Member) TableName() string { return "user" }
