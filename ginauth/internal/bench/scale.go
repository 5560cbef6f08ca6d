package main

// The command scale: whether a request costs more with many users and sessions.

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

func scale(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench scale", flag.ContinueOnError)
	rounds := flags.Int("rounds", 15, "`number` of rounds")
	each := flags.Duration("duration", 400*time.Millisecond, "how long a round measures one kind of request")
	few := flags.Int("few", 1000, "`number` of users and sessions to compare with")
	many := flags.Int("many", 1_000_000, "`number` of users and sessions")
	logins := flags.Int("logins", 10_000, "`number` of sessions that requests use, one a user, or as many as log in within a minute")
	kinds := flags.String("databases", "sqlite,postgres,mysql", "`list` of sqlite, postgres and mysql")
	dir := flags.String("dir", os.TempDir(), "`directory` of the SQLite files")
	if err := flags.Parse(args); err != nil {
		return err
	}
	fmt.Printf("%s, %d connections, %d rounds of %v, logins with a hash that costs little\n",
		machine(), connections, *rounds, *each)
	for kind := range strings.SplitSeq(*kinds, ",") {
		small, err := newStage(ctx, kind, *dir, "cheap", *few, *logins)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		large, err := newStage(ctx, kind, *dir, "cheap", *many, *logins)
		if err == nil {
			err = scaleOn(os.Stdout, kind, small, large, *few, *many, *rounds, *each)
			large.close()
		}
		small.close()
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

// scaleOn measures both databases in turn and writes a comparison. The ratio is that of the time per request.
func scaleOn(w io.Writer, kind string, small, large *stage, few, many, rounds int, each time.Duration) error {
	rows := [][]string{{
		"", fmt.Sprintf("a second, %d users", few), fmt.Sprintf("a second, %d users", many), "ratio of time", "min", "max", "ratio of server's CPU",
	}}
	for i, t := range small.traffic {
		var a, b, times, cpus []float64
		for round := range rounds {
			progress(os.Stderr, "%s, %s, round %d of %d", kind, t.name, round+1, rounds)
			s, err := t.run(small.server, each)
			if err != nil {
				return err
			}
			l, err := large.traffic[i].run(large.server, each)
			if err != nil {
				return err
			}
			a, b = append(a, s.perSecond), append(b, l.perSecond)
			times, cpus = append(times, s.perSecond/l.perSecond), append(cpus, l.cpu/s.cpu)
		}
		r := spreadOf(times)
		rows = append(rows, []string{
			t.name, fmt.Sprintf("%.0f", spreadOf(a).median), fmt.Sprintf("%.0f", spreadOf(b).median),
			fmt.Sprintf("%.2f", r.median), fmt.Sprintf("%.2f", r.min), fmt.Sprintf("%.2f", r.max), fmt.Sprintf("%.2f", spreadOf(cpus).median),
		})
	}
	progress(os.Stderr, "")
	fmt.Fprintf(w, "\n%s, with %d and %d sessions in use:\n\n", kind, len(small.traffic[1].requests), len(large.traffic[1].requests))
	writeTable(w, rows)
	return nil
}
