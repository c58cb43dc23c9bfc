package backup

import (
	"bytes"
	"context"
	"testing"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
)

// FuzzFile: whatever a file holds, reading it ends, and only one that is the
// same when it is written again is taken.
func FuzzFile(f *testing.F) {
	file, _ := written(f, filled(f, 3))
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add([]byte(magic))
	good := new(forgery).all(sound())
	f.Add(good.file())
	f.Add(good.with(version))
	f.Add(good.with(version, frame(packed([]byte{byte(headKind), 0}), 2)))
	f.Add(good.with(version, frame([]byte{}, 1<<20)))
	f.Fuzz(func(t *testing.T, data []byte) {
		target := memory.New()
		if err := restore(NewFile(bytes.NewReader(data)), target); err != nil {
			return
		}
		again, _ := written(t, target)
		other := memory.New()
		must(t, restore(NewFile(bytes.NewReader(again)), other))
		if a, b := contents(t, target), contents(t, other); len(a) != len(b) {
			t.Fatalf("%d records, then %d", len(a), len(b))
		}
	})
}

// FuzzRecords: what a frame unpacks to. Records that are taken are the same
// when they are written and read again.
func FuzzRecords(f *testing.F) {
	f.Add(new(forgery).all(sound()).records)
	f.Add([]byte{byte(factKind), 4, 1, 'z', 0, 2})
	f.Add([]byte{byte(entryKind), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{byte(blockKind), 3, 0xff, 0xff, 0x03})
	f.Fuzz(func(t *testing.T, data []byte) {
		once, err := replayed(data)
		if err != nil {
			return
		}
		twice, err := replayed(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%x becomes %x: %v", once, twice, err)
		}
	})
}

// replayed is the records of a frame, written as they were read, heads aside.
func replayed(records []byte) ([]byte, error) {
	r := &reader{records: records}
	var e encoder
	var out []byte
	add := func(record []byte) error {
		out = append(out, record...)
		return nil
	}
	err := r.visit(journal.Visitor{
		Entry:  func(x journal.Entry) error { return add(e.entry(&x)) },
		Secret: func(x journal.Secret) error { return add(e.secret(&x)) },
		Fact:   func(x journal.Fact) error { return add(e.fact(&x)) },
		Block:  func(x journal.Block) error { return add(e.block(&x)) },
	})
	return out, err
}

// A reader is left alone by a cancelled context.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	file, _ := written(t, filled(t, 3))
	target := memory.New()
	if _, err := Check(ctx, NewFile(bytes.NewReader(file)), schema, soon); err != context.Canceled { //nolint:errorlint // as it is
		t.Errorf("checking: %v", err)
	}
	sum, err := Check(context.Background(), NewFile(bytes.NewReader(file)), schema, soon)
	must(t, err)
	if err := Restore(ctx, NewFile(bytes.NewReader(file)), sum, target, schema); err == nil {
		t.Error("a cancelled restore went on")
	}
}
