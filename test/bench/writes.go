package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	writeConnections = 64
	writesEach       = 150
)

// measureWrites has many clients create users at once. Each reply means that
// the user and its audit record are on disk.
func measureWrites(o *options) (err error) {
	data := filepath.Join(o.folder, "writes")
	server, err := serve(o, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop(), os.RemoveAll(data)) }()
	rate := figure{name: "durable CreateUser, 64 clients", unit: "/s", aim: "at least 2000"}
	p50 := figure{name: "  median latency", unit: "ms"}
	p99 := figure{name: "  99th percentile", unit: "ms"}
	for round := range o.rounds {
		p := &plan{Addr: server.addr}
		now := time.Now()
		for c := range writeConnections {
			requests := make([][]byte, writesEach)
			for i := range requests {
				if requests[i], err = call(now, "CreateUser", "UserName", fmt.Sprintf("user-%d-%d-%d", round, c, i)); err != nil {
					return err
				}
			}
			p.Connections = append(p.Connections, requests)
		}
		r, err := load(p)
		if err != nil {
			return err
		}
		rate.add(r.rate())
		p50.add(milliseconds(r.P50))
		p99.add(milliseconds(r.P99))
	}
	for _, f := range []*figure{&rate, &p50, &p99} {
		f.print()
	}
	return nil
}
