package main

// Results as Markdown, readable in a terminal and ready for the README.

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// writeSystems writes a row for each system.
func writeSystems(w io.Writer, systems []*system, samples [][]sample, traits bool) {
	head := []string{"system", "median", "min", "max", "CPU", "bytes", "allocations"}
	if traits {
		head = append(head, "loads the user", "revocable")
	}
	rows := [][]string{head}
	for i, s := range systems {
		row := figures(s.name, samples[i])
		if traits {
			row = append(row, yesNo(s.loadsUser), yesNo(s.revocable))
		}
		rows = append(rows, row)
	}
	writeTable(w, rows)
}

func writeRows(w io.Writer, names []string, samples [][]sample) {
	rows := [][]string{{"", "median", "min", "max", "CPU", "bytes", "allocations"}}
	for i, name := range names {
		rows = append(rows, figures(name, samples[i]))
	}
	writeTable(w, rows)
}

func figures(name string, samples []sample) []string {
	t := spreadOf(mapped(samples, nanos))
	micros := func(ns float64) string { return fmt.Sprintf("%.1f µs", ns/1000) }
	return []string{
		name, micros(t.median), micros(t.min), micros(t.max),
		micros(median(samples, cpuOf)), fmt.Sprintf("%.0f", median(samples, bytesOf)), fmt.Sprintf("%.0f", median(samples, allocs)),
	}
}

// writeRatios writes the cost of the library's modes as a multiple of the other systems' cost.
func writeRatios(w io.Writer, systems []*system, added [][]sample) {
	fmt.Fprintf(w, "\nOurs as a multiple of the other, time / CPU / allocations:\n\n")
	head := []string{""}
	for _, s := range systems {
		if s.ours {
			head = append(head, s.name)
		}
	}
	rows := [][]string{head}
	for i, other := range systems {
		row := []string{other.name}
		for j, s := range systems {
			if s.ours {
				row = append(row, fmt.Sprintf("%.2f / %.2f / %.2f",
					ratios(added[j], added[i], nanos).median, ratios(added[j], added[i], cpuOf).median, ratios(added[j], added[i], allocs).median))
			}
		}
		rows = append(rows, row)
	}
	writeTable(w, rows)
}

// writeTable aligns the columns. The first row is the head.
func writeTable(w io.Writer, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for n, row := range rows {
		for i, cell := range row {
			fmt.Fprintf(w, "| %s%s ", cell, strings.Repeat(" ", width[i]-len([]rune(cell))))
		}
		fmt.Fprintln(w, "|")
		if n == 0 {
			fmt.Fprintln(w, strings.Repeat("|---", len(row))+"|")
		}
	}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// machine describes where and when figures were measured.
func machine() string {
	return fmt.Sprintf("%s, %s, %s/%s, %d CPUs %s", time.Now().UTC().Format("2 January 2006"), runtime.Version(),
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), cpu())
}

func cpu() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, model, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return ""
}
