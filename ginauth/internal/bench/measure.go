package main

// Timing in rounds: each round measures every subject once, in a different order, so that other work of the machine affects
// all of them.

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// A subject is something to time. op is called with 0, 1, 2 and so on.
type subject struct {
	name string
	op   func(i int) error
}

// A sample is the mean cost of an operation in one round. cpu is the process's time on all cores: it includes the garbage
// collector, and other programs hardly affect it.
type sample struct{ nanos, cpu, bytes, allocs float64 }

func (s sample) minus(t sample) sample {
	return sample{s.nanos - t.nanos, s.cpu - t.cpu, s.bytes - t.bytes, s.allocs - t.allocs}
}

// interleave returns the samples of each subject, one for each round.
func interleave(subjects []subject, rounds int, each time.Duration) ([][]sample, error) {
	samples := make([][]sample, len(subjects))
	for _, s := range subjects { // connections, caches, pools
		if err := repeat(s.op, 20); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	for round := range rounds {
		for k := range subjects {
			j := (k + round) % len(subjects)
			got, err := measure(subjects[j].op, each)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", subjects[j].name, err)
			}
			samples[j] = append(samples[j], got)
			progress(os.Stderr, "round %d of %d, %s", round+1, rounds, subjects[j].name)
		}
	}
	progress(os.Stderr, "")
	return samples, nil
}

func measure(op func(int) error, d time.Duration) (sample, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n, cpu, start := 0, cpuTime(), time.Now()
	for ; time.Since(start) < d; n++ {
		if err := op(n); err != nil {
			return sample{}, err
		}
	}
	elapsed, used := time.Since(start), cpuTime()-cpu
	runtime.ReadMemStats(&after)
	per := func(total float64) float64 { return total / float64(max(n, 1)) }
	return sample{
		nanos: per(float64(elapsed)), cpu: per(float64(used)),
		bytes: per(float64(after.TotalAlloc - before.TotalAlloc)), allocs: per(float64(after.Mallocs - before.Mallocs)),
	}, nil
}

// cpuTime returns the CPU time that the process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // its arguments are constants
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func repeat(op func(int) error, n int) error {
	for i := range n {
		if err := op(i); err != nil {
			return err
		}
	}
	return nil
}

// spread is how a figure varies over the rounds.
type spread struct{ min, median, max float64 }

func spreadOf(values []float64) spread {
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	s := spread{sorted[0], sorted[half], sorted[len(sorted)-1]}
	if len(sorted)%2 == 0 {
		s.median = (sorted[half-1] + sorted[half]) / 2
	}
	return s
}

// median returns the median of get over samples.
func median(samples []sample, get func(sample) float64) float64 {
	return spreadOf(mapped(samples, get)).median
}

func mapped[T, U any](list []T, f func(T) U) []U {
	out := make([]U, len(list))
	for i, t := range list {
		out[i] = f(t)
	}
	return out
}

// ratios divides round by round, so that a slow round counts once.
func ratios(a, b []sample, get func(sample) float64) spread {
	out := make([]float64, min(len(a), len(b)))
	for i := range out {
		out[i] = get(a[i]) / cmp.Or(get(b[i]), 1)
	}
	return spreadOf(out)
}

func nanos(s sample) float64   { return s.nanos }
func cpuOf(s sample) float64   { return s.cpu }
func bytesOf(s sample) float64 { return s.bytes }
func allocs(s sample) float64  { return s.allocs }

// progress overwrites a line of a terminal.
func progress(w io.Writer, format string, args ...any) {
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			fmt.Fprintf(w, "\r\033[K"+format, args...)
		}
	}
}
