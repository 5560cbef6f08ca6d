package dbtest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// Plan is a table of the application that forms read and update.
type Plan struct {
	Code string `gorm:"primaryKey;size:20"`
	Used int
}

// use counts a use of a plan, and refuses an unknown plan.
func (c *Case) use(ctx context.Context, tx *gorm.DB, code string) error {
	if c.writers != nil {
		if _, wrote := c.writers.Load(tx.Statement.ConnPool); !wrote {
			c.Errorf("a form ran before the first write of its transaction, plan %s", code)
		}
	}
	r := tx.WithContext(ctx).Model(&Plan{}).Where("code = ?", code).Update("used", gorm.Expr("used + 1"))
	if r.Error == nil && r.RowsAffected == 0 {
		return binding.Invalid("company", binding.Problem{Code: "no_plan", Message: "There is no such plan."})
	}
	return r.Error
}

// plans stores unused plans.
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

// formsInTheTransaction: the form's writes are committed and rolled back with the change.
func formsInTheTransaction(c *Case) {
	var broken error
	c.Start(members, func(cfg *config.Config) {
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
	ann := c.Client()
	ann.Post("/auth/registration/", memberIn("ann")).Want(201)
	c.Client().Post("/auth/registration/", memberIn("eve")).WantCode(403, "no_eve")
	other := memberIn("bob")
	other["company"] = "Nowhere"
	c.Client().Post("/auth/registration/", other).WantProblems("company no_plan")
	broken = gorm.ErrDuplicatedKey
	c.Client().Post("/auth/registration/", memberIn("bob")).WantCode(503, binding.CodeUnavailable)
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

// planForms count a plan on each of the other routes.
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

// formsInTheTransactionOfEveryRoute: a login, a new password and a reset have one as well.
func formsInTheTransactionOfEveryRoute(c *Case) {
	c.StartMail(members, c.planForms)
	c.plans("L", "C", "R", "P")
	ann := c.Client()
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
	c.Mails()
	c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com", "company": "X"}).WantProblems("company no_plan")
	c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com", "company": "R"}).Want(200)
	if c.used("R") != 1 || c.member("ann").Company != "C" {
		c.Errorf("a request for a reset has stored %q", c.member("ann").Company)
	}
	m := c.Mail("reset")
	body := resetForm(m.UID(c.T), m.Key(c.T), "Rabbit-Hole-99")
	c.Client().Post("/auth/password/reset/confirm/", with(body, "P")).Want(200)
	stored("P")
}

// formsRunAfterAWrite: on MariaDB the first read of a transaction fixes its snapshot, and on SQLite a read before a
// write makes the transaction fail.
func formsRunAfterAWrite(c *Case) {
	for _, mode := range []config.Verification{config.VerifyNone, config.VerifyMandatory} {
		c.documented = nil
		c.StartMail(members, c.planForms, func(cfg *config.Config) {
			cfg.EmailVerification, cfg.SignUpFields.Email = mode, config.FieldOptional
			cfg.Forms.SignUp = config.FormTx(func(ctx context.Context, tx *gorm.DB, f *memberSignUp, _ *Member) error {
				return c.use(ctx, tx, f.Company)
			})
			cfg.Forms.Profile = config.FormTx(func(ctx context.Context, tx *gorm.DB, f *memberProfile, _ *Member) error {
				return c.use(ctx, tx, *f.Company)
			})
			if mode == config.VerifyMandatory {
				cfg.SignUpFields.Email = config.FieldRequired
			}
		})
		c.plans("Acme", "P", "R", "L", "C")
		c.recordWriters()
		c.Client().Post("/auth/registration/", memberIn("ann")).Want(201)
		if mode == config.VerifyNone {
			nameless := memberIn("bob")
			delete(nameless, "email")
			c.Client().Post("/auth/registration/", nameless).Want(201)
		}
		c.Mails()
		c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com", "company": "P"}).Want(200)
		mail := c.Mail("reset")
		c.Client().Post("/auth/password/reset/confirm/", obj{
			"uid": mail.UID(c.T), "token": mail.Key(c.T), "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88", "company": "R",
		}).Want(200)
		ann := c.Client()
		ann.Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88", "company": "L"}).Want(200)
		ann.Patch("/auth/user/", obj{"company": "Acme"}).Want(200)
		ann.Post("/auth/password/change/", obj{
			"old_password": "Mirror-Maze-88", "new_password1": authtest.Password, "new_password2": authtest.Password, "company": "C",
		}).Want(200)
	}
}

// formsRunAfterAWriteForBackendUsers, at the login that stores the user.
func formsRunAfterAWriteForBackendUsers(c *Case) {
	c.Start(members, c.planForms, func(cfg *config.Config) {
		cfg.Backends = []config.Backend{config.BackendFunc(func(_ context.Context, given config.Credentials) (models.Account, error) {
			m := &Member{}
			m.SetBackend("directory", given.Username)
			return m, nil
		})}
	})
	c.plans("L")
	c.recordWriters()
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": authtest.Password, "company": "L"}).Want(200)
}

// recordWriters records which transactions have written.
func (c *Case) recordWriters() {
	c.Helper()
	c.writers = new(sync.Map)
	c.beforeWrites(func(db *gorm.DB) { c.writers.Store(db.Statement.ConnPool, true) })
}

// raceOfSignUpsWhoseFormsRead: one sign-up gets an unconfirmed address, no matter what a form has read before.
func raceOfSignUpsWhoseFormsRead(c *Case) {
	c.Start(members, func(cfg *config.Config) {
		cfg.Forms.SignUp = config.FormTx(func(ctx context.Context, tx *gorm.DB, _ *memberSignUp, _ *Member) error {
			var n int64
			return tx.WithContext(ctx).Model(&Member{}).Count(&n).Error
		})
	})
	got := c.concurrently(20, func(i int) *authtest.Response {
		in := memberIn(fmt.Sprint("ann", i))
		in["email"] = "ann@example.com"
		return c.Client().Post("/auth/registration/", in)
	})
	if n := c.count(&Member{}); got[201] != 1 || got[400] != 19 || n != 1 {
		c.Errorf("got %v, %d members; log: %s", got, n, c.Log)
	}
}

// pendingSignUpHasNoForm: the hooks of a registration that a later request completes do not get the form of that
// request. The columns of the user have the values that the sign-up's form set.
func pendingSignUpHasNoForm(c *Case) {
	var notified []string
	note := func(_ context.Context, e config.Event) error {
		notified = append(notified, fmt.Sprint(e.Name, " ", e.Form, " ", e.User.(*Member).Company))
		return nil
	}
	c.StartMail(mandatory, members, c.planForms, func(cfg *config.Config) {
		cfg.Hooks.BeforeRegister = func(ctx context.Context, _ *gorm.DB, e config.Event) error { return note(ctx, e) }
		cfg.Hooks.AfterRegister = note
	})
	c.plans("P", "R")
	for _, name := range []string{"ann", "bob"} {
		c.Client().Post("/auth/registration/", memberIn(name)).Want(201)
	}
	for _, mail := range c.Mails() {
		if mail.To == "ann@example.com" {
			c.verify(mail.Key(c.T)).Want(200)
		}
	}
	c.Client().Post("/auth/password/reset/", obj{"email": "bob@example.com", "company": "P"}).Want(200)
	mail := c.Mail("reset")
	c.Client().Post("/auth/password/reset/confirm/", obj{
		"uid": mail.UID(c.T), "token": mail.Key(c.T), "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88", "company": "R",
	}).Want(200)
	if got := strings.Join(notified, ", "); got != "register <nil> Acme, register <nil> Acme, register <nil> Acme, register <nil> R" {
		c.Errorf("got %s", got)
	}
}
