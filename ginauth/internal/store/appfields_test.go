package store

import (
	"bytes"
	"log"
	"strings"
	"testing"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"
	"gorm.io/gorm/utils/tests"

	"github.com/ginauth/gin-rest-auth/models"
)

type (
	mid struct{ models.User }
	Mid struct {
		models.User
		House string
	}
	viaMid        struct{ Mid }
	byPointer     struct{ *models.User }
	viaPointer    struct{ *Mid }
	viaUnexported struct{ mid }
	ignored       struct {
		models.User `gorm:"-"`
	}
	prefixed struct {
		models.User `gorm:"embeddedPrefix:u_"`
	}
	prefixedMid struct {
		Mid `gorm:"embeddedPrefix:m_"`
	}
	baseOfHidden struct {
		Company string
		user    models.User
	}
	baseOfRelation struct{ User models.User }
	baseOfAnother  struct {
		models.User
		Other models.User `gorm:"-"`
	}
	baseOfNew struct{ Company string }
	computed  struct {
		models.User
		Orders int64 `gorm:"->;-:migration"`
	}
	byTag struct {
		Account models.User `gorm:"embedded"`
		Company string
	}
)

func (u *baseOfHidden) Base() *models.User   { return &u.user }
func (u *baseOfRelation) Base() *models.User { return &u.User }
func (u *baseOfAnother) Base() *models.User  { return &u.Other }
func (u *baseOfNew) Base() *models.User      { return &models.User{} }
func (u *byTag) Base() *models.User          { return &u.Account }

// TestUserOfTheApplication checks that a type that is a models.Account for Go, but not a table with the library's columns
// for GORM, is rejected at start, before the database rejects it. GORM logs nothing.
func TestUserOfTheApplication(t *testing.T) {
	var logged bytes.Buffer
	before := logger.Default // no other test of this package runs in parallel
	logger.Default = logger.New(log.New(&logged, "", 0), logger.Config{LogLevel: logger.Info})
	t.Cleanup(func() { logger.Default = before })
	const embed = "; embed models.User by value, without a gorm tag, not behind a pointer, not within an unexported struct"
	open := func(account func() models.Account, naming schema.NamingStrategy) error {
		db, err := gorm.Open(tests.DummyDialector{}, &gorm.Config{NamingStrategy: naming})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Open(db, account)
		return err
	}
	for _, try := range []struct {
		account func() models.Account
		want    string // "" if the type is valid
	}{
		{func() models.Account { return &models.User{} }, ""},
		{func() models.Account { return &viaMid{} }, ""},
		{func() models.Account { return &byTag{} }, ""},
		{func() models.Account { return &byPointer{} }, "store.byPointer: models.User is behind the pointer *models.User" + embed},
		{func() models.Account { return &byPointer{&models.User{}} }, "store.byPointer: models.User is behind the pointer *models.User" + embed},
		{func() models.Account { return &viaPointer{} }, "store.viaPointer: models.User is behind the pointer *store.Mid" + embed},
		{func() models.Account { return &viaUnexported{} }, "store.viaUnexported: models.User is within mid, which is not exported" + embed},
		{func() models.Account { return &ignored{} }, `store.ignored: gorm:"-" leaves no column "id" of models.User` + embed},
		{func() models.Account { return &prefixed{} }, `store.prefixed: gorm:"embeddedPrefix:u_" leaves no column "id" of models.User` + embed},
		{func() models.Account { return &prefixedMid{} }, `store.prefixedMid: gorm:"embeddedPrefix:m_" leaves no column "id" of models.User` + embed},
		{func() models.Account { return &baseOfHidden{} }, "store.baseOfHidden: its Base returns no models.User that it embeds" + embed},
		{func() models.Account { return &baseOfRelation{} }, "store.baseOfRelation: its Base returns no models.User that it embeds" + embed},
		{func() models.Account { return &baseOfAnother{} }, "store.baseOfAnother: its Base returns no models.User that it embeds" + embed},
		{func() models.Account { return &computed{} }, `tag it gorm:"-" and fill it in AfterFind, or remove -:migration`},
		{func() models.Account { return &baseOfNew{} }, "store.baseOfNew: its Base returns no models.User that it embeds" + embed},
	} {
		if err := open(try.account, schema.NamingStrategy{}); (err == nil) != (try.want == "") || err != nil && !strings.HasSuffix(err.Error(), try.want) {
			t.Errorf("%T: %v\nwant %q", try.account(), err, try.want)
		}
	}
	user := func() models.Account { return &models.User{} }
	if err := open(user, schema.NamingStrategy{NoLowerCase: true}); err == nil ||
		!strings.HasSuffix(err.Error(), `the handle's NamingStrategy leaves no column "id" of models.User; it must not rename columns`) {
		t.Errorf("columns of other names: %v", err)
	}
	if err := open(user, schema.NamingStrategy{TablePrefix: "app_", SingularTable: true}); err != nil {
		t.Errorf("tables of other names: %v", err)
	}
	if logged.Len() > 0 {
		t.Errorf("logged: %s", &logged)
	}
}
