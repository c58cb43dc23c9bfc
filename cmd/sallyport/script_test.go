package main

import (
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sallyport": main})
}

// TestScripts runs the transcripts of testdata: what a person types and reads.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			free, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			defer free.Close() //nolint:errcheck // only its address was wanted
			_, port, err := net.SplitHostPort(free.Addr().String())
			env.Setenv("ADDR", free.Addr().String())
			env.Setenv("PORT", port)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("SALLYPORT_DATA", env.WorkDir+"/data")
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"ready": ready, "plain": plain},
	})
}

// ready waits until a server is: ready URL.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // the test's own certificate
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		response, err := client.Get(args[0] + "/readyz")
		if err == nil {
			response.Body.Close() //nolint:errcheck // nothing was read
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s is not ready: %v", args[0], err)
		}
	}
}

// plain replaces what differs between runs in a file: plain FILE VALUE NAME….
func plain(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	for i := 1; i+1 < len(args); i += 2 {
		text = strings.ReplaceAll(text, args[i], args[i+1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}
