package passhash

import (
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
)

// TestGarbage: Go collects when two finished hashes have left their memory, unless it has collected by itself, or the
// application asks for fewer collections.
func TestGarbage(t *testing.T) { // not in parallel: it counts the collections of the process
	const size = 1 << 30 // counted, not allocated
	collected := func(do func()) bool {
		var before, after debug.GCStats
		debug.ReadGCStats(&before)
		do()
		debug.ReadGCStats(&after)
		return after.NumGC > before.NumGC
	}
	for _, test := range []struct {
		percent int
		size    uint64
		want    []int // the hashes, from 1 to 12, after which Go collects
	}{
		{100, size, []int{2, 4, 6, 8, 10, 12}},
		{200, size, []int{4, 8, 12}},
		{50, size, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		{-1, size, nil},
		{100, 1 << 10, nil}, // less than the rest of the program
		{100, 0, nil},       // bcrypt
	} {
		before := debug.SetGCPercent(test.percent)
		runtime.GC()
		var g garbage
		var got []int
		for i := range 12 {
			if collected(func() { g.leave(test.size, 2) }) {
				got = append(got, i+1)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: collected after %v", test, got)
		}
		debug.SetGCPercent(before)
	}
	var g garbage
	g.leave(size, 2)
	runtime.GC()
	if collected(func() { g.leave(size, 2) }) {
		t.Error("it collected just after Go had")
	}
}
