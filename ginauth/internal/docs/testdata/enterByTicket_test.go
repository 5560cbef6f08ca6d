package snippet

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestEnterByTicket(t *testing.T) {
	db := memory.Open(t)
	if err := db.AutoMigrate(&UsedTicket{}); err != nil {
		t.Fatal(err)
	}
	app := authtest.New(t, db)
	key := []byte("shared with the other system, at least 32 bytes")
	enterByTicket(app.Router, app.Auth, db, key)
	ann := app.User(t, "ann")
	body := func(key []byte, id int64, expires time.Time) map[string]string {
		ticket, signature := sign(key, id, expires)
		return map[string]string{"ticket": ticket, "signature": signature}
	}
	soon := time.Now().Add(time.Minute)
	client := app.Client(t)
	client.Post("/enter", body([]byte("another key"), ann.ID, soon)).WantCode(403, "ticket_refused")
	client.Post("/enter", body(key, ann.ID, time.Now().Add(-time.Minute))).WantCode(403, "ticket_refused")
	client.Post("/enter", "{").WantCode(403, "ticket_refused")
	valid := body(key, ann.ID, soon)
	altered := map[string]string{"ticket": "2" + valid["ticket"], "signature": valid["signature"]}
	client.Post("/enter", altered).WantCode(403, "ticket_refused")
	client.Do("POST", "/enter", body(key, ann.ID, soon), "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").Want(403)
	client.Get("/auth/user/").Want(401)

	var won atomic.Int64
	var group sync.WaitGroup
	for range 5 {
		browser := app.Client(t)
		group.Go(func() {
			if browser.Post("/enter", valid).StatusCode == 200 {
				won.Add(1)
				browser.Get("/auth/user/").Want(200)
			}
		})
	}
	group.Wait()
	if won.Load() != 1 {
		t.Errorf("the ticket worked %d times", won.Load())
	}
	if err := app.Auth.SetActive(t.Context(), ann.ID, false); err != nil {
		t.Fatal(err)
	}
	if got := client.Post("/enter", body(key, ann.ID, soon)); got.StatusCode < 400 {
		t.Errorf("an inactive user: %d", got.StatusCode)
	}
}
