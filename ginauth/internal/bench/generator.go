package main

// The generator keeps connections open, and each sends its next request when it has the response. It reads and writes bytes
// directly, because net/http's client would use more CPU than the server.

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// connections is the number of requests in flight.
const connections = 8

// plain returns a request in wire format.
func plain(method, path, body string, credential http.Header) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path)
	_ = credential.Write(&b) // a buffer takes everything
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n" + body)
	return b.Bytes()
}

// burst is the result of sending requests for some time.
type burst struct {
	elapsed   time.Duration
	latencies []time.Duration // one for each response
}

// fire sends requests in turn until the time ends. Any status except 200 is an error.
func fire(address string, requests [][]byte, d time.Duration) (burst, error) {
	type result struct {
		latencies []time.Duration
		err       error
	}
	results, start := make(chan result), time.Now()
	for worker := range connections {
		go func() {
			latencies, err := fireOne(address, requests, worker*len(requests)/connections, start.Add(d))
			results <- result{latencies, err}
		}()
	}
	var b burst
	var failure error
	for range connections {
		r := <-results
		b.latencies, failure = append(b.latencies, r.latencies...), errors.Join(failure, r.err)
	}
	b.elapsed = time.Since(start)
	return b, failure
}

// fireOne is one connection, which begins with the request with this number.
func fireOne(address string, requests [][]byte, next int, end time.Time) ([]time.Duration, error) {
	conn, err := (&net.Dialer{}).Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(end.Add(10 * time.Second)); err != nil {
		return nil, err
	}
	responses, latencies := bufio.NewReader(conn), make([]time.Duration, 0, 1<<16)
	for now := time.Now(); now.Before(end); next++ {
		if _, err := conn.Write(requests[next%len(requests)]); err != nil {
			return nil, err
		}
		if err := readResponse(responses); err != nil {
			return nil, err
		}
		done := time.Now()
		latencies, now = append(latencies, done.Sub(now)), done
	}
	return latencies, nil
}

var contentLength = []byte("Content-Length: ")

// readResponse skips a response, whose body net/http sends with its length.
func readResponse(r *bufio.Reader) error {
	length := -1
	status, err := r.ReadSlice('\n')
	if err != nil {
		return err
	}
	ok := bytes.HasPrefix(status, []byte("HTTP/1.1 200 "))
	text := string(bytes.TrimSpace(status[:min(len(status), 40)]))
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if value, found := bytes.CutPrefix(line, contentLength); found {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	if !ok || length < 0 {
		body := make([]byte, max(min(length, 300), 0))
		_, _ = io.ReadFull(r, body)
		return fmt.Errorf("got %s %s", text, body)
	}
	_, err = r.Discard(length)
	return err
}
