package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
)

// ginauth.New fills in the defaults and returns an error for each invalid setting, as here.
func Example() {
	cfg := config.Config{
		Secret:  "too short",
		Timeout: time.Millisecond,
		Session: config.Session{CacheFor: time.Hour},
	}
	fmt.Println(cfg.WithDefaults().Validate())
	// Output:
	// config: Secret: must have at least 32 bytes, has 9; make one with: openssl rand -base64 48
	// config: Session.CacheFor: must be between 0, which turns it off, and 30 seconds
	// config: Timeout: must be at least 100 ms
}

// The first start creates the file, later starts read it. So users stay logged in over restarts.
func ExampleSecretFile() {
	dir, err := os.MkdirTemp("", "example")
	check(err)
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "app.secret") // in your program: next to the database

	first, err := config.SecretFile(path)
	check(err)
	second, err := config.SecretFile(path)
	check(err)
	fmt.Println(first, "has", len(string(first)), "bytes; unchanged:", first == second)

	check(os.WriteFile(filepath.Join(dir, "short"), []byte("hunter2\n"), 0o600))
	_, err = config.SecretFile(filepath.Join(dir, "short"))
	fmt.Println("a short secret is an error:", err != nil)
	// Output:
	// [secret] has 43 bytes; unchanged: true
	// a short secret is an error: true
}

// A Secret is not printed by accident. A conversion to string returns its value.
func ExampleSecret() {
	key := config.Secret("hunter2")
	fmt.Printf("%v %q %#v\n", key, key, key)
	fmt.Println(string(key))
	// Output:
	// [secret] "[secret]" [secret]
	// hunter2
}
