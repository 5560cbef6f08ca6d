package dbtest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var migrateCases = []func(*Case){
	MigrateTwice, MigrateTakesOverDjangosUsers, MigrateTogetherWithRows, MigrateDropsNoIndex, MigrateKeepsWhatRefersToUsers, MigrateWithPreparedStatements,
	MissingTablesNameTheFix,
}

// MigrateTwice covers T206: several instances start at once, on a database with rows.
func MigrateTwice(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	failed := make(chan error, 4)
	for range cap(failed) {
		go func() { failed <- c.Auth.Migrate(context.Background()) }()
	}
	for range cap(failed) {
		if err := <-failed; err != nil {
			c.Error(err)
		}
	}
	ann.Get("/auth/user/").Want(200)
}

// djangoUsers makes Django's tables, with users of these names and a token of the first.
func (c *Case) djangoUsers(names ...string) {
	c.Helper()
	c.DB = c.open(c.T)
	for _, statement := range djangoTables[c.DB.Name()] {
		c.exec(statement)
	}
	for i, name := range names {
		if err := c.addDjangoUser(name, name+"@example.com", djangoEncodings()[i%2]); err != nil {
			c.Fatal(err)
		}
	}
	c.exec("INSERT INTO authtoken_token VALUES ('abc', ?, ?)", time.Now(), c.idOf(names[0]))
}

func (c *Case) addDjangoUser(name, email, password string) error {
	return c.DB.Table("auth_user").Create(map[string]any{
		"username": name, "email": email, "password": password, "first_name": "", "last_name": "", "is_superuser": false, "is_staff": false,
		"is_active": true, "date_joined": time.Date(2020, 1, 2, 3, 4, 5, 123456000, time.UTC),
	}).Error
}

// idOf reads an id, also from Django's table: some databases leave ids out.
func (c *Case) idOf(name string) (id int64) {
	c.Helper()
	if r := c.DB.Table("auth_user").Select("id").Where("username = ?", name).Scan(&id); r.Error != nil || r.RowsAffected != 1 {
		c.Fatalf("%d users have the name %q, %v", r.RowsAffected, name, r.Error)
	}
	return id
}

func (c *Case) exec(statement string, args ...any) {
	c.Helper()
	if err := c.DB.Exec(statement, args...).Error; err != nil {
		c.Fatal(err)
	}
}

func (c *Case) rows(table string) (n int64) {
	c.Helper()
	if err := c.DB.Table(table).Count(&n).Error; err != nil {
		c.Fatal(err)
	}
	return n
}

// MigrateTakesOverDjangosUsers: its table becomes ours, and what refers to it stays.
func MigrateTakesOverDjangosUsers(c *Case) {
	c.djangoUsers("Ann", "ANN", "bob", "noaddr")
	c.exec("UPDATE auth_user SET email = CASE username WHEN 'ANN' THEN 'other@example.com' WHEN 'bob' THEN 'ann@example.com' " +
		"WHEN 'noaddr' THEN '' ELSE 'Ann@Example.com' END")
	first, second := c.idOf("Ann"), c.idOf("ANN")
	c.App = authtest.New(c.T, c.DB)
	var out binding.LoginResponse
	c.client().Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&out)
	if out.User.PK != first || out.User.Username != "Ann" {
		c.Errorf("ann is %+v", out.User)
	}
	c.client().Post("/auth/login/", authtest.Login("ann@example.com")).Want(200).JSON(&out)
	if out.User.PK != first {
		c.Errorf("ann's address is that of %+v", out.User)
	}
	c.loggedIn("bob")
	c.loggedIn("noaddr")
	c.loggedIn("other@example.com")
	c.signedUp("eve").Get("/auth/user/").Want(200)
	c.set("bob", obj{"username": "bob@example.com", "username_key": "bob@example.com"}) // Django allows it
	bob := c.client()
	bob.Post("/auth/login/", authtest.Login("bob@example.com")).Want(200)
	bob.Put("/auth/user/", obj{"username": "bob@example.com", "first_name": "Bob"}).Want(200)
	bob.Put("/auth/user/", obj{"username": "rob@example.com"}).WantProblems("username invalid_username")
	if log := c.Log.String(); !strings.Contains(log, fmt.Sprintf("ids=[%d]", second)) { // bob shares an address, which takes no name from anybody
		c.Errorf("logged: %s", log)
	}
	if n := c.rows("authtoken_token"); n != 1 {
		c.Errorf("%d of Django's tokens are left", n)
	}
}

// MigrateTogetherWithRows: several instances start on a table that another program wrote.
func MigrateTogetherWithRows(c *Case) {
	names := make([]string, 100)
	for i := range names {
		names[i] = fmt.Sprintf("user%d", i)
	}
	c.djangoUsers(names...)
	c.Box = &authtest.Mailbox{}
	failed := make(chan error, 4)
	apps := make([]*authtest.App, cap(failed))
	for i := range apps {
		apps[i] = authtest.Unmigrated(c.T, c.DB, c.Box.Configure)
	}
	for _, app := range apps {
		go func() { failed <- app.Auth.Migrate(context.Background()) }()
	}
	for range apps {
		if err := <-failed; err != nil {
			c.Error(err)
		}
	}
	if n := c.count(&models.Email{}); n != int64(len(names)) {
		c.Errorf("%d addresses", n)
	}
}

// MigrateDropsNoIndex: neither Django's nor the application's; nor does the table of profiles that
// the README has.
func MigrateDropsNoIndex(c *Case) {
	c.djangoUsers("ann")
	c.exec("CREATE UNIQUE INDEX own_email ON auth_user (email)")
	if err := authtest.Unmigrated(c.T, c.DB).Auth.Migrate(c.Context()); err != nil {
		c.Fatal(err)
	}
	if err := c.DB.AutoMigrate(&Profile{}); err != nil {
		c.Fatal(err)
	}
	if c.addDjangoUser("ann", "other@example.com", "!") == nil {
		c.Error("the unique constraint of username is gone")
	}
	if c.addDjangoUser("other", "ann@example.com", "!") == nil {
		c.Error("the application's unique index is gone")
	}
}

// Team is a table of the application's.
type Team struct{ ID int64 }

type (
	firstMember struct {
		models.User
		Company string `gorm:"size:80"`
	}
	laterMember struct {
		models.User
		Company string `gorm:"size:200;not null;default:'none'"`
		Motto   string `gorm:"size:80"`
		TeamID  *int64
		Team    *Team
	}
)

// MigrateKeepsWhatRefersToUsers: rows that the database deletes along with their user stay when
// the application changes its own columns, and adds some; and instances of the older version
// go on, whatever the database keeps of their statements (T206).
func MigrateKeepsWhatRefersToUsers(c *Case) {
	c.start(func(cfg *config.Config) { cfg.NewUser = config.Model[firstMember]() })
	ann, old := c.signedUp("ann"), c.client()
	old.Post("/auth/login/", authtest.Login("ann")).Want(200)
	ann.Get("/auth/user/").Want(200) // so that every statement below is prepared by now
	ann.Get("/auth/sessions/").Want(200)
	c.exec("CREATE TABLE profile (id bigint PRIMARY KEY, user_id bigint NOT NULL, " +
		"CONSTRAINT fk_profile FOREIGN KEY (user_id) REFERENCES auth_user (id) ON DELETE CASCADE)")
	c.exec("INSERT INTO profile VALUES (1, ?)", c.idOf("ann"))
	for range 2 {
		c.App = authtest.New(c.T, c.DB, func(cfg *config.Config) { cfg.NewUser = config.Model[laterMember]() })
		if n := c.rows("profile"); n != 1 {
			c.Fatalf("%d profiles are left", n)
		}
	}
	c.loggedIn("ann")
	ann.Get("/auth/user/").Want(200)
	ann.Get("/auth/sessions/").Want(200)
	old.Post("/auth/login/", authtest.Login("ann")).Want(200)
	if !c.DB.Migrator().HasColumn(&laterMember{}, "motto") || !c.DB.Migrator().HasColumn(&laterMember{}, "team_id") {
		c.Error("the new columns were not added")
	}
	c.exec("DELETE FROM auth_user WHERE username = 'ann'") // the foreign key is still there
	if n := c.rows("profile"); n != 0 {
		c.Errorf("%d profiles of nobody", n)
	}
}

// MigrateWithPreparedStatements: the application's handle keeps statements, and PostgreSQL refuses one that
// reads all columns of a table which has one more since (D20).
func MigrateWithPreparedStatements(c *Case) {
	c.DB = c.open(c.T).Session(&gorm.Session{PrepareStmt: true})
	pool, err := c.DB.DB()
	if err != nil {
		c.Fatal(err)
	}
	pool.SetMaxOpenConns(1) // so that each statement is kept where the next one runs
	for _, newUser := range []func() models.Account{config.Model[firstMember](), config.Model[firstMember](), config.Model[laterMember]()} {
		c.App = authtest.Unmigrated(c.T, c.DB, func(cfg *config.Config) { cfg.NewUser = newUser })
		for range 2 {
			if err := c.Auth.Migrate(c.Context()); err != nil {
				c.Fatal(err)
			}
		}
	}
	c.App = authtest.New(c.T, c.DB, func(cfg *config.Config) { cfg.NewUser = config.Model[laterMember]() })
	c.signedUp("ann").Get("/auth/user/").Want(200)
}

// MissingTablesNameTheFix: the log tells the developer, the answer tells nobody.
func MissingTablesNameTheFix(c *Case) {
	c.start()
	if err := c.DB.Migrator().DropTable(&models.User{}, &models.Session{}); err != nil {
		c.Fatal(err)
	}
	c.client().Post("/auth/login/", authtest.Login("ann")).WantCode(503, binding.CodeUnavailable)
	if log := c.Log.String(); !strings.Contains(log, "call auth.Migrate") {
		c.Errorf("logged: %s", log)
	}
	err := c.Auth.CreateUser(context.Background(), &models.User{Username: "ann"}, "")
	if err == nil || !strings.Contains(err.Error(), "call auth.Migrate") {
		c.Errorf("got %v", err)
	}
}
