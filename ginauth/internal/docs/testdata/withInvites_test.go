package snippet

import (
	"crypto/rand"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func signUp(name, code string) map[string]string {
	in := authtest.SignUp(name)
	return map[string]string{"username": in.Username, "email": in.Email, "password1": in.Password1, "password2": in.Password2, "invite_code": code}
}

// database opens PostgreSQL where there is one, since SQLite lets one transaction write at a time.
func database(t *testing.T) *gorm.DB {
	t.Helper()
	address := os.Getenv("GINAUTH_TEST_POSTGRES")
	if address == "" {
		return memory.Open(t)
	}
	admin, err := gorm.Open(postgres.Open(address), &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	name := "invites_" + strings.ToLower(rand.Text())
	if err := admin.Exec("CREATE SCHEMA " + name).Error; err != nil {
		t.Fatal(err)
	}
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	db, err := gorm.Open(postgres.Open(address+separator+"search_path="+name), &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		admin.Exec("DROP SCHEMA " + name + " CASCADE")
		for _, handle := range []*gorm.DB{db, admin} {
			if pool, err := handle.DB(); err == nil {
				_ = pool.Close()
			}
		}
	})
	return db
}

// invites makes an application with one unused code.
func invites(t *testing.T, verification config.Verification) (*authtest.App, *authtest.Mailbox, func() *int64) {
	t.Helper()
	db, box := database(t), &authtest.Mailbox{}
	app := authtest.New(t, db, box.Configure, func(cfg *config.Config) {
		cfg.EmailVerification = verification
		*cfg = withInvites(*cfg)
	})
	if err := db.AutoMigrate(&Invite{}); err != nil {
		t.Fatal(err)
	}
	if err := db.Create(&Invite{Code: "golden"}).Error; err != nil {
		t.Fatal(err)
	}
	return app, box, func() *int64 {
		var invite Invite
		if err := db.Take(&invite).Error; err != nil {
			t.Fatal(err)
		}
		return invite.UsedBy
	}
}

// together runs both at once and returns the statuses, sorted.
func together(calls ...func() int) []int {
	var group sync.WaitGroup
	statuses := make([]int, len(calls))
	for i, call := range calls {
		group.Go(func() { statuses[i] = call() })
	}
	group.Wait()
	slices.Sort(statuses)
	return statuses
}

func TestInvitesAtOnce(t *testing.T) {
	for range 5 {
		app, _, usedBy := invites(t, config.VerifyOptional)
		app.Client(t).Post("/auth/registration/", signUp("eve", "guess")).WantProblems("invite_code invite_not_valid")
		app.Client(t).Post("/auth/registration/", authtest.SignUp("eve")).WantProblems("invite_code required")
		post := func(name string) func() int {
			client := app.Client(t)
			return func() int { return client.Post("/auth/registration/", signUp(name, "golden")).StatusCode }
		}
		if got := together(post("ann"), post("bob")); !slices.Equal(got, []int{201, 400}) {
			t.Fatalf("two sign-ups with one code: %v", got)
		}
		if usedBy() == nil {
			t.Error("the code is unused")
		}
	}
}

func TestInvitesConfirmedAtOnce(t *testing.T) {
	for range 5 {
		app, box, usedBy := invites(t, config.VerifyMandatory)
		app.Client(t).Post("/auth/registration/", signUp("eve", "guess")).WantProblems("invite_code invite_not_valid")
		var confirm []func() int
		for _, name := range []string{"ann", "bob"} {
			app.Client(t).Post("/auth/registration/", signUp(name, "golden")).Want(201)
			key, client := app.Mails(t, box)[0].Key(t), app.Client(t)
			confirm = append(confirm, func() int {
				return client.Post("/auth/registration/verify-email/", map[string]string{"key": key}).StatusCode
			})
		}
		if usedBy() != nil {
			t.Error("the code is used before an address is confirmed")
		}
		if got := together(confirm...); !slices.Equal(got, []int{200, 400}) {
			t.Fatalf("two confirmations with one code: %v", got)
		}
		if got := together(confirm...); got[0] < 400 {
			t.Errorf("again: %v", got)
		}
		app.Client(t).Post("/auth/registration/", signUp("cat", "golden")).WantProblems("invite_code invite_not_valid")
	}
}
