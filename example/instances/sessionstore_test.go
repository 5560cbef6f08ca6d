//go:build unix

package instances

import (
	"context"
	"testing"

	ginredis "github.com/gin-contrib/sessions/redis"
	"github.com/redis/go-redis/v9"
	"gorm.io/driver/sqlite"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// TestSessionsInARedisThatIsKilled: users whose sessions are in Redis may be logged out when it is killed, and no one is ever logged in,
// even if it comes back with data from before a logout.
func TestSessionsInARedisThatIsKilled(t *testing.T) {
	server := newRedis(t, "--dbfilename", "dump.rdb")
	store, err := ginredis.NewStore(4, "tcp", server.addr(), "", "", []byte("for tests only: thirty-two bytes"))
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, sqlite.Open("file:"+t.TempDir()+"/test.db?_journal_mode=WAL&_txlock=immediate&_busy_timeout=10000"))
	app := authtest.New(t, db, func(cfg *config.Config) { cfg.SessionStore = store })
	for _, name := range []string{"ann", "bob", "eve"} {
		authtest.NewClient(t, app.Router).Post("/auth/registration/", authtest.SignUp(name)).Want(201)
	}
	logIn := func(name string) *authtest.Client {
		client := authtest.NewClient(t, app.Router)
		client.Post("/auth/login/", authtest.Login(name)).Want(200)
		return client
	}
	ann, bob := logIn("ann"), logIn("bob")
	thief := ann.Clone() // a copy of the cookie

	admin := redis.NewClient(&redis.Options{Addr: server.addr()})
	defer admin.Close()
	if err := admin.Save(context.Background()).Err(); err != nil {
		t.Fatal(err)
	}
	ann.Post("/auth/logout/", nil).Want(200)
	thief.Clone().Get("/auth/user/").Want(401)
	late := logIn("eve") // after the snapshot

	server.kill()
	bob.Clone().Get("/auth/user/").Want(503)
	authtest.NewClient(t, app.Router).Post("/auth/login/", authtest.Login("eve")).Want(503)
	server.begin()
	thief.Clone().Get("/auth/user/").Want(401) // its session is in Redis again, and has ended in the database
	bob.Clone().Get("/auth/user/").Want(200)
	late.Clone().Get("/auth/user/").Want(401) // logged out
	logIn("eve").Get("/auth/user/").Want(200)
	late.Clone().Get("/auth/user/").Want(401)
}
