package cmd_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/cmd"
)

func ExampleProgram() {
	ctx := context.Background()
	db, err := gorm.Open(sqlite.Open("file:cmd?mode=memory&cache=shared"), &gorm.Config{})
	if err != nil {
		panic(err)
	}
	auth, err := ginauth.New(db, config.Config{Secret: "an example secret of at least 32 bytes"})
	if err != nil {
		panic(err)
	}
	app := cmd.Program{Name: "app", In: strings.NewReader("Looking-Glass-7\n"), Out: os.Stdout, Err: os.Stdout}
	if err := auth.Migrate(ctx); err != nil {
		panic(err)
	}
	app.Run(ctx, auth, []string{"createuser", "--username", "ann", "--password-stdin"})
	app.Run(ctx, auth, []string{"ban", "ann", "--reason", "spam", "--json"})
	fmt.Println(app.Run(ctx, auth, []string{"unban", "eve"}) == cmd.NoUser)
	// Output:
	// User 1 created.
	// {"id":1}
	// app unban: no such user: no user has the ID, name or address "eve"
	// true
}
