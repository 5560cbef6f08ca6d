package dbtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// lettersBeyondTheBasicPlane: letters beyond U+FFFF are stored in a schema of any character set.
func lettersBeyondTheBasicPlane(c *Case) {
	c.Start()
	in := authtest.SignUp("ann")
	in.Username = "𠮷野"
	c.Client().Post("/auth/registration/", in).Want(201)
	ann := c.Client()
	ann.Do("POST", "/auth/login/", obj{"username": "𠮷野", "password": authtest.Password}, "User-Agent", "phone 📱").Want(200)
	if all := listed(c, ann); len(all) != 2 || !strings.Contains(all[0].UserAgent+all[1].UserAgent, "📱") {
		c.Errorf("sessions: %+v", all)
	}
}

// migrateFillsInBatches: a few statements fill hundreds of users that another program wrote, and an instance that starts
// at the same time does not wait for them (D11).
func migrateFillsInBatches(c *Case) {
	const users = 1000 // besides ann
	c.djangoUsers("ann")
	rows := make([]obj, users)
	for i := range rows {
		name := fmt.Sprintf("user%d", i)
		rows[i] = obj{"username": name, "email": name + "@example.com", "password": "!", "first_name": "", "last_name": "", "is_superuser": false,
			"is_staff": false, "is_active": true, "date_joined": time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)}
	}
	if err := c.DB.Table("auth_user").CreateInBatches(rows, 100).Error; err != nil {
		c.Fatal(err)
	}
	second := authtest.Unmigrated(c.T, c.DB)
	var statements atomic.Int64
	var started atomic.Bool
	count := func(*gorm.DB) { statements.Add(1) }
	starting := func(db *gorm.DB) {
		count(db)
		if strings.Contains(db.Statement.SQL.String(), "username_key") && started.CompareAndSwap(false, true) { // only the first time
			ctx, cancel := context.WithTimeout(c.Context(), time.Minute)
			defer cancel()
			if err := second.Auth.Migrate(ctx); err != nil {
				c.Errorf("an instance that starts concurrently: %v", err)
			}
		}
	}
	if err := errors.Join(c.DB.Callback().Update().After("gorm:update").Register("count", count),
		c.DB.Callback().Create().After("gorm:create").Register("count", count),
		c.DB.Callback().Query().After("gorm:query").Register("count", starting)); err != nil {
		c.Fatal(err)
	}
	if err := authtest.Unmigrated(c.T, c.DB).Auth.Migrate(c.Context()); err != nil {
		c.Fatal(err)
	}
	if !started.Load() {
		c.Error("no query for users without keys was seen")
	}
	if n := statements.Load(); n > users/10 {
		c.Errorf("%d statements for %d users", n, users)
	}
	var keys int64
	if err := c.DB.Table("auth_user").Where("username_key = username AND email_key = email").Count(&keys).Error; err != nil || keys != users+1 {
		c.Errorf("%d users have keys, %v", keys, err)
	}
	if n := c.count(&models.Email{}); n != users+1 {
		c.Errorf("%d addresses", n)
	}
}

// migrateRenewsKeysOfNames: older versions compared names in lower case, without full case folding. If two users now
// have the same name, the older one has it. The other one is reported and keeps everything else (D14).
func migrateRenewsKeysOfNames(c *Case) {
	c.Start()
	old := []struct{ name, key string }{ // as older versions wrote them
		{"straße", "straße"}, {"STRASSE", "strasse"}, {"Νίκος", "νίκος"}, {"ΝΊΚΟΣ", "νίκοσ"}, {"masse", "masse"}, {"MAßE", "maße"},
		{"Weiß", "weiß"}, {"weıß", "weıß"}, {"josé", "josé"},
	}
	ids := make([]int64, len(old)+1)
	for i, u := range old {
		mail := fmt.Sprintf("user%d@example.com", i+1)
		in := authtest.SignUp("x")
		in.Username, in.Email = fmt.Sprintf("user%d", i+1), mail
		c.Client().Post("/auth/registration/", in).Want(201)
		ids[i+1] = c.user(in.Username).ID
		c.set(in.Username, obj{"username": u.name, "username_key": u.key})
	}
	reported := fmt.Sprintf("ids=%q", fmt.Sprint([]int64{ids[2], ids[4], ids[6]}))
	for range 2 { // the second run reports it again
		c.App = authtest.New(c.T, c.DB)
		if log := c.Log.String(); !strings.Contains(log, reported) {
			c.Errorf("logged: %s", log)
		}
	}
	var out binding.LoginResponse
	for name, want := range map[string]int{
		"straße": 1, "STRASSE": 1, "νίκοσ": 3, "ΝΊΚΟΣ": 3, "masse": 5, "Maße": 5, "WEISS": 7, "weıß": 8, "JOSÉ": 9, "user2@example.com": 2,
		"user4@example.com": 4, "user6@example.com": 6,
	} {
		c.Client().Post("/auth/login/", authtest.Login(name)).Want(200).JSON(&out)
		if out.User.PK != ids[want] || out.User.Username != old[want-1].name {
			c.Errorf("%s is %+v, want user %d of %v", name, out.User, want, ids[1:])
		}
	}
}
