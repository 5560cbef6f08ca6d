package main

// Other processes: starting them, and their figures from Linux.

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A process is a server that has printed where it listens.
type process struct {
	cmd     *exec.Cmd
	input   io.Closer
	address string
}

// start runs a command with more variables, and waits for the line "Listening on http://...".
func start(ctx context.Context, variables []string, command string, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, command, args...) //nolint:gosec // this program or the example
	cmd.Env = append(os.Environ(), variables...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	input, output, err := startPiped(cmd)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "Listening on http://"); ok {
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return &process{cmd, input, address}, nil
		}
	}
	return nil, fmt.Errorf("%s did not listen: %w", command, cmd.Wait())
}

// startPiped starts a command, and returns its input and output.
func startPiped(cmd *exec.Cmd) (input io.Closer, output io.Reader, err error) {
	cmd.Stderr = os.Stderr
	if input, err = cmd.StdinPipe(); err != nil {
		return nil, nil, err
	}
	if output, err = cmd.StdoutPipe(); err != nil {
		return nil, nil, err
	}
	return input, output, cmd.Start()
}

// startServer runs the command serve of this program.
func startServer(ctx context.Context, d database, hash string) (*process, error) {
	return startSelf(ctx, "serve", kindVariable+"="+d.kind, dsnVariable+"="+d.dsn, hashVariable+"="+hash)
}

// startSelf runs a command of this program that listens.
func startSelf(ctx context.Context, command string, variables ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(ctx, variables, self, command)
}

func (p *process) stop() {
	_ = p.input.Close()
	_ = p.cmd.Process.Signal(os.Interrupt)
	_ = p.cmd.Wait() // it was interrupted, so its status has no meaning
}

// cpu returns the CPU time of the process, or 0 without /proc. Linux counts it in hundredths of a second.
func (p *process) cpu() time.Duration {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memory returns numbers of /proc/PID/status in MiB, by their names there.
func (p *process) memory() (map[string]float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return nil, err
	}
	numbers := map[string]float64{}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		if kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64); err == nil {
			numbers[name] = kib / 1024
		}
	}
	return numbers, nil
}
