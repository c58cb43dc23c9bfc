package main

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

const (
	listRepeats = 200
	// The entities of the account whose details are asked for: users, roles and
	// the groups that fill makes.
	detailUsers = 5_000
	detailRoles = 10_000 - detailUsers - groupCount
)

// measureLists times the pages of an account with many entities, one client
// asking for one page after another.
func measureLists(o *options) error {
	if err := measureUsers(o); err != nil {
		return err
	}
	return measureDetails(o)
}

func measureUsers(o *options) (err error) {
	data := filepath.Join(o.folder, "users")
	if err := buildAccount(o, data, o.users, 0); err != nil {
		return err
	}
	server, err := serve(o, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop(), os.RemoveAll(data)) }()
	first := figure{name: fmt.Sprintf("ListUsers, the first 1000 of %d", o.users), unit: "ms", aim: "below 5"}
	last := figure{name: "  the last 1000", unit: "ms", aim: "below 5"}
	pages, err := walk(server.addr, "ListUsers")
	if err != nil {
		return err
	}
	for range o.rounds {
		for page, f := range map[int]*figure{0: &first, len(pages) - 2: &last} {
			p, err := sign(server.addr, "ListUsers", pages[page:page+1], listRepeats)
			if err != nil {
				return err
			}
			r, err := load(p)
			if err != nil {
				return err
			}
			f.add(milliseconds(r.P50))
		}
	}
	first.print()
	last.print()
	return nil
}

func measureDetails(o *options) (err error) {
	data := filepath.Join(o.folder, "details")
	if err := buildAccount(o, data, detailUsers, detailRoles); err != nil {
		return err
	}
	server, err := serve(o, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop(), os.RemoveAll(data)) }()
	all := figure{name: "GetAccountAuthorizationDetails of 10,000 entities, every page", unit: "ms", aim: "below 300"}
	pages, err := walk(server.addr, "GetAccountAuthorizationDetails")
	if err != nil {
		return err
	}
	for range o.rounds {
		p, err := sign(server.addr, "GetAccountAuthorizationDetails", pages, 1)
		if err != nil {
			return err
		}
		r, err := load(p)
		if err != nil {
			return err
		}
		all.add(r.Seconds * 1000)
	}
	all.print()
	fmt.Printf("  in %d pages of 1000\n", len(pages))
	return nil
}

// sign is a plan of one connection that asks for the pages behind the markers in
// turn, as often as told.
func sign(addr, action string, markers []string, times int) (*plan, error) {
	var requests [][]byte
	for _, marker := range markers {
		r, err := page(action, marker)
		if err != nil {
			return nil, err
		}
		requests = append(requests, r)
	}
	p := &plan{Addr: addr, Connections: make([][][]byte, 1)}
	for range times {
		p.Connections[0] = append(p.Connections[0], requests...)
	}
	return p, nil
}

// page is the request for the page of a list that begins at a marker.
func page(action, marker string) ([]byte, error) {
	parameters := []string{"MaxItems", "1000"}
	if marker != "" {
		parameters = append(parameters, "Marker", marker)
	}
	return call(time.Now(), action, parameters...)
}

// walk asks for every page of a list and returns their markers; the first has
// none.
func walk(addr, action string) ([]string, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck // read by then
	in := bufio.NewReader(conn)
	markers := []string{""}
	for {
		request, err := page(action, markers[len(markers)-1])
		if err != nil {
			return nil, err
		}
		if _, err := conn.Write(request); err != nil {
			return nil, err
		}
		marker, err := next(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", action, err)
		}
		if marker == "" {
			return markers, nil
		}
		markers = append(markers, marker)
	}
}

// next reads a reply and returns the marker of the page after it.
func next(in *bufio.Reader) (string, error) {
	reply, err := http.ReadResponse(in, nil)
	if err != nil {
		return "", err
	}
	defer reply.Body.Close() //nolint:errcheck // read by then
	var body bytes.Buffer
	if _, err := body.ReadFrom(reply.Body); err != nil {
		return "", err
	}
	if reply.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", reply.Status, body.Bytes()[:min(body.Len(), 2000)])
	}
	decoder := xml.NewDecoder(&body)
	for {
		token, err := decoder.Token()
		if err != nil {
			return "", nil // the end of the last page
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "Marker" {
			var marker string
			return marker, decoder.DecodeElement(&marker, &start)
		}
	}
}
