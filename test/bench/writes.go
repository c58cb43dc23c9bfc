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
	return measureCalls(o, figure{name: "durable CreateUser, 64 clients", unit: "/s", aim: "at least 2000"}, func(round int) (*plan, error) {
		p := &plan{Addr: server.addr}
		now := time.Now()
		for c := range writeConnections {
			requests := make([][]byte, writesEach)
			for i := range requests {
				if requests[i], err = call(now, "CreateUser", "UserName", fmt.Sprintf("user-%d-%d-%d", round, c, i)); err != nil {
					return nil, err
				}
			}
			p.Connections = append(p.Connections, requests)
		}
		return p, nil
	})
}
