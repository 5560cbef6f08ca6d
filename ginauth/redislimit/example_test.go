package redislimit_test

import (
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/redislimit"
)

func ExampleNew() {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379"})
	defer client.Close()
	cfg := config.Config{Limits: config.Limits{Store: redislimit.New(client, redislimit.Options{Prefix: "shop:limit:"})}}
	fmt.Printf("%T\n", cfg.Limits.Store)
	// Output: *redislimit.Store
}
