package memory_test

import (
	"context"
	"log"
	"testing"
)

// example is the test of an Example, which has no *testing.T.
type example struct {
	testing.TB
	ctx      context.Context
	cleanups []func()
}

func (e *example) Helper()                   {}
func (e *example) Context() context.Context  { return e.ctx }
func (e *example) Cleanup(f func())          { e.cleanups = append(e.cleanups, f) }
func (e *example) Fatal(args ...any)         { log.Panic(args...) }
func (e *example) Fatalf(f string, a ...any) { log.Panicf(f, a...) }

// asTest runs a test as go test does.
func asTest(test func(testing.TB)) {
	ctx, cancel := context.WithCancel(context.Background())
	e := &example{ctx: ctx}
	defer func() {
		cancel()
		for _, f := range e.cleanups {
			f()
		}
	}()
	test(e)
}
