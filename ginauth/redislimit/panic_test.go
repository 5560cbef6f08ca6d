package redislimit_test

import (
	"context"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// jumpy is a hook of the client that panics.
type jumpy struct{}

func (jumpy) DialHook(next redis.DialHook) redis.DialHook { return next }

func (jumpy) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(context.Context, redis.Cmder) error { panic("canary") }
}

func (jumpy) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// TestPanicOfTheClient: a panic in the client is an outage of the store. The log says where it was, and not its value.
func TestPanicOfTheClient(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{Addr: server(t)})
	t.Cleanup(func() { _ = client.Close() })
	client.AddHook(jumpy{})
	app := started(t, store(t, client))
	if compared, _ := guesses(t, app, 30); compared == 0 || compared == 30 {
		t.Errorf("%d of 30 guesses were compared", compared)
	}
	log := app.Log.String()
	for _, want := range []string{"the store of limits failed", "ginauth: panic", `in="the store of limits"`, "panic of type string", "jumpy.ProcessHook"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q: %s", want, log)
		}
	}
	if strings.Contains(log, "canary") {
		t.Error("the value of the panic is in the log")
	}
}
