package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// A flood of sign-ins: so many connections, each of which sends wrong passwords
// for ever other users from ever other addresses, with a pause after each reply.
const (
	floodConnections = 64
	floodEach        = 60
	floodPause       = 100 * time.Millisecond
)

// measureSignIn compares signed reads while nobody signs in with reads during a
// flood of sign-ins. The server, the reads and the flood share the machine.
func measureSignIn(o *options) (err error) {
	data := filepath.Join(o.folder, "signin")
	server, err := serve(o, data, "--trusted-proxy", "127.0.0.0/8")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop(), os.RemoveAll(data)) }()
	rate := figure{name: "signed GetUser under a flood of sign-ins", unit: "/s"}
	idle := figure{name: "  without the flood", unit: "/s"}
	ratio := figure{name: "  ratio, round by round", unit: "x", aim: "at least 0.4"}
	p50 := figure{name: "  median latency under the flood", unit: "ms"}
	p99 := figure{name: "  99th percentile under the flood", unit: "ms", aim: "under 25"}
	checked := figure{name: "  passwords checked", unit: "/s"}
	refused := figure{name: "  sign-ins refused at once", unit: "/s"}
	for round := range o.rounds {
		request, err := call(time.Now(), "GetUser", "UserName", "admin")
		if err != nil {
			return err
		}
		alone, err := replay(server.addr, request)
		if err != nil {
			return err
		}
		wave, err := flood(server.addr, round)
		if err != nil {
			return err
		}
		waves := make(chan result, 1)
		failed := make(chan error, 1)
		go func() {
			r, err := load(wave)
			waves <- r
			failed <- err
		}()
		time.Sleep(500 * time.Millisecond) // until the flood is there
		flooded, err := replay(server.addr, request)
		r := <-waves
		if err := errors.Join(err, <-failed); err != nil {
			return err
		}
		rate.add(flooded.rate())
		idle.add(alone.rate())
		ratio.add(flooded.rate() / alone.rate())
		p50.add(milliseconds(flooded.P50))
		p99.add(milliseconds(flooded.P99))
		checked.add(float64(r.Refused["403"]) / r.Seconds)
		refused.add(float64(r.Refused["503"]) / r.Seconds)
		if r.Refused["403"] == 0 || r.Refused["503"] == 0 || r.Refused["429"] > 0 {
			return fmt.Errorf("no flood: replies %v", r.Refused)
		}
	}
	for _, f := range []*figure{&rate, &idle, &ratio, &p50, &p99, &checked, &refused} {
		f.print()
	}
	return nil
}

var formToken = regexp.MustCompile(`name="token" value="([^"]+)"`)

// flood is a wave of sign-ins by somebody who has the page's form.
func flood(addr string, round int) (*plan, error) {
	response, err := http.Get("http://" + addr + "/signin")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // read by then
	var page strings.Builder
	if _, err := bufio.NewReader(response.Body).WriteTo(&page); err != nil {
		return nil, err
	}
	token := formToken.FindStringSubmatch(page.String())
	if token == nil || len(response.Cookies()) != 1 {
		return nil, errors.New("the sign-in page has no form")
	}
	p := &plan{Addr: addr, For: readFor + time.Second, Pause: floodPause, Refused: []string{"403", "429", "503"}}
	for c := range floodConnections {
		requests := make([][]byte, floodEach)
		for i := range requests {
			n := (round*floodConnections+c)*floodEach + i
			body := url.Values{"token": {token[1]}, "account": {account}, "username": {fmt.Sprintf("user-%d", n)}, "password": {"not-the-password"}}.Encode()
			r, err := http.NewRequest(http.MethodPost, "http://"+host+"/signin", strings.NewReader(body))
			if err != nil {
				return nil, err
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255))
			r.AddCookie(response.Cookies()[0])
			var b bytes.Buffer
			if err := r.Write(&b); err != nil {
				return nil, err
			}
			requests[i] = b.Bytes()
		}
		p.Connections = append(p.Connections, requests)
	}
	return p, nil
}
