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
	return measureCalls(o, figure{name: "AssumeRole, 64 clients", unit: "/s", aim: "at least 5000"}, func(int) (*plan, error) {
		request, err := stsCall(time.Now(), "AssumeRole",
			"RoleArn", "arn:aws:iam::"+account+":role/role-000000", "RoleSessionName", "bench")
		if err != nil {
			return nil, err
		}
		p := &plan{Addr: server.addr, For: readFor}
		for range sessionConnections {
			p.Connections = append(p.Connections, [][]byte{request})
		}
		return p, nil
	})
}
