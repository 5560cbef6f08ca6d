package authtest_test

import (
	"context"
	"log"
	"testing"
)

// exampleT is the test of an Example, which has no *testing.T.
type exampleT struct {
	testing.TB
	ctx      context.Context
	cleanups []func()
}

func (e *exampleT) Helper()                   {}
func (e *exampleT) Context() context.Context  { return e.ctx }
func (e *exampleT) Cleanup(f func())          { e.cleanups = append(e.cleanups, f) }
func (e *exampleT) Fatal(args ...any)         { log.Panic(args...) }
func (e *exampleT) Fatalf(f string, a ...any) { log.Panicf(f, a...) }

// runTest runs a test as go test does.
func runTest(test func(testing.TB)) {
	ctx, cancel := context.WithCancel(context.Background())
	e := &exampleT{ctx: ctx}
	defer func() {
		cancel()
		for _, f := range e.cleanups {
			f()
		}
	}()
	test(e)
}
