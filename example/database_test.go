package main

import (
	"crypto/rand"
	"net"
	"strings"
	"testing"
)

// TestReplicaIsDown: without its replica, the example starts on an empty database and on a full one, and users log in. Only their lists
// are not there.
func TestReplicaIsDown(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for name, env := range databases(t) {
		t.Run(name, func(t *testing.T) {
			env["AUTH_SECRET"] = rand.Text() + rand.Text()
			for _, replica := range []string{"postgres://x:x@" + closed + "/x?sslmode=disable", "mysql://x:x@" + closed + "/x"} {
				env["DATABASE_REPLICA_URL"] = replica
				s := start(t, env)
				ann := join(t, s.url, "ann") // who has an account the second time
				for _, step := range []struct{ method, path, body, want string }{
					{"POST", "/auth/login/", `{"username": "ann", "password": "Looking-Glass-7"}`, "200 "},
					{"GET", "/api/me", "", "200 "},
					{"GET", "/readyz", "", "200 "},
					{"GET", "/api/items", "", "503 "},
				} {
					if got := ann.call(step.method, step.path, step.body); !strings.HasPrefix(got, step.want) {
						t.Errorf("%s: %s", step.path, got)
					}
				}
				if err := s.stop(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
