//go:build linux

package nodes

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"sallyport/test/clients/harness"
	"sallyport/test/process"
)

// lease is the servers': long enough that a busy machine does not end it. Tests that
// wait for leases to end have a shorter one.
const lease, shortLease = 10 * time.Second, 5 * time.Second

// patience is how long something that must happen may take on a busy machine.
const patience = 60 * time.Second

const readOnly = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"

func TestMain(m *testing.M) { harness.Main(m) }

// node starts a server on a database.
func node(t *testing.T, url string, env ...string) *process.Server {
	t.Helper()
	s := prepare(t, url, env...)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of %s:\n%s", s.URL, s.Stderr())
		}
		s.Kill()
	})
	return s
}

func prepare(t testing.TB, url string, env ...string) *process.Server {
	env = append([]string{"SALLYPORT_STORE=" + url, "SALLYPORT_LEASE=" + lease.String()}, env...)
	return process.Prepare(t, filepath.Join(t.TempDir(), "data"), env...)
}

// member is a user with a key and a policy.
type member struct{ name, key, secret string }

func newMember(s *process.Server, name string) member {
	s.MustAdmin("CreateUser", "UserName", name)
	s.MustAdmin("AttachUserPolicy", "UserName", name, "PolicyArn", readOnly)
	r := s.MustAdmin("CreateAccessKey", "UserName", name)
	return member{name, r.Element("AccessKeyId"), r.Element("SecretAccessKey")}
}

// lists has the member make a call that its policy allows.
func (m member) lists(s *process.Server) (process.Reply, error) {
	return s.Call(m.key, m.secret, "iam", "ListGroups")
}

// await waits until what must happen has happened.
func await(t *testing.T, what string, happened func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !happened() {
		if time.Since(began) > patience {
			t.Fatalf("after %v still not: %s", patience, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(began)
}

func ready(s *process.Server) func() bool {
	return func() bool { status, _ := s.Ready(); return status == http.StatusOK }
}

// inspect verifies the journal of servers that have ended, and returns how often
// each request is in the account's history.
func inspect(t *testing.T, url string) map[string]int {
	t.Helper()
	requests := make(map[string]int)
	process.Inspect(t, url, func(j *process.Journal) {
		for _, e := range j.Entries {
			requests[e.RequestID]++
		}
	})
	return requests
}

// name is different for each pair of numbers.
func name(kind string, worker, n int) string { return fmt.Sprintf("%s-%d-%d", kind, worker, n) }
