package cloudtrail

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"sallyport/internal/api/cloudtrailapi"
	"sallyport/internal/audit"
	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/journal/sqlite"
	"sallyport/internal/state"

	"github.com/klauspost/compress/zstd"
)

const (
	benchRecords = 1_000_000
	benchChanges = 50_000 // of them in entries
	benchBlock   = 100    // records in a block
)

// benchService has a million records on SQLite, of ninety days: 50,000 of changes, in
// entries, and the others in blocks of a hundred.
func benchService(b *testing.B) (*Service, state.Reader, time.Time) {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "journal.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	now := start
	s, err := state.Open(ctx, state.Config{
		Store: store, Now: func() time.Time { return now }, Snapshot: state.SnapshotPolicy{Disabled: true},
		Schema: state.NewSchema(append(iam.Tables(), iam.DirectoryTables()...)...),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	record := func(i int, at time.Time, name string, mutating bool) []byte {
		e := audit.Event{
			ID: fmt.Sprintf("b9a40a7f-7400-453b-97b5-%012d", i), RequestID: "b9a40a7f-7400-453b-97b5-7e18ff96d96d", Time: at,
			Source: "iam.amazonaws.com", Name: name, Region: "us-east-1", SourceIP: "192.0.2.44", Mutating: mutating, Recipient: testAccount,
			UserAgent: "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.13.7 cfg/retry-mode#standard md/command#iam.get-user",
		}
		return e.Append(nil)
	}
	step := maxAge / benchRecords
	stream := state.AccountStream(testAccount)
	for i := range benchChanges {
		now = start.Add(time.Duration(i) * step * (benchRecords / benchChanges))
		if _, err := s.Update(ctx, stream, state.Command{Operation: "iam:CreateUser", Run: func(tx *state.Tx) error {
			iam.Users.Put(tx, fmt.Sprintf("AIDA%d", i%500), &iam.User{ID: fmt.Sprintf("AIDA%d", i%500), Name: fmt.Sprint("u", i)})
			tx.Record(record(i, now, "CreateUser", true))
			return nil
		}}); err != nil {
			b.Fatal(err)
		}
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var blocks []journal.Block
	for i := benchChanges; i < benchRecords; i += benchBlock {
		var text []byte
		first := start.Add(time.Duration(i) * step)
		for j := range benchBlock {
			name := []string{"GetUser", "ListUsers", "GetRole"}[random.IntN(3)]
			text = append(append(text, record(i+j, first.Add(time.Duration(j)*step), name, false)...), '\n')
		}
		blocks = append(blocks, journal.Block{
			Node: "n", Sequence: uint64(i), Account: testAccount, First: first, Last: first.Add(benchBlock * step), Count: benchBlock, Data: encoder.EncodeAll(text, nil),
		})
		if len(blocks) == 100 || i+benchBlock >= benchRecords {
			if err := store.AppendBlocks(ctx, blocks); err != nil {
				b.Fatal(err)
			}
			blocks = blocks[:0]
		}
	}
	view, ok := s.View(stream)
	if !ok {
		b.Fatal("no account")
	}
	return New(s, store, plain{}), view, start.Add(maxAge)
}

// BenchmarkLookupEvents is one call out of a million records: the newest page, one
// from the middle, by an attribute that a third has, and by one that none has, which
// reads as much as a call may.
func BenchmarkLookupEvents(b *testing.B) {
	s, view, now := benchService(b)
	middle := now.Add(-maxAge / 2)
	by := func(key, value string) []cloudtrailapi.LookupAttribute {
		return []cloudtrailapi.LookupAttribute{{AttributeKey: &key, AttributeValue: &value}}
	}
	for _, c := range []struct {
		name   string
		in     cloudtrailapi.LookupEventsRequest
		events int
	}{
		{"newest", cloudtrailapi.LookupEventsRequest{}, 50},
		{"middle", cloudtrailapi.LookupEventsRequest{EndTime: &middle}, 50},
		{"attribute", cloudtrailapi.LookupEventsRequest{LookupAttributes: by("EventName", "GetUser")}, 50},
		{"none", cloudtrailapi.LookupEventsRequest{LookupAttributes: by("EventName", "DeleteUser")}, 0},
		{"noneByType", cloudtrailapi.LookupEventsRequest{LookupAttributes: by("ResourceType", "AWS::IAM::Role")}, 0},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q, err := newQuery(now, &c.in)
				if err != nil {
					b.Fatal(err)
				}
				from, err := s.start(context.Background(), view, q)
				if err != nil {
					b.Fatal(err)
				}
				out := &cloudtrailapi.LookupEventsResponse{}
				if _, more, err := s.fill(context.Background(), testAccount, q, from, out); err != nil || !more || len(out.Events) != c.events {
					b.Fatalf("%d events, more %v (%v)", len(out.Events), more, err)
				}
			}
		})
	}
}
