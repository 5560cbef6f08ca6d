package passhash

// The memory that finished hashes leave behind.

import (
	"runtime"
	"runtime/metrics"
	"sync"
)

// mostGarbage is how many finished hashes start a garbage collection.
const mostGarbage = 2

// garbage counts what finished hashes have left since the last garbage collection. The collector lets the heap double, and counts running
// hashes as a part of it, although they cost it no work. With many slots, a login storm would take twice their memory.
type garbage struct {
	mu     sync.Mutex
	cycles uint64 // collections until now
	left   uint64 // bytes that hashes have left since then
}

// leave counts a finished hash of a size, in bytes. If mostGarbage of them have ended since the last collection, and have left as much as
// everything else in the heap takes, it collects. GOGC changes both as it changes when Go collects: with GOGC=200 they are twice as large,
// and with GOGC=off it never collects.
func (g *garbage) leave(size uint64, slots int) {
	if size == 0 {
		return
	}
	g.mu.Lock() // slots stay taken while one of them collects
	defer g.mu.Unlock()
	read := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/live:bytes"}, {Name: "/gc/gogc:percent"}}
	metrics.Read(read)
	cycles, live, percent := read[0].Value.Uint64(), read[1].Value.Uint64(), read[2].Value.Uint64()
	if cycles != g.cycles {
		g.cycles, g.left = cycles, 0
	}
	g.left += size
	others := live - min(live, uint64(slots)*size) //nolint:gosec // slots is positive
	if percent > maxPercent || g.left < max(mostGarbage*size, others)*percent/100 {
		return
	}
	runtime.GC()
	g.cycles, g.left = cycles+1, 0
}

// maxPercent is more than any value of GOGC that makes Go collect. GOGC=off is read as a larger number.
const maxPercent = 1 << 31

// size returns how many bytes a hash with these parameters takes.
func (p Params) size() uint64 {
	switch p.Algorithm {
	case "argon2id":
		return uint64(p.Memory) << 10
	case "scrypt":
		return 128 * 8 << p.Cost
	}
	return 0
}
