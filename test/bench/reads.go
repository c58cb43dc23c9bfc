package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	readConnections = 8
	readFor         = 3 * time.Second
)

// measureReads compares calls that change nothing with a handler that does
// nothing, in turn.
func measureReads(o *options) (err error) {
	data := filepath.Join(o.folder, "reads")
	server, err := serve(o, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop(), os.RemoveAll(data)) }()
	nothing, err := empty()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, nothing.kill()) }()
	for _, c := range []struct {
		name  string
		build func(time.Time) ([]byte, error)
	}{
		{"presigned GetCallerIdentity", callerIdentity},
		{"signed GetUser", func(now time.Time) ([]byte, error) { return call(now, "GetUser", "UserName", "admin") }},
	} {
		if err := compare(o, c.name, c.build, server.addr, nothing.addr); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

func compare(o *options, name string, build func(time.Time) ([]byte, error), server, nothing string) error {
	rate := figure{name: name, unit: "/s"}
	bare := figure{name: "  empty handler, same requests", unit: "/s"}
	ratio := figure{name: "  ratio, round by round", unit: "x", aim: "at least 0.6"}
	p50 := figure{name: "  median latency", unit: "ms"}
	p99 := figure{name: "  99th percentile", unit: "ms"}
	bareP99 := figure{name: "  99th percentile of the empty handler", unit: "ms"}
	for range o.rounds {
		request, err := build(time.Now())
		if err != nil {
			return err
		}
		b, err := replay(nothing, request)
		if err != nil {
			return err
		}
		s, err := replay(server, request)
		if err != nil {
			return err
		}
		rate.add(s.rate())
		bare.add(b.rate())
		ratio.add(s.rate() / b.rate())
		p50.add(milliseconds(s.P50))
		p99.add(milliseconds(s.P99))
		bareP99.add(milliseconds(b.P99))
	}
	for _, f := range []*figure{&rate, &bare, &ratio, &p50, &p99, &bareP99} {
		f.print()
	}
	return nil
}

// replay sends the same request over and over. Its signature stays good for
// longer than a round takes.
func replay(addr string, request []byte) (result, error) {
	p := &plan{Addr: addr, For: readFor}
	for range readConnections {
		p.Connections = append(p.Connections, [][]byte{request})
	}
	return load(p)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
