package dbtest

// A feature of another module: its name, settings, tables, migrations and findings.

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// featured makes another Auth with features on the database of the case.
func (c *Case) featured(features ...core.Feature) *ginauth.Auth {
	c.Helper()
	auth, err := ginauth.New(c.DB, c.Auth.Config(), features...)
	if err != nil {
		c.Fatal(err)
	}
	return auth
}

// device is the table of a feature.
type device struct {
	ID     int64
	UserID int64  `gorm:"index"`
	Label  string `gorm:"size:80"`
}

// TableName implements schema.Tabler.
func (device) TableName() string { return "device" }

// devices is a feature with a table, two migrations and a finding.
func devices(find func(*core.Report) error, up func(*gorm.DB) error) core.Feature {
	return func(s *core.Setup) error {
		s.Tables(&device{})
		s.Migration("0001_table", func(db *gorm.DB) error { return db.AutoMigrate(&device{}) })
		s.Migration("0002_owner", up)
		s.Check("Devices", func(_ context.Context, r *core.Report) error { return find(r) })
		s.Name("devices")
		return nil
	}
}

// findsNothing reports no finding.
func findsNothing(*core.Report) error { return nil }

// featureMigrationsRunOnce: they run in order, each is recorded, and a failed one runs again.
func featureMigrationsRunOnce(c *Case) {
	c.Start()
	var runs int
	failure := errors.New("no owner")
	feature := devices(findsNothing, func(db *gorm.DB) error {
		var n int64
		if err := db.Model(&device{}).Count(&n).Error; err != nil {
			return err
		}
		runs++
		return errors.Join(failure, db.Create(&device{ID: 7, Label: "𠮷野's phone 📱"}).Error)
	})
	auth := c.featured(feature)
	c.wantPending(auth, "devices/0001_table", "devices/0002_owner")
	text := c.printed(auth)
	if !strings.Contains(text, "-- devices/0001_table\nCREATE TABLE") || !strings.Contains(text, "-- devices/0002_owner\n-- the rest of it cannot be printed: ") {
		c.Errorf("printed:\n%s", text)
	}
	if err := auth.Migrate(c.Context()); err == nil || !strings.Contains(err.Error(), "devices/0002_owner: no owner") || runs != 1 {
		c.Errorf("after %d runs: %v", runs, err)
	}
	c.wantPending(auth, "devices/0002_owner")
	if c.DB.Name() == "mysql" { // it does not roll back DDL
		c.exec("DELETE FROM device")
	}
	if n := c.rows("device"); n != 0 {
		c.Errorf("%d rows are left of a migration that failed", n)
	}
	failure = nil
	for range 2 {
		c.wantMigrated(auth)
		c.wantMigrated(c.featured(feature))
		c.wantMigrated(c.Auth)
	}
	if n := c.rows("device"); n != 1 || runs != 2 {
		c.Errorf("%d rows after %d runs", n, runs)
	}
}

// migrationsThatCannotBePrinted: also if the migration panics because nothing was changed, or prepares statements.
// Printing changes nothing.
func migrationsThatCannotBePrinted(c *Case) {
	c.Start()
	ups := map[string]func(*gorm.DB) error{
		"panics": func(db *gorm.DB) error {
			var all []device
			err := errors.Join(db.Create(&device{ID: 1}).Error, db.Find(&all).Error)
			all[0].Label = "first"
			return err
		},
		"prepares": func(db *gorm.DB) error {
			return db.Session(&gorm.Session{PrepareStmt: true}).Exec("DELETE FROM device").Error
		},
		"nests": func(db *gorm.DB) error {
			return db.Transaction(func(db *gorm.DB) error { return db.Exec("DELETE FROM device WHERE label = ?", "it's").Error })
		},
	}
	c.wantMigrated(c.featured(devices(findsNothing, func(db *gorm.DB) error { return nil })))
	for name, up := range ups {
		text := c.printed(c.featured(func(s *core.Setup) error {
			s.Name(name)
			s.Migration("1", up)
			return nil
		}))
		if nests := name == "nests"; strings.Contains(text, "cannot be printed") == nests || strings.Contains(text, "label = 'it''s'") != nests {
			c.Errorf("%s prints:\n%s", name, text)
		}
	}
	if n := c.rows("device"); n != 0 {
		c.Errorf("printing created %d rows", n)
	}
}

// printingRunsNoStatementsThatReturnRows: a statement that returns rows can write as well.
func printingRunsNoStatementsThatReturnRows(c *Case) {
	c.Start()
	writes := map[string]string{"sqlite": "PRAGMA user_version = 7"}[c.DB.Name()]
	if writes == "" {
		writes = "SELECT 7"
	}
	text := c.printed(c.featured(func(s *core.Setup) error {
		s.Name("reads")
		s.Migration("1", func(db *gorm.DB) error { return db.Exec(writes).Error })
		return nil
	}))
	if !strings.Contains(text, "-- reads/1\n"+writes+";\n") {
		c.Errorf("printed:\n%s", text)
	}
	var version int64
	if c.DB.Name() == "sqlite" {
		c.DB.Raw("PRAGMA user_version").Scan(&version)
	}
	if version != 0 {
		c.Errorf("printing created version %d", version)
	}
}

// featureTablesAreChecked: as those of the library are.
func featureTablesAreChecked(c *Case) {
	c.Start(production)
	auth := c.featured(devices(findsNothing, func(*gorm.DB) error { return nil }))
	missing := func(what string) {
		c.Helper()
		findings := c.found(auth)
		c.want(findings, "error auth.Migrate", "note Mail.Sender")
		c.says(findings, what)
	}
	missing("missing in the database: device;")
	c.wantMigrated(auth)
	c.want(c.found(auth), "note Mail.Sender")
	c.exec("DELETE FROM auth_migration WHERE id = 'devices/0002_owner'")
	missing("devices/0002_owner")
	c.exec("ALTER TABLE device DROP COLUMN label")
	missing("missing in the database: device.label;")
}

// featureFindingsAreListed: Check lists them for an Auth and for a configuration, also if the feature fails to determine
// them.
func featureFindingsAreListed(c *Case) {
	c.Start(production)
	none := func(*gorm.DB) error { return nil }
	c.wantMigrated(c.featured(devices(findsNothing, none)))
	for want, find := range map[string]func(*core.Report) error{
		"error Devices: error: Devices: they are lost; look for them": func(r *core.Report) error {
			r.Error("they are lost", "look for them")
			return nil
		},
		"warning Devices: they are old":                         func(r *core.Report) error { r.Warning("they are old", "take new ones"); return nil },
		"note Devices: they are few":                            func(r *core.Report) error { r.Note("they are few", "take more"); return nil },
		"warning Devices: Devices cannot be checked: they hide": func(*core.Report) error { return errors.New("they hide") },
		"warning Devices: panicked (string)":                    func(*core.Report) error { panic("canary") },
	} {
		severity, words, _ := strings.Cut(want, ": ")
		feature := devices(find, none)
		findings, err := c.checkNew(func(*config.Config) {}, feature)
		if c.want(findings, severity); err != nil {
			c.Error(err)
		}
		c.says(findings, words)
		c.says(c.found(c.featured(feature)), words)
	}
}

// errorsOfAllFeaturesAreListed: each mistake of each feature is an error of New that names the feature.
func errorsOfAllFeaturesAreListed(c *Case) {
	c.Start(production)
	up := func(*gorm.DB) error { return nil }
	clock := func(s *core.Setup) error {
		s.Refuse("Clock.Zone", errors.New("is unknown"))
		s.Name("clock")
		return errors.New("no time")
	}
	findings, err := c.checkNew(func(*config.Config) {}, clock, func(s *core.Setup) error {
		s.Name("clock")
		s.Refuse("Mail.Sender", errors.New("must ring"))
		return nil
	}, func(s *core.Setup) error {
		s.Migration("1", up)
		s.Name("two words")
		return nil
	}, func(s *core.Setup) error {
		s.Name("alarm")
		for _, id := range []string{"", "a1", "A1", strings.Repeat("x", 200), "1\nDROP TABLE auth_user; --"} {
			s.Migration(id, up)
		}
		s.Check("Alarm", func(context.Context, *core.Report) error { panic("is not called") })
		return nil
	})
	c.want(findings, "error Clock.Zone", "error Mail.Sender", "error ginauth.New", "error ginauth.New", "error ginauth.New", "error ginauth.New",
		"error ginauth.New", "error ginauth.New", "error ginauth.New", "error ginauth.New")
	for _, words := range []string{
		"error: Clock.Zone: clock: is unknown", "Mail.Sender: must ring", "clock: no time", `two features have the name "clock"`,
		`the name "two words" of a feature`, "a feature with migrations needs a name", `alarm: the migration "" needs`, `alarm: the migration "A1" needs`,
		`alarm: the migration "xxx`, `alarm: the migration "1\nDROP`,
	} {
		c.says(findings, words)
	}
	mistake, ok := errors.AsType[*config.Mistake](err)
	if !ok || mistake.Setting != "Clock.Zone" || !strings.Contains(err.Error(), "config: Mail.Sender: must ring") {
		c.Errorf("New says %v", err)
	}
}
