package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/sqlite"
)

// asked has a second instance of the test program work on the journal it names.
const asked = "SALLYPORT_TEST_SQLITE_WORK"

func workIfAsked() {
	path := os.Getenv(asked)
	if path == "" {
		return
	}
	store, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(1)
	}
	var w workload
	for writer := range writers {
		heads, err := store.Heads(context.Background())
		if err != nil {
			os.Exit(1)
		}
		account, _ := streams(writer)
		w.acknowledged[writer].batches = uint64(heads[account])
	}
	fmt.Println("ready")
	// One write call per line: what the parent reads was acknowledged.
	w.run(store, nil, func(writer int, p progress) {
		fmt.Printf("%d %d %d %d\n", writer, p.batches, p.facts, p.blocks)
	})
	os.Exit(0)
}

// TestAttackKill kills a process under load, again and again on one journal.
func TestAttackKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	var w workload
	rounds := 15
	if testing.Short() {
		rounds = 5
	}
	told := 0
	// A busy machine gets less done before it is killed, and has more rounds.
	for round := 0; round < rounds || told < rounds*writers && round < 5*rounds; round++ {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), asked+"="+path)
		out, err := child.StdoutPipe()
		must(t, err)
		must(t, child.Start())
		lines := bufio.NewScanner(out)
		if !lines.Scan() || lines.Text() != "ready" {
			t.Fatalf("round %d: the child said %q", round, lines.Text())
		}
		kill := time.AfterFunc(time.Duration(10+rand.IntN(120))*time.Millisecond, func() { child.Process.Kill() })
		for lines.Scan() {
			var writer int
			var p progress
			if n, err := fmt.Sscan(lines.Text(), &writer, &p.batches, &p.facts, &p.blocks); n == 4 && err == nil {
				w.acknowledged[writer] = p
				told++
			}
		}
		child.Wait()
		kill.Stop()
		store := open(t, path)
		w.check(t, store)
		must(t, store.Close())
	}
	t.Logf("%d rounds, %d acknowledgements", rounds, told)
	if told < rounds*writers {
		t.Fatalf("only %d acknowledgements in %d rounds", told, rounds)
	}
}

// TestAttackSecondProcess: a journal that is open is refused to others, under any
// name, and free again when its process has died.
func TestAttackSecondProcess(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), asked+"="+path)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		t.Fatalf("the child said %q", lines.Text())
	}
	go func() {
		for lines.Scan() {
		}
	}()
	link := filepath.Join(dir, "link.db")
	must(t, os.Symlink(path, link))
	for _, name := range []string{path, link} {
		if _, err := sqlite.Open(context.Background(), name, sqlite.Options{}); !errors.Is(err, journal.ErrLocked) {
			t.Errorf("opening an open journal: %v", err)
		}
	}
	must(t, child.Process.Kill())
	child.Wait()
	store := open(t, path)
	if _, err := sqlite.Open(context.Background(), path, sqlite.Options{}); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("opening a journal twice in one process: %v", err)
	}
	must(t, store.Close())
	must(t, open(t, link).Close())
}
