package models_test

import (
	"fmt"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// Member is the application's user: the library's columns and its own.
type Member struct {
	models.User
	Company string `gorm:"size:80"`
}

// Embed User to add columns. config.Model passes the type to the library.
func ExampleUser() {
	settings := config.Config{NewUser: config.Model[Member]()}

	account := settings.NewUser()
	account.Base().SetUsername("Ann") // promoted from models.User
	member := account.(*Member)
	member.Company = "Acme"
	fmt.Println(member.Username, *member.UsernameKey, member.Company)
	// Output:
	// Ann ann Acme
}

// Compare keys, not names: two spellings of one name have the same key.
func ExampleUsernameKey() {
	for _, name := range []string{"straße", " STRASSE ", "Strase"} {
		fmt.Printf("%q %s\n", models.NormalizeUsername(name), models.UsernameKey(name))
	}
	fmt.Println(models.UsernameKey("straße") == models.UsernameKey("STRASSE"))
	// Output:
	// "straße" strasse
	// "STRASSE" strasse
	// "Strase" strase
	// true
}

// Mails go to the normal form. Two addresses are the same if their keys are equal.
func ExampleEmailKey() {
	for _, address := range []string{" Ann@Example.COM", "x@Bücher.example"} {
		fmt.Println(models.NormalizeEmail(address), models.EmailKey(address))
	}
	// Output:
	// Ann@example.com ann@example.com
	// x@xn--bcher-kva.example x@xn--bcher-kva.example
}
