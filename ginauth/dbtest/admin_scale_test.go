package dbtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"
	"github.com/ginauth/gin-rest-auth/models"
)

// scaleUsers is how many users there are. GINAUTH_TEST_SCALE=1 makes it a million.
var scaleUsers = 2000

// TestAdminAtScale measures the list of users. With a million of them it takes minutes, and the median has a limit.
func TestAdminAtScale(t *testing.T) {
	if os.Getenv("GINAUTH_TEST_SCALE") != "" {
		scaleUsers = 1_000_000
	}
	t.Run("SQLite", func(t *testing.T) { listAtScale(t, testdb.SQLite(t)) })
	t.Run("Postgres", func(t *testing.T) { listAtScale(t, testdb.Postgres(t, "").Open(t)) })
	t.Run("MySQL", func(t *testing.T) { listAtScale(t, testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4").Open(t)) })
}

func listAtScale(t *testing.T, db *gorm.DB) {
	router := gin.New()
	auth, err := ginauth.New(db, config.Config{Secret: config.Secret(strings.Repeat("scale secret ", 4)), Limits: config.Limits{AllowUnlimited: true}}, admin.Feature(admin.Options{}))
	if err == nil {
		err = auth.Migrate(t.Context())
	}
	if err == nil {
		err = auth.Register(router)
	}
	if err != nil {
		t.Fatal(err)
	}
	fillUsers(t, db)
	boss := &models.User{Username: "boss", IsSuperuser: true}
	if err := auth.CreateUser(t.Context(), boss, "a long enough secret"); err != nil {
		t.Fatal(err)
	}
	cookie := logIn(t, router)
	get := func(query string) (body string, took time.Duration) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/auth/admin/users/?"+query, nil)
		r.Header.Set("Cookie", cookie)
		w, begin := httptest.NewRecorder(), time.Now()
		router.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatal(query, w.Code, w.Body)
		}
		return w.Body.String(), time.Since(begin)
	}
	for _, query := range []string{
		"", "order=id", "order=username", "order=-date_joined", "search=u", "search=user5", "search=user512345", "search=777777", "search=user4@", "staff=true", "superuser=true", "active=false",
		"banned=true", "active=true&staff=false", "joined_from=2020-01-05T00:00:00Z&joined_before=2020-01-06T00:00:00Z", "search=us&active=false",
	} {
		var all []time.Duration
		next := ""
		for range 21 { // each page after the one before
			body, took := get(query + "&cursor=" + next)
			all = append(all, took)
			if next = ""; strings.Contains(body, `"next":"`) {
				_, rest, _ := strings.Cut(body, `"next":"`)
				next = url.QueryEscape(strings.SplitN(rest, `"`, 2)[0])
			}
		}
		slices.Sort(all)
		median := all[len(all)/2]
		t.Logf("%-60s median %v, worst %v", query, median.Round(100*time.Microsecond), all[len(all)-1].Round(100*time.Microsecond))
		if scaleUsers == 1_000_000 && median > 50*time.Millisecond {
			t.Errorf("%s: median %v", query, median)
		}
	}
}

// fillUsers writes users. One in 10,000 is staff, inactive or banned, each with an address.
func fillUsers(t *testing.T, db *gorm.DB) {
	begin := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	err := db.Transaction(func(tx *gorm.DB) error {
		for from := 0; from < scaleUsers; from += 1000 {
			users, emails := make([]models.User, 1000), make([]models.Email, 1000)
			for i := range users {
				n := from + i
				u := &users[i]
				u.ID, u.IsActive, u.IsStaff, u.DateJoined, u.Password = int64(n+1), n%10_000 != 3, n%10_000 == 1, begin.Add(time.Duration(n)*time.Minute), "!"
				u.SetUsername(fmt.Sprint("user", n*7919%scaleUsers))
				u.SetEmail(fmt.Sprint("user", n*7919%scaleUsers, "@example.com"))
				if n%10_000 == 2 {
					u.BannedAt = &begin
				}
				emails[i] = models.Email{UserID: u.ID, Address: u.Email, Key: *u.EmailKey, CreatedAt: begin}
			}
			if err := tx.CreateInBatches(users, 500).Error; err != nil {
				return err
			}
			if err := tx.CreateInBatches(emails, 1000).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && db.Name() == "postgres" {
		err = db.Exec("SELECT setval(pg_get_serial_sequence('auth_user', 'id'), 2000000)").Error
		if err == nil {
			err = db.Exec("ANALYZE").Error // as autovacuum does a minute later
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// logIn returns the cookies of the superuser.
func logIn(t *testing.T, router http.Handler) string {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/auth/login/", strings.NewReader(`{"username":"boss","password":"a long enough secret"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	router.ServeHTTP(w, r)
	var all []string
	for _, c := range w.Result().Cookies() {
		all = append(all, c.Name+"="+c.Value)
	}
	if w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	return strings.Join(all, "; ")
}
