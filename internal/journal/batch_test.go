package journal_test

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"sallyport/internal/journal"
)

// TestDigest: batches that differ in anything but their ID have different
// digests, also where the bytes are the same and only their borders move.
func TestDigest(t *testing.T) {
	batches := []journal.Batch{
		{},
		{Expect: []journal.Expectation{{Stream: "a"}}},
		{Expect: []journal.Expectation{{Stream: "a", At: 1}}},
		{Expect: []journal.Expectation{{Stream: "b"}}},
		{Expect: []journal.Expectation{{Stream: "a"}, {Stream: "b"}}},
		{Expect: []journal.Expectation{{Stream: "b"}, {Stream: "a"}}},
		{Entries: []journal.Entry{{Stream: "a", Revision: 1, Data: []byte("bc")}}},
		{Entries: []journal.Entry{{Stream: "ab", Revision: 1, Data: []byte("c")}}},
		{Entries: []journal.Entry{{Stream: "a", Revision: 2, Data: []byte("bc")}}},
		{Entries: []journal.Entry{{Stream: "a", Revision: 1, Data: []byte("b")}, {Stream: "a", Revision: 2, Data: []byte("c")}}},
		{Secrets: []journal.Secret{{Stream: "a", ID: "bc", Sealed: []byte("d")}}},
		{Secrets: []journal.Secret{{Stream: "ab", ID: "c", Sealed: []byte("d")}}},
		{Secrets: []journal.Secret{{Stream: "a", ID: "b", Sealed: []byte("cd")}}},
		{Secrets: []journal.Secret{{Stream: "a", ID: "b", Sealed: []byte{}}}},
		{Secrets: []journal.Secret{{Stream: "a", ID: "b"}}}, // deletes
	}
	seen := map[[32]byte]int{}
	for i, b := range batches {
		digest := b.Digest()
		if j, ok := seen[digest]; ok {
			t.Errorf("batches %d and %d have one digest", j, i)
		}
		seen[digest] = i
		b.ID = "other"
		if b.Digest() != digest {
			t.Errorf("batch %d: the id changes the digest", i)
		}
	}
	if len(seen) != len(batches) {
		t.Errorf("%d digests of %d batches", len(seen), len(batches))
	}
	// A field the digest does not know would let different batches pass as one.
	for typ, fields := range map[reflect.Type]int{
		reflect.TypeFor[journal.Batch](): 4, reflect.TypeFor[journal.Expectation](): 2,
		reflect.TypeFor[journal.Entry](): 3, reflect.TypeFor[journal.Secret](): 3,
	} {
		if typ.NumField() != fields {
			t.Errorf("%v has %d fields; teach Digest about them", typ, typ.NumField())
		}
	}
}

func TestBatchSizeLimit(t *testing.T) {
	b := journal.Batch{Expect: []journal.Expectation{{Stream: "a"}}}
	data := make([]byte, journal.MaxEntry)
	for i := range journal.Revision(journal.MaxBatch / journal.MaxEntry) {
		b.Entries = append(b.Entries, journal.Entry{Stream: "a", Revision: i + 1, Data: data})
	}
	if err := b.Validate(); err != nil {
		t.Fatal(err)
	}
	b.Secrets = []journal.Secret{{Stream: "a", ID: "s", Sealed: []byte{1}}}
	if err := b.Validate(); !errors.Is(err, journal.ErrTooLarge) {
		t.Fatalf("one byte over: %v", err)
	}
}

func TestConflictErrorText(t *testing.T) {
	err := error(&journal.ConflictError{Stream: "account/111122223333", Expected: 3, Actual: math.MaxUint64})
	const want = `journal: stream "account/111122223333" is at revision 18446744073709551615, not 3`
	if err.Error() != want {
		t.Fatalf("%q, want %q", err, want)
	}
}
