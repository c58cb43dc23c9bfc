package journaltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/internal/journal"
)

// Open gives a test an empty store, and a function that closes the store it gave
// last and opens what it had stored again. Both stores are closed by the driver's
// own cleanup if the test has not done so.
type Open func(t *testing.T) (store journal.Store, reopen func() journal.Store)

// Run runs the whole suite, each case on a store of its own.
func Run(t *testing.T, open Open) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			store, reopen := open(t)
			c.run(&suite{T: t, Store: store, reopen: reopen})
		})
	}
}

type suite struct {
	*testing.T
	journal.Store
	reopen func() journal.Store
}

var cases = []struct {
	name string
	run  func(*suite)
}{
	{"AppendAndRead", (*suite).appendAndRead},
	{"ReadBounds", (*suite).readBounds},
	{"UnknownStream", (*suite).unknownStream},
	{"Conflict", (*suite).conflict},
	{"AtomicOverStreams", (*suite).atomicOverStreams},
	{"Guards", (*suite).guards},
	{"EmptyBatch", (*suite).emptyBatch},
	{"InvalidBatches", (*suite).invalidBatches},
	{"OneWinner", (*suite).oneWinner},
	{"ConcurrentStreams", (*suite).concurrentStreams},
	{"OpposedStreams", (*suite).opposedStreams},
	{"Replay", (*suite).replay},
	{"ReplayRemembers", (*suite).replayRemembers},
	{"BigEntries", (*suite).bigEntries},
	{"Copies", (*suite).copies},
	{"HostileNames", (*suite).hostileNames},
	{"Secrets", (*suite).secrets},
	{"SecretsAreAtomic", (*suite).secretsAreAtomic},
	{"Cancelled", (*suite).cancelled},
	{"Once", (*suite).once},
	{"FactsExpire", (*suite).factsExpire},
	{"FactLimits", (*suite).factLimits},
	{"SweepMany", (*suite).sweepMany},
	{"Snapshots", (*suite).snapshots},
	{"SnapshotChunks", (*suite).snapshotChunks},
	{"SnapshotFails", (*suite).snapshotFails},
	{"SnapshotBesideCommits", (*suite).snapshotBesideCommits},
	{"Blocks", (*suite).blocks},
	{"BlocksAreAtomic", (*suite).blocksAreAtomic},
	{"BlocksByEnd", (*suite).blocksByEnd},
	{"Reopen", (*suite).reopenKeepsAll},
	{"Close", (*suite).closed},
}

// epoch is the suite's injected present.
var epoch = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *suite) wantError(err, target error) {
	s.Helper()
	if !errors.Is(err, target) {
		s.Fatalf("error %v, want %v", err, target)
	}
}

func (s *suite) wantConflict(err error, want journal.ConflictError) {
	s.Helper()
	var got *journal.ConflictError
	if !errors.As(err, &got) {
		s.Fatalf("error %v, want a conflict", err)
	}
	if *got != want {
		s.Fatalf("conflict %+v, want %+v", *got, want)
	}
}

func (s *suite) diff(what string, got, want any) {
	s.Helper()
	if d := cmp.Diff(want, got); d != "" {
		s.Fatalf("%s (-want +got):\n%s", what, d)
	}
}

// batch appends the data to one stream that is at revision at.
func batch(id string, stream journal.StreamID, at journal.Revision, data ...string) journal.Batch {
	b := journal.Batch{ID: id, Expect: []journal.Expectation{{Stream: stream, At: at}}}
	for i, d := range data {
		b.Entries = append(b.Entries, journal.Entry{Stream: stream, Revision: at + 1 + journal.Revision(i), Data: []byte(d)})
	}
	return b
}

// join makes one batch of several, under the first one's id.
func join(first journal.Batch, more ...journal.Batch) journal.Batch {
	for _, b := range more {
		first.Expect = append(first.Expect, b.Expect...)
		first.Entries = append(first.Entries, b.Entries...)
		first.Secrets = append(first.Secrets, b.Secrets...)
	}
	return first
}

// data reads all of a stream, checking order and stream, as one string per entry.
func (s *suite) data(stream journal.StreamID) []string {
	s.Helper()
	all := []string{}
	for {
		entries, err := s.Read(context.Background(), stream, journal.Revision(len(all)), 7)
		s.must(err)
		for _, e := range entries {
			if e.Stream != stream || e.Revision != journal.Revision(len(all)+1) {
				s.Fatalf("entry %d of stream %q where %d of %q belongs", e.Revision, e.Stream, len(all)+1, stream)
			}
			all = append(all, string(e.Data))
		}
		if len(entries) == 0 {
			return all
		}
	}
}

func (s *suite) wantData(stream journal.StreamID, want ...string) {
	s.Helper()
	s.diff(fmt.Sprintf("stream %q", stream), s.data(stream), append([]string{}, want...))
}

// hostile are names every driver must keep apart and return unchanged.
var hostile = []string{
	"'", `"`, "`", "a'; DROP TABLE entries; --", "a\x00b", "a\x00c", "a", "A", "a ", " a", "%", "_", "*", "?", "\\",
	"../../etc/passwd", "ключ", "\u00e9", "e\u0301", "🔑", "\xff\xfe", "\xc3\x28", "$1", ":x", "\n", "\r\n", "NULL", "0",
	strings.Repeat("x", journal.MaxName), strings.Repeat("x", journal.MaxName-1),
}
