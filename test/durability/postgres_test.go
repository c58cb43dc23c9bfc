//go:build linux

package durability

import (
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sallyport/internal/journal/postgres/pgtest"
	"sallyport/test/process"
)

// TestAttack24Postgres: on PostgreSQL, SIGKILL under load of the server, of the
// database, and of both, at random moments. After the database was killed and is
// back, the same server goes on.
func TestAttack24Postgres(t *testing.T) {
	database := pgtest.StartDurable(t)
	store := database.NewDatabase(t)
	data := filepath.Join(t.TempDir(), "data")
	random := rand.New(rand.NewPCG(24, 3))
	// A lease that a busy machine does not end.
	start := func() *process.Server {
		return process.Run(t, data, "SALLYPORT_STORE="+store, "SALLYPORT_LEASE=10s")
	}
	pause := func() { time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond) }
	crash := func() {
		database.Kill(t)
		pause()
		database.Restart(t)
	}
	ends := []struct {
		name string
		end  func(s *process.Server)
	}{
		{"server", func(s *process.Server) { s.Kill() }},
		{"database, then server", func(s *process.Server) {
			crash()
			time.Sleep(time.Second) // in which the server goes on
			s.Kill()
		}},
		{"both", func(s *process.Server) {
			database.Kill(t)
			s.Kill()
			database.Restart(t)
		}},
	}
	var all []*writer
	for round := range 4 * len(ends) {
		e := ends[round%len(ends)]
		s := start()
		if round == 0 {
			all = crew(t, s)
		}
		n := load(t, s, all, func() {
			pause()
			e.end(s)
		})
		awaitBackends(t, database, store)
		inspectStore(t, store, func(i *inspection) {
			for _, w := range all {
				w.check(t, i)
			}
		})
		t.Logf("round %d: %s killed, %d changes acknowledged", round, e.name, n)
		if t.Failed() {
			return
		}
	}
	s := start()
	works(t, s, all)
	if err := s.Stop(); err != nil {
		t.Errorf("SIGTERM: %v: %s", err, s.Stderr())
	}
}

// awaitBackends waits until the database has done all that a server which was killed
// had sent: until then a commit may go through that nobody was told of.
func awaitBackends(t *testing.T, database *pgtest.Server, store string) {
	t.Helper()
	parsed, err := url.Parse(store)
	if err != nil {
		t.Fatal(err)
	}
	busy := "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = '" + strings.TrimPrefix(parsed.Path, "/") + "'"
	for deadline := time.Now().Add(patience); database.Query(t, "postgres", busy) != "0"; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the database has not ended what the server left after %v", patience)
		}
	}
}
