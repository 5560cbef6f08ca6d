package dbtest

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var formTxCases = []func(*Case){FormsInTheTransaction, FormsInTheTransactionOfEveryRoute}

// Plan is a table of the application's, which forms look into and count in.
type Plan struct {
	Code string `gorm:"primaryKey;size:20"`
	Used int
}

// use counts a use of a plan, and refuses those that are not there.
func (c *Case) use(ctx context.Context, tx *gorm.DB, code string) error {
	r := tx.WithContext(ctx).Model(&Plan{}).Where("code = ?", code).Update("used", gorm.Expr("used + 1"))
	if r.Error == nil && r.RowsAffected == 0 {
		return binding.Invalid("company", binding.Problem{Code: "no_plan", Message: "There is no such plan."})
	}
	return r.Error
}

// plans stores some that nobody uses yet.
func (c *Case) plans(codes ...string) {
	c.Helper()
	if err := c.DB.AutoMigrate(&Plan{}); err != nil {
		c.Fatal(err)
	}
	for _, code := range codes {
		if err := c.DB.Create(&Plan{Code: code}).Error; err != nil {
			c.Fatal(err)
		}
	}
}

func (c *Case) used(code string) int {
	c.Helper()
	var p Plan
	if err := c.DB.Take(&p, "code = ?", code).Error; err != nil {
		c.Fatal(err)
	}
	return p.Used
}

// FormsInTheTransaction: what a form wrote is there with the change, and gone without it.
func FormsInTheTransaction(c *Case) {
	var broken error
	c.start(members, func(cfg *config.Config) {
		cfg.Forms.SignUp = config.FormTx(func(ctx context.Context, tx *gorm.DB, f *memberSignUp, m *Member) error {
			m.Company, m.IsStaff, m.FirstName = f.Company, true, "Of the form"
			if err := c.use(ctx, tx, f.Company); err != nil || broken == nil {
				return err
			}
			return broken
		})
		cfg.Forms.Profile = config.FormTx(func(ctx context.Context, tx *gorm.DB, f *memberProfile, m *Member) error {
			m.Company, m.IsStaff, m.FirstName = *f.Company, true, "Not of the form"
			return c.use(ctx, tx, *f.Company)
		})
		cfg.Hooks.BeforeRegister = func(_ context.Context, _ *gorm.DB, e config.Event) error {
			if e.User.Base().Username == "eve" {
				return &binding.Error{Status: 403, Code: "no_eve"}
			}
			return nil
		}
	})
	c.plans("Acme", "Umbrella")
	ann := c.client()
	ann.Post("/auth/registration/", memberIn("ann")).Want(201)
	c.client().Post("/auth/registration/", memberIn("eve")).WantCode(403, "no_eve")
	other := memberIn("bob")
	other["company"] = "Nowhere"
	c.client().Post("/auth/registration/", other).WantProblems("company no_plan")
	broken = gorm.ErrDuplicatedKey
	c.client().Post("/auth/registration/", memberIn("bob")).WantCode(503, binding.CodeUnavailable)
	if m := c.member("ann"); m.Company != "Acme" || m.IsStaff || m.FirstName != "Of the form" || c.used("Acme") != 1 || c.count(&Member{}) != 1 {
		c.Errorf("stored %+v, used %d", m, c.used("Acme"))
	}
	if !strings.Contains(c.Log.String(), "a form: ") {
		c.Errorf("logged %s", c.Log)
	}
	ann.Do("PATCH", "/auth/user/", obj{"company": "Umbrella"}).Want(200)
	ann.Do("PATCH", "/auth/user/", obj{"company": "Nowhere", "last_name": "Lost"}).WantProblems("company no_plan")
	if m := c.member("ann"); m.Company != "Umbrella" || m.IsStaff || m.FirstName != "Of the form" || m.LastName != "" || c.used("Umbrella") != 1 {
		c.Errorf("stored %+v, used %d", m, c.used("Umbrella"))
	}
}

type (
	txLogin struct {
		binding.Login
		Company string `json:"company"`
	}
	txChange struct {
		binding.ChangePassword
		Company string `json:"company"`
	}
	txReset struct {
		binding.ResetPassword
		Company string `json:"company"`
	}
	txConfirm struct {
		binding.ConfirmReset
		Company string `json:"company"`
	}
)

// planForms count a plan at each of the other routes.
func (c *Case) planForms(cfg *config.Config) {
	apply := func(ctx context.Context, tx *gorm.DB, company string, m *Member) error {
		m.Company = company
		return c.use(ctx, tx, company)
	}
	cfg.Forms.Login = config.FormTx(func(ctx context.Context, tx *gorm.DB, f *txLogin, m *Member) error {
		return apply(ctx, tx, f.Company, m)
	})
	cfg.Forms.PasswordChange = config.FormTx(func(ctx context.Context, tx *gorm.DB, f *txChange, m *Member) error {
		return apply(ctx, tx, f.Company, m)
	})
	cfg.Forms.PasswordReset = config.FormTx(func(ctx context.Context, tx *gorm.DB, f *txReset, m *Member) error {
		return apply(ctx, tx, f.Company, m)
	})
	cfg.Forms.ResetConfirm = config.FormTx(func(ctx context.Context, tx *gorm.DB, f *txConfirm, m *Member) error {
		return apply(ctx, tx, f.Company, m)
	})
}

// FormsInTheTransactionOfEveryRoute: a login, a new password and a reset have one, too.
func FormsInTheTransactionOfEveryRoute(c *Case) {
	c.startMail(members, c.planForms)
	c.plans("L", "C", "R", "P")
	ann := c.client()
	ann.Post("/auth/registration/", memberIn("ann")).Want(201)
	with := func(body obj, company string) obj { body["company"] = company; return body }
	stored := func(company string) {
		c.Helper()
		if m := c.member("ann"); m.Company != company || c.used(company) != 1 {
			c.Errorf("stored %q, used %d", m.Company, c.used(company))
		}
	}
	ann.Post("/auth/login/", with(obj{"username": "ann", "password": authtest.Password}, "X")).WantProblems("company no_plan")
	ann.Post("/auth/login/", with(obj{"username": "ann", "password": authtest.Password}, "L")).Want(200)
	stored("L")
	ann.Post("/auth/password/change/", with(obj{"old_password": authtest.Password, "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}, "C")).Want(200)
	stored("C")
	c.mails()
	c.client().Post("/auth/password/reset/", obj{"email": "ann@example.com", "company": "X"}).WantProblems("company no_plan")
	c.client().Post("/auth/password/reset/", obj{"email": "ann@example.com", "company": "R"}).Want(200)
	if c.used("R") != 1 || c.member("ann").Company != "C" {
		c.Errorf("a reset that was asked for has stored %q", c.member("ann").Company)
	}
	m := c.mail("reset")
	body := resetForm(m.UID(c.T), m.Key(c.T), "Rabbit-Hole-99")
	c.client().Post("/auth/password/reset/confirm/", with(body, "P")).Want(200)
	stored("P")
}
