package pgtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Pair is a primary and a standby that has every commit before it is acknowledged.
type Pair struct {
	Primary, Standby *Server
}

// StartPair starts a primary and its synchronous standby.
func StartPair(t testing.TB) *Pair {
	t.Helper()
	Require(t)
	backup, err := program("pg_basebackup")
	if err != nil {
		if os.Getenv(RequireAllVariable) != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	primary := StartDurable(t, "wal_level=replica", "max_wal_senders=5", "hot_standby=on", "synchronous_standby_names=*")
	dir, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	standby := &Server{dir: dir, settings: []string{"hot_standby=on"}}
	standby.cleanup(t)
	if err := own(dir); err != nil {
		t.Fatal(err)
	}
	if err := run(backup, "--pgdata="+filepath.Join(dir, "data"), "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync",
		"--dbname="+strings.TrimSuffix(primary.URL(""), "?sslmode=disable")); err != nil {
		t.Fatal(err)
	}
	if err := standby.startAnywhere(); err != nil {
		t.Fatal(err)
	}
	p := &Pair{Primary: primary, Standby: standby}
	p.AwaitSync(t)
	return p
}

// AwaitSync waits until the primary waits for its standby.
func (p *Pair) AwaitSync(t testing.TB) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if p.Primary.Query(t, "postgres", "SELECT sync_state FROM pg_stat_replication") == "sync" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the standby does not follow")
		}
	}
}

// NewDatabase returns the URL, with both hosts, of an empty database.
func (p *Pair) NewDatabase(t testing.TB) string {
	t.Helper()
	u := p.Primary.NewDatabase(t)
	return p.URL(strings.TrimSuffix(u[strings.LastIndexByte(u, '/')+1:], "?sslmode=disable"))
}

// URL names a database by both hosts.
func (p *Pair) URL(database string) string {
	return databaseURL(database, p.Primary.address(), p.Standby.address())
}

// KillPrimary ends the primary as a crash does.
func (p *Pair) KillPrimary(t testing.TB) {
	t.Helper()
	p.Primary.Kill(t)
}

// Promote makes the standby a primary, alone.
func (p *Pair) Promote(t testing.TB) {
	t.Helper()
	if p.Standby.Query(t, "postgres", "SELECT pg_promote(true, 30)") != "t" {
		t.Fatal("the standby was not promoted")
	}
}
