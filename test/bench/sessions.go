package main

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// sessionConnections is more than the cores: a reply waits for its audit record
// to be on disk, and calls in flight share that wait.
const sessionConnections = 64

// measureSessions has many clients assume a role, over and over. The server and
// the load share the machine's cores.
func measureSessions(o *options) (err error) {
	data := filepath.Join(o.folder, "sessions")
	if err := buildAccount(o, data, 0, 1); err != nil {
		return err
	}
	server, err := serve(o, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop(), os.RemoveAll(data)) }()
	rate := figure{name: "AssumeRole, 64 clients", unit: "/s", aim: "at least 5000"}
	p50 := figure{name: "  median latency", unit: "ms"}
	p99 := figure{name: "  99th percentile", unit: "ms"}
	for range o.rounds {
		request, err := stsCall(time.Now(), "AssumeRole",
			"RoleArn", "arn:aws:iam::"+account+":role/role-000000", "RoleSessionName", "bench")
		if err != nil {
			return err
		}
		p := &plan{Addr: server.addr, For: readFor}
		for range sessionConnections {
			p.Connections = append(p.Connections, [][]byte{request})
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
