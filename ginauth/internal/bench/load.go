package main

// The command load: how many requests a server handles over HTTP.

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

func load(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench load", flag.ContinueOnError)
	rounds := flags.Int("rounds", 10, "`number` of rounds")
	each := flags.Duration("duration", time.Second, "how long a round measures one kind of request")
	users := flags.Int("users", 1000, "`number` of users, each with a session")
	logins := flags.Int("logins", 200, "`number` of sessions that requests use")
	kinds := flags.String("databases", "sqlite,postgres", "`list` of sqlite, postgres and mysql")
	dir := flags.String("dir", os.TempDir(), "`directory` of the SQLite file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	fmt.Printf("%s, %d connections, %d rounds of %v, %d users, generator in Go\n", machine(), connections, *rounds, *each, *users)
	for kind := range strings.SplitSeq(*kinds, ",") {
		if err := loadOn(ctx, os.Stdout, kind, *dir, *users, *logins, *rounds, *each); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

func loadOn(ctx context.Context, w io.Writer, kind, dir string, users, logins, rounds int, each time.Duration) error {
	s, err := newStage(ctx, kind, dir, "", users, logins)
	if err != nil {
		return err
	}
	defer s.close()
	rates := make([][]rate, len(s.traffic))
	for round := range rounds {
		for i, t := range s.traffic {
			progress(os.Stderr, "%s, round %d of %d, %s", kind, round+1, rounds, t.name)
			r, err := t.run(s.server, each)
			if err != nil {
				return err
			}
			rates[i] = append(rates[i], r)
		}
	}
	progress(os.Stderr, "")
	fmt.Fprintf(w, "\n%s:\n\n", kind)
	writeRates(w, s.traffic, rates)
	return nil
}

func writeRates(w io.Writer, all []traffic, rates [][]rate) {
	rows := [][]string{{"", "a second", "min", "max", "p50", "p99", "server's CPU", "of the bare route"}}
	for i, t := range all {
		r := spreadOf(mapped(rates[i], perSecond))
		share := make([]float64, len(rates[i]))
		for round := range share {
			share[round] = rates[i][round].perSecond / rates[0][round].perSecond
		}
		rows = append(rows, []string{
			t.name, fmt.Sprintf("%.0f", r.median), fmt.Sprintf("%.0f", r.min), fmt.Sprintf("%.0f", r.max),
			millis(percentile(rates[i], 0.5)), millis(percentile(rates[i], 0.99)),
			fmt.Sprintf("%.0f µs", spreadOf(mapped(rates[i], serverCPU)).median/1000), fmt.Sprintf("%.3f", spreadOf(share).median),
		})
	}
	writeTable(w, rows)
}

func perSecond(r rate) float64 { return r.perSecond }
func serverCPU(r rate) float64 { return r.cpu }

func millis(d time.Duration) string { return fmt.Sprintf("%.2f ms", d.Seconds()*1000) }
