package ginauth_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
)

type noMail struct{}

func (noMail) Send(context.Context, config.Message) error { return nil }

// TestMemoryOfNew limits what New allocates, which Go's heap keeps for minutes, and what stays in use. One password
// hash is 19 MiB, and the texts and mail templates of all languages are 2 MiB. The limit for allocations is wide,
// because the race detector multiplies them by six.
func TestMemoryOfNew(t *testing.T) { // not in parallel: it counts what the process allocates
	db, cfg := dummyDB(t), config.Config{Secret: authtest.Secret}
	cfg.Mail = config.Mail{Sender: noMail{}, From: "Acme <a@acme.example>", URLs: config.MailURLs{
		Verify: "https://acme.example/{key}", Reset: "https://acme.example/{uid}/{token}", Notice: "https://acme.example/{key}",
	}}
	open := func() *ginauth.Auth {
		auth, err := ginauth.New(db, cfg, openapi.Serve())
		if err != nil {
			t.Fatal(err)
		}
		return auth
	}
	open() // what a process allocates once, such as GORM's schemas
	var before, opened, after runtime.MemStats
	runtime.GC()
	runtime.GC() // the second empties pools
	runtime.ReadMemStats(&before)
	all := make([]*ginauth.Auth, 20)
	for i := range all {
		all[i] = open()
	}
	runtime.ReadMemStats(&opened)
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	n := int64(len(all))
	runtime.KeepAlive(all)
	allocated, kept := int64(opened.TotalAlloc-before.TotalAlloc)/n>>10, (int64(after.HeapAlloc)-int64(before.HeapAlloc))/n>>10
	t.Logf("New allocates %d KiB and keeps %d", allocated, kept)
	if allocated > 16<<10 || kept > 320 {
		t.Errorf("New allocates %d KiB and keeps %d; the limits are 16384 and 320", allocated, kept)
	}
}
