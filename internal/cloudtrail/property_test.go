package cloudtrail

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"sallyport/internal/api/cloudtrailapi"
	"sallyport/internal/audit"
	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/internal/state"
)

const testAccount = "111122223333"

var testStart = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// plain stands for a sealer: what matters here is what is in a token.
type plain struct{}

func (plain) Seal(_ string, aad, text []byte) ([]byte, error) {
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(aad))), aad...), text...), nil
}

func (plain) Open(_ string, aad, sealed []byte) ([]byte, error) {
	n := binary.BigEndian.Uint32(sealed)
	if string(sealed[4:4+n]) != string(aad) {
		return nil, errToken
	}
	return sealed[4+n:], nil
}

// entries stands for an account's stream.
type entries []state.Entry

func (e entries) Entries(_ context.Context, _ state.StreamID, after state.Revision, limit int) ([]state.Entry, error) {
	rest := e[after:]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}

func (e entries) RevisionAt(_ context.Context, _ state.StreamID, t time.Time) (state.Revision, error) {
	n := 0
	for n < len(e) && !e[n].Time.After(t) {
		n++
	}
	return state.Revision(n), nil
}

// A world is what a run of the property looks through.
type world struct {
	random  *rand.Rand
	store   *memory.Store
	entries entries
	records []audit.Event // of the account, all
	encoder *zstd.Encoder
}

func newWorld(t *testing.T, seed uint64) *world {
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &world{random: rand.New(rand.NewPCG(seed, 1)), store: memory.New(), encoder: encoder}
}

// record makes a record that was received up to a few seconds before at, now and
// then longer.
func (w *world) record(account string, at time.Time) []byte {
	took := time.Duration(w.random.IntN(3)) * time.Second
	if w.random.IntN(20) == 0 {
		took = time.Duration(w.random.IntN(100)) * time.Second
	}
	e := audit.Event{
		ID: fmt.Sprintf("id-%d", w.random.Uint64()), RequestID: "r", Time: at.Add(-took).Truncate(time.Second),
		Source: "iam.amazonaws.com", Name: []string{"GetUser", "CreateUser", "ListUsers"}[w.random.IntN(3)],
		Mutating: w.random.IntN(2) == 0, Recipient: account,
	}
	if account == testAccount {
		w.records = append(w.records, e)
	}
	return e.Append(nil)
}

// fill makes entries and the blocks of three nodes, which come in any order and
// overlap.
func (w *world) fill(t *testing.T) {
	at := testStart
	for i := range 200 {
		at = at.Add(time.Duration(w.random.IntN(2000)) * time.Millisecond)
		e := state.Entry{Revision: state.Revision(i + 1), Time: at}
		if w.random.IntN(10) > 0 {
			e.Audit = w.record(testAccount, at)
		}
		w.entries = append(w.entries, e)
	}
	var blocks []journal.Block
	for node := range 3 {
		at := testStart
		for sequence := range 60 {
			account := testAccount
			if w.random.IntN(4) == 0 {
				account = "444455556666"
			}
			b := journal.Block{Node: fmt.Sprint(node), Sequence: uint64(sequence), Account: account, First: at}
			var text []byte
			for range 1 + w.random.IntN(12) {
				at = at.Add(time.Duration(w.random.IntN(700)) * time.Millisecond)
				text = append(append(text, w.record(account, at)...), '\n')
				b.Count++
			}
			b.Last, b.Data = at, w.encoder.EncodeAll(text, nil)
			blocks = append(blocks, b)
		}
	}
	w.random.Shuffle(len(blocks), func(i, j int) { blocks[i], blocks[j] = blocks[j], blocks[i] })
	if err := w.store.AppendBlocks(context.Background(), blocks); err != nil {
		t.Fatal(err)
	}
}

// lookUp turns all pages of a request.
func (w *world) lookUp(t *testing.T, s *Service, in cloudtrailapi.LookupEventsRequest) (events []cloudtrailapi.Event, pages int) {
	t.Helper()
	now := testStart.Add(time.Hour)
	for {
		q, err := newQuery(now, &in)
		if err != nil {
			t.Fatal(err)
		}
		from := cursor{revision: state.Revision(len(w.entries)), block: place{last: endOfTime, cursor: 1<<63 - 1}}
		if in.NextToken != nil {
			if from, err = s.tokens.open(testAccount, &in); err != nil {
				t.Fatal(err)
			}
		} else if !q.end.IsZero() {
			from.revision, _ = w.entries.RevisionAt(context.Background(), "", q.end.Add(lag))
			from.block.last = q.end.Add(lag).UnixNano()
		}
		out := &cloudtrailapi.LookupEventsResponse{}
		next, more, err := s.fill(context.Background(), testAccount, q, from, out)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Events) > q.limit {
			t.Fatalf("a page of %d events, want %d at most", len(out.Events), q.limit)
		}
		events, pages = append(events, out.Events...), pages+1
		if !more {
			return events, pages
		}
		token, err := s.tokens.seal(testAccount, &in, next)
		if err != nil {
			t.Fatal(err)
		}
		in.NextToken = &token
	}
}

// TestEveryRecordOnce: whatever the sizes of pages, the bound of a call and the times
// asked for, every record is found, once, the latest first.
func TestEveryRecordOnce(t *testing.T) {
	for seed := range uint64(40) {
		w := newWorld(t, seed)
		w.fill(t)
		s := New(w.entries, w.store, plain{})
		s.read = []int{maxRead, 20_000, 1}[seed%3]
		s.pageBytes = []int{maxPageBytes, 2_000}[seed%2]
		in := cloudtrailapi.LookupEventsRequest{MaxResults: new(int64(1 + w.random.IntN(50)))}
		if seed%2 == 1 {
			in.LookupAttributes = []cloudtrailapi.LookupAttribute{{AttributeKey: new("EventName"), AttributeValue: new("GetUser")}}
		}
		var from, to time.Time
		if seed%4 >= 2 {
			from = testStart.Add(time.Duration(w.random.IntN(100)) * time.Second)
			to = from.Add(time.Duration(w.random.IntN(60)) * time.Second)
			in.StartTime, in.EndTime = &from, &to
		}
		events, pages := w.lookUp(t, s, in)
		var want, got []string
		for i := range w.records {
			r := &w.records[i]
			if seed%2 == 1 && r.Name != "GetUser" || !from.IsZero() && (r.Time.Before(from) || r.Time.After(to)) {
				continue
			}
			want = append(want, r.ID)
		}
		var unordered int
		for i := range events {
			got = append(got, *events[i].EventId)
			// A call that took long stands by when it was recorded.
			if i > 0 && events[i].EventTime.After(events[i-1].EventTime.Add(2*time.Second)) {
				unordered++
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if cmp.Compare(fmt.Sprint(want), fmt.Sprint(got)) != 0 {
			t.Fatalf("seed %d: %d events in %d pages, want %d", seed, len(got), pages, len(want))
		}
		if len(events) > 20 && unordered > len(events)/4 {
			t.Errorf("seed %d: %d of %d events are out of order", seed, unordered, len(events))
		}
	}
}

// FuzzCursor: a token's content that decodes is what encode writes.
func FuzzCursor(f *testing.F) {
	f.Add([]byte{})
	f.Add(cursor{revision: 7, block: place{endOfTime, 3}, passed: position{5, 4, 3}}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, ok := decodeCursor(b); ok && string(c.encode()) != string(b) {
			t.Errorf("%x is read as %+v", b, c)
		}
	})
}

// FuzzEvent: no text crashes the reading of records.
func FuzzEvent(f *testing.F) {
	e := audit.Event{ID: "id", Time: testStart, Name: "GetUser", Source: "iam.amazonaws.com"}
	f.Add(e.Append(nil))
	f.Add([]byte(`{"eventTime":"2026-01-02T03:04:05Z","requestParameters":{"a":{"b":{"userName":"x","arn":"arn:aws:iam::1:user/x"}}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := timeOf(raw); err != nil {
			return
		}
		if event, err := newEvent(raw); err == nil && *event.CloudTrailEvent != string(raw) {
			t.Error("the event is not the record")
		}
	})
}
