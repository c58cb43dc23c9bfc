package backup

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/klauspost/compress/zstd"

	"sallyport/internal/journal"
)

// crafted is an entry of the stored format that follows another one. rows are
// the members of its list of changes.
func crafted(id journal.StreamID, at journal.Revision, after *journal.Entry, when time.Time, rows ...string) journal.Entry {
	previous := make([]byte, sha256.Size)
	if after != nil {
		sum := sha256.Sum256(after.Data)
		previous = sum[:]
	}
	changes := ""
	for i, r := range rows {
		if i > 0 {
			changes += ","
		}
		changes += r
	}
	return journal.Entry{Stream: id, Revision: at, Data: fmt.Appendf(nil,
		`{"v":1,"stream":%q,"rev":%d,"time":%q,"request":"r","caller":"c","op":"o","prev":%q,"changes":[%s]}`+"\n",
		id, at, when.Format(time.RFC3339Nano), hex.EncodeToString(previous), changes)}
}

// fake exports what it is told to.
type fake struct {
	entries []journal.Entry
	secrets []journal.Secret
	facts   []journal.Fact
	blocks  []journal.Block
}

func (f *fake) Export(_ context.Context, v journal.Visitor) error {
	for _, x := range f.entries {
		if err := v.Entry(x); err != nil {
			return err
		}
	}
	for _, x := range f.secrets {
		if err := v.Secret(x); err != nil {
			return err
		}
	}
	for _, x := range f.facts {
		if err := v.Fact(x); err != nil {
			return err
		}
	}
	for _, x := range f.blocks {
		if err := v.Block(x); err != nil {
			return err
		}
	}
	return nil
}

// exportFunc is an export by a function.
type exportFunc func(context.Context, journal.Visitor) error

func (f exportFunc) Export(ctx context.Context, v journal.Visitor) error { return f(ctx, v) }

// forgery makes files that Write would not: whatever they hold, the counts and
// the hash are right, as an attacker's would be.
type forgery struct {
	records []byte
	sum     Summary
	heads   []head
	encoder
}

func (f *forgery) all(x *fake) *forgery {
	for i := range x.entries {
		e := &x.entries[i]
		if n := len(f.heads); n == 0 || f.heads[n-1].stream != e.Stream {
			f.heads = append(f.heads, head{stream: e.Stream})
		}
		f.heads[len(f.heads)-1].revision, f.heads[len(f.heads)-1].hash = e.Revision, sha256.Sum256(e.Data)
		f.records = append(f.records, f.entry(e)...)
	}
	for i := range x.secrets {
		f.records = append(f.records, f.secret(&x.secrets[i])...)
	}
	for i := range x.facts {
		f.records = append(f.records, f.fact(&x.facts[i])...)
	}
	for i := range x.blocks {
		f.records = append(f.records, f.block(&x.blocks[i])...)
	}
	for i := range f.heads {
		f.records = append(f.records, f.head(&f.heads[i])...)
	}
	f.sum = Summary{
		Streams: uint64(len(f.heads)), Entries: uint64(len(x.entries)), Secrets: uint64(len(x.secrets)),
		Facts: uint64(len(x.facts)), Blocks: uint64(len(x.blocks)),
	}
	return f
}

func (f *forgery) file() []byte { return f.with(version, frame(packed(f.records), len(f.records))) }

// with is the file with that version and those frames.
func (f *forgery) with(v uint32, frames ...[]byte) []byte {
	file := binary.BigEndian.AppendUint32([]byte(magic), v)
	for _, b := range frames {
		file = append(file, b...)
	}
	file = binary.BigEndian.AppendUint32(append(file, endFrame), endSize)
	file = f.sum.counts(file)
	sum := sha256.Sum256(file)
	return append(file, sum[:]...)
}

func packed(records []byte) []byte {
	packer, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	defer packer.Close()
	return packer.EncodeAll(records, nil)
}

func frame(packed []byte, size int) []byte {
	b := binary.BigEndian.AppendUint32([]byte{recordsFrame}, uint32(len(packed)))
	return append(binary.BigEndian.AppendUint32(b, uint32(size)), packed...)
}
