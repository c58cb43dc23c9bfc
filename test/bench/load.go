package main

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A plan is what a load process does: one connection for each element of
// Connections, which sends those requests in order.
type plan struct {
	Addr        string
	Connections [][][]byte
	// For is how long the requests of a connection are repeated; zero sends
	// each once.
	For time.Duration
	// Pause is between a reply and the next request of a connection.
	Pause time.Duration
	// Refused are statuses beside 200 that are no failure.
	Refused []string
}

// A result is what a load process measured.
type result struct {
	Replies  int
	Seconds  float64
	P50, P99 time.Duration
	// Refused counts replies by status, those of the plan's Refused.
	Refused map[string]int
}

func (r result) rate() float64 { return float64(r.Replies) / r.Seconds }

// load runs a plan in a process of its own.
func load(p *plan) (result, error) {
	var in, out bytes.Buffer
	if err := gob.NewEncoder(&in).Encode(p); err != nil {
		return result{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	child := exec.Command(self, "load")
	child.Env = append(os.Environ(), "GOMAXPROCS=1")
	child.Stdin, child.Stdout, child.Stderr = &in, &out, os.Stderr
	if err := child.Run(); err != nil {
		return result{}, fmt.Errorf("load process: %w", err)
	}
	var r result
	return r, json.Unmarshal(out.Bytes(), &r)
}

// runLoad is the load process.
func runLoad(in io.Reader, out io.Writer) error {
	var p plan
	if err := gob.NewDecoder(in).Decode(&p); err != nil {
		return err
	}
	connections := make([]*connection, len(p.Connections))
	for i := range connections {
		c, err := net.Dial("tcp", p.Addr)
		if err != nil {
			return err
		}
		defer c.Close() //nolint:errcheck // measured by then
		connections[i] = &connection{conn: c, in: bufio.NewReaderSize(c, 16<<10)}
	}
	failed := make([]error, len(connections))
	var wg sync.WaitGroup
	began := time.Now()
	for i, c := range connections {
		wg.Go(func() { failed[i] = c.send(&p, p.Connections[i], began.Add(p.For)) })
	}
	wg.Wait()
	took := time.Since(began)
	if err := errors.Join(failed...); err != nil {
		return err
	}
	var all []time.Duration
	refused := make(map[string]int)
	for _, c := range connections {
		all = append(all, c.latencies...)
		for status, n := range c.refused {
			refused[status] += n
		}
	}
	if len(all) == 0 {
		return errors.New("no request was sent")
	}
	slices.Sort(all)
	return json.NewEncoder(out).Encode(result{
		Replies: len(all), Seconds: took.Seconds(), P50: all[len(all)/2], P99: all[len(all)*99/100], Refused: refused,
	})
}

type connection struct {
	conn      net.Conn
	in        *bufio.Reader
	latencies []time.Duration
	refused   map[string]int
}

func (c *connection) send(p *plan, requests [][]byte, until time.Time) error {
	repeat := p.For > 0
	c.refused = make(map[string]int)
	c.latencies = make([]time.Duration, 0, 1<<16)
	now := time.Now()
	for {
		for _, request := range requests {
			if repeat && now.After(until) {
				return nil
			}
			if _, err := c.conn.Write(request); err != nil {
				return err
			}
			if err := c.reply(p.Refused); err != nil {
				return err
			}
			done := time.Now()
			c.latencies = append(c.latencies, done.Sub(now))
			now = done
			if p.Pause > 0 {
				time.Sleep(p.Pause)
				now = time.Now()
			}
		}
		if !repeat {
			return nil
		}
	}
}

// reply reads one reply, which must be a success or a refusal that is expected, and
// tell its length.
func (c *connection) reply(refused []string) error {
	status, err := c.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	ok := bytes.HasPrefix(status, []byte("HTTP/1.1 200 "))
	for _, code := range refused {
		if bytes.HasPrefix(status, []byte("HTTP/1.1 "+code+" ")) {
			ok = true
			c.refused[code]++
		}
	}
	failure := ""
	if !ok {
		failure = strings.TrimSpace(string(status))
	}
	length := -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if value, found := bytes.CutPrefix(line, []byte("Content-Length: ")); found {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return errors.New("a reply without Content-Length")
	}
	if !ok {
		body := make([]byte, min(length, 2000))
		io.ReadFull(c.in, body) //nolint:errcheck // shown as far as it came
		return fmt.Errorf("%s: %s", failure, body)
	}
	_, err = c.in.Discard(length)
	return err
}
