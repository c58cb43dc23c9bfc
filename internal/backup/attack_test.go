package backup

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
)

// wantRefused restores a file that must be refused into an empty store, which
// must stay as it is.
func wantRefused(t *testing.T, name string, file []byte, causes ...error) {
	t.Helper()
	target := memory.New()
	err := restore(NewFile(bytes.NewReader(file)), target)
	switch {
	case err == nil:
		t.Errorf("%s: it was restored", name)
	case len(causes) > 0 && !slices.ContainsFunc(causes, func(c error) bool { return errors.Is(err, c) }):
		t.Errorf("%s: refused with %v, want %v", name, err, causes)
	}
	if got := contents(t, target); len(got) != 0 {
		t.Errorf("%s: the target holds %d records", name, len(got))
	}
}

// TestAttack17Truncated: a file cut off anywhere is refused, and so is one with
// anything behind its end.
func TestAttack17Truncated(t *testing.T) {
	file, _ := written(t, filled(t, 12))
	for n := range file {
		wantRefused(t, "cut off", file[:n], ErrDamaged)
	}
	for _, more := range []string{"\x00", "\n", string(file), string(file[len(file)-endSize-5:])} {
		wantRefused(t, "something behind it", append(bytes.Clone(file), more...), ErrDamaged)
	}
	if t.Logf("%d lengths", len(file)); len(file) < 1000 {
		t.Error("the file is too small to show anything")
	}
}

// TestAttack17Flipped: a file with any bit turned over is refused.
func TestAttack17Flipped(t *testing.T) {
	file, _ := written(t, filled(t, 12))
	random := rand.New(rand.NewPCG(17, 0))
	for n := range file {
		bad := bytes.Clone(file)
		bad[n] ^= 1 << random.IntN(8)
		wantRefused(t, "flipped", bad, ErrDamaged, journal.ErrCorrupt, journal.ErrInvalid, journal.ErrTooLarge)
	}
	for range 500 {
		bad := bytes.Clone(file)
		for range 1 + random.IntN(8) {
			bad[random.IntN(len(bad))] ^= byte(1 + random.IntN(255))
		}
		wantRefused(t, "damaged", bad, ErrDamaged, journal.ErrCorrupt, journal.ErrInvalid, journal.ErrTooLarge)
	}
}

// sound is a small source; the attacks change a copy of it.
func sound() *fake {
	one := crafted("account/111122223333", 1, nil, epoch, `{"t":"rows","k":"a","v":{"name":"a"}}`)
	two := crafted("account/111122223333", 2, &one, epoch, `{"t":"rows","k":"a","v":null}`)
	return &fake{
		entries: []journal.Entry{one, two, crafted("directory", 1, nil, epoch)},
		secrets: []journal.Secret{{Stream: "account/111122223333", ID: "a", Sealed: []byte("x")}, {Stream: "directory", ID: "a", Sealed: []byte{}}},
		facts:   []journal.Fact{{Key: "a", Value: []byte{}}, {Key: "b", Value: []byte("x"), Expires: epoch}},
		blocks:  []journal.Block{{Node: "n", Sequence: 1, Account: "111122223333", First: epoch, Last: epoch, Count: 1, Data: []byte("x")}},
	}
}

// TestAttack17HostileContents: files whose format, counts and hash are right,
// and whose contents are not. Nothing of them reaches the store.
func TestAttack17HostileContents(t *testing.T) {
	must(t, restore(NewFile(bytes.NewReader(new(forgery).all(sound()).file())), memory.New()))
	one := sound().entries[0]
	const account = "account/111122223333"
	for name, c := range map[string]struct {
		change func(*fake)
		want   error
	}{
		"parent that is not there":  {func(f *fake) { f.entries = f.entries[1:] }, journal.ErrCorrupt},
		"parent of another entry":   {func(f *fake) { f.entries[1] = crafted(account, 2, &f.entries[2], epoch) }, journal.ErrCorrupt},
		"first entry with a parent": {func(f *fake) { f.entries[2] = crafted("directory", 1, &one, epoch) }, journal.ErrCorrupt},
		"revision left out":         {func(f *fake) { f.entries[1] = crafted(account, 3, &one, epoch) }, journal.ErrCorrupt},
		"revision 0":                {func(f *fake) { f.entries[0] = crafted(account, 0, nil, epoch) }, journal.ErrCorrupt},
		"revision of all ones":      {func(f *fake) { f.entries[1].Revision = math.MaxUint64 }, journal.ErrCorrupt},
		"entry of another stream":   {func(f *fake) { f.entries[1].Stream = "account/444455556666" }, journal.ErrCorrupt},
		"entry that names another":  {func(f *fake) { f.entries[2].Data = crafted(account, 1, nil, epoch).Data }, journal.ErrCorrupt},
		"older than its parent":     {func(f *fake) { f.entries[1] = crafted(account, 2, &one, epoch.Add(-1)) }, journal.ErrCorrupt},
		"from the future":           {func(f *fake) { f.entries[2] = crafted("directory", 1, nil, soon.Add(25*time.Hour)) }, nil},
		"later version": {func(f *fake) {
			f.entries[2].Data = bytes.Replace(f.entries[2].Data, []byte(`"v":1`), []byte(`"v":2`), 1)
		}, journal.ErrCorrupt},
		"unknown member": {func(f *fake) {
			f.entries[2].Data = bytes.Replace(f.entries[2].Data, []byte(`"op"`), []byte(`"x":1,"op"`), 1)
		}, journal.ErrCorrupt},
		"unknown table":               {func(f *fake) { f.entries[2] = crafted("directory", 1, nil, epoch, `{"t":"none","k":"a","v":{}}`) }, nil},
		"row of another shape":        {func(f *fake) { f.entries[2] = crafted("directory", 1, nil, epoch, `{"t":"rows","k":"a","v":{"n":1}}`) }, nil},
		"deletes what is not there":   {func(f *fake) { f.entries[2] = crafted("directory", 1, nil, epoch, `{"t":"rows","k":"a","v":null}`) }, nil},
		"streams out of order":        {func(f *fake) { f.entries = append(f.entries[2:], f.entries[:2]...) }, ErrDamaged},
		"stream in two parts":         {func(f *fake) { f.entries = append(slices.Clone(f.entries), f.entries[0]) }, ErrDamaged},
		"stream without a name":       {func(f *fake) { f.entries[0] = crafted("", 1, nil, epoch) }, journal.ErrInvalid},
		"stream with a long name":     {func(f *fake) { f.entries[0] = crafted(journal.StreamID(strings.Repeat("a", 513)), 1, nil, epoch) }, journal.ErrInvalid},
		"stream with a line feed":     {func(f *fake) { f.entries[0] = crafted("account\n", 1, nil, epoch) }, journal.ErrInvalid},
		"no stream":                   {func(f *fake) { *f = fake{blocks: f.blocks} }, ErrEmpty},
		"secret of an unknown stream": {func(f *fake) { f.secrets[0].Stream = "account/444455556666" }, ErrDamaged},
		"secret after every stream":   {func(f *fake) { f.secrets[1].Stream = "z" }, ErrDamaged},
		"secret without a name":       {func(f *fake) { f.secrets[0].ID = "" }, ErrDamaged},
		"secret with a long name":     {func(f *fake) { f.secrets[0].ID = strings.Repeat("a", 513) }, journal.ErrTooLarge},
		"secret too large":            {func(f *fake) { f.secrets[0].Sealed = make([]byte, journal.MaxSecret+1) }, journal.ErrTooLarge},
		"secret twice":                {func(f *fake) { f.secrets[1] = f.secrets[0] }, ErrDamaged},
		"secrets out of order":        {func(f *fake) { slices.Reverse(f.secrets) }, ErrDamaged},
		"fact without a key":          {func(f *fake) { f.facts[0].Key = "" }, journal.ErrInvalid},
		"fact with a long key":        {func(f *fake) { f.facts[1].Key = strings.Repeat("b", 1025) }, journal.ErrTooLarge},
		"fact too large":              {func(f *fake) { f.facts[0].Value = make([]byte, journal.MaxFact+1) }, journal.ErrTooLarge},
		"fact twice":                  {func(f *fake) { f.facts[1].Key = "a" }, ErrDamaged},
		"fact that marks a store":     {func(f *fake) { f.facts[1].Key = unfinishedKey }, ErrUnfinished},
		"block without a node":        {func(f *fake) { f.blocks[0].Node = "" }, journal.ErrInvalid},
		"block of no account":         {func(f *fake) { f.blocks[0].Account = "root" }, journal.ErrInvalid},
		"block of no records":         {func(f *fake) { f.blocks[0].Count = 0 }, journal.ErrInvalid},
		"block that ends first":       {func(f *fake) { f.blocks[0].Last = epoch.Add(-1) }, journal.ErrInvalid},
		"block of an odd year":        {func(f *fake) { f.blocks[0].Last = time.Unix(0, math.MaxInt64) }, journal.ErrInvalid},
		"block with a high sequence":  {func(f *fake) { f.blocks[0].Sequence = 1 << 63 }, journal.ErrInvalid},
		"block too large":             {func(f *fake) { f.blocks[0].Data = make([]byte, journal.MaxBlock+1) }, journal.ErrTooLarge},
		"entry too large":             {func(f *fake) { f.entries[2].Data = append(f.entries[2].Data, make([]byte, journal.MaxEntry)...) }, journal.ErrTooLarge},
	} {
		f := sound()
		c.change(f)
		if c.want == nil {
			wantRefused(t, name, new(forgery).all(f).file())
		} else {
			wantRefused(t, name, new(forgery).all(f).file(), c.want)
		}
		// The same from a store that is moved.
		target := memory.New()
		if err := restore(f, target); err == nil || len(contents(t, target)) != 0 {
			t.Errorf("%s: moved: %v", name, err)
		}
	}
}

// TestAttack17TwoBlocksOfOneName gets past the checks, which keep no list of
// blocks, and is noticed by the store or when it is read back: the store stays
// refused to servers.
func TestAttack17TwoBlocksOfOneName(t *testing.T) {
	for name, change := range map[string]func(*journal.Block){
		"equal":     func(*journal.Block) {},
		"different": func(b *journal.Block) { b.Count++ },
	} {
		f := sound()
		f.blocks = append(f.blocks, f.blocks[0])
		change(&f.blocks[1])
		target := memory.New()
		if err := restore(NewFile(bytes.NewReader(new(forgery).all(f).file())), target); err == nil {
			t.Errorf("%s: it was restored", name)
		}
		if err := Finished(context.Background(), target); !errors.Is(err, ErrUnfinished) {
			t.Errorf("%s: the store passes for finished: %v", name, err)
		}
	}
}

// TestAttack17HostileFormat: lengths, counts, kinds and packing that lie, with
// the right hash.
func TestAttack17HostileFormat(t *testing.T) {
	good := new(forgery).all(sound())
	records := good.records
	n := len(records)
	whole := frame(packed(records), n)
	with := func(frames ...[]byte) []byte { return good.with(version, frames...) }
	huge := binary.AppendUvarint([]byte{byte(entryKind)}, math.MaxUint64)
	bomb := packed(make([]byte, 64<<20))
	more := func(extra ...byte) []byte {
		b := append(slices.Clone(records), extra...)
		return with(frame(packed(b), len(b)))
	}
	counted := func(change func(*Summary)) []byte {
		f := *good
		change(&f.sum)
		return f.file()
	}
	must(t, restore(NewFile(bytes.NewReader(with(whole))), memory.New()))
	for name, file := range map[string][]byte{
		"version 0":                    good.with(0, whole),
		"version 2":                    good.with(2, whole),
		"frame of unknown kind":        with(append([]byte{3}, whole[1:]...)),
		"frame of 4 GiB":               with(append([]byte{recordsFrame, 0xff, 0xff, 0xff, 0xff}, whole[5:]...)),
		"frame that unpacks to 4 GiB":  with(append([]byte{recordsFrame, whole[1], whole[2], whole[3], whole[4], 0xff, 0xff, 0xff, 0xff}, whole[9:]...)),
		"frame that unpacks to less":   with(frame(packed(records), n+1)),
		"frame that unpacks to more":   with(frame(packed(records), n-1)),
		"frame that unpacks to none":   with(frame(packed(nil), 0), whole),
		"64 MiB in a few bytes":        with(frame(bomb, 64<<20), whole),
		"64 MiB that says 1":           with(frame(bomb, 1), whole),
		"not packed":                   with(frame(records, n)),
		"empty frame":                  with(frame(nil, 1), whole),
		"no frame":                     with(),
		"frame twice":                  with(whole, whole),
		"record of unknown kind":       more(9, 0),
		"record of kind 0":             more(0, 0),
		"record of 16 EiB":             more(huge...),
		"record longer than its rest":  more(byte(entryKind), 5, 1),
		"record after the heads":       more(new(encoder).entry(&sound().entries[0])...),
		"head too many":                more(new(encoder).head(&head{stream: "z", revision: 1})...),
		"record without a length":      more(byte(entryKind)),
		"endless length":               more(append([]byte{byte(entryKind)}, bytes.Repeat([]byte{0xff}, 20)...)...),
		"record across two frames":     with(frame(packed(records[:n-3]), n-3), frame(packed(records[n-3:]), 3)),
		"field longer than its record": more(byte(secretKind), 3, 0xff, 0xff, 0x03),
		"field after the last":         more(append([]byte{byte(factKind), 4}, 1, 'z', 0, 0, 7)...),
		"expiry that is no expiry":     more(append([]byte{byte(factKind), 4}, 1, 'z', 0, 2)...),
		"expiry cut off":               more(append([]byte{byte(factKind), 6}, 1, 'z', 0, 1, 0, 0)...),
		"no heads":                     with(frame(packed(headless(records)), len(headless(records)))),
		"entries miscounted":           counted(func(s *Summary) { s.Entries++ }),
		"streams miscounted":           counted(func(s *Summary) { s.Streams-- }),
		"secrets miscounted":           counted(func(s *Summary) { s.Secrets = math.MaxUint64 }),
		"facts miscounted":             counted(func(s *Summary) { s.Facts = 0 }),
		"blocks miscounted":            counted(func(s *Summary) { s.Blocks++ }),
		"nothing":                      nil,
		"another file":                 []byte(strings.Repeat("not a backup ", 100)),
	} {
		wantRefused(t, name, file, ErrDamaged)
	}
	for name, change := range map[string]func(*head){
		"revision": func(h *head) { h.revision++ },
		"hash":     func(h *head) { h.hash[0] ^= 1 },
		"stream":   func(h *head) { h.stream += "x" },
	} {
		h := good.heads[0]
		change(&h)
		b := headless(records)
		b = append(b, new(encoder).head(&h)...)
		b = append(b, new(encoder).head(&good.heads[1])...)
		wantRefused(t, "another "+name+" in a head", with(frame(packed(b), len(b))), ErrDamaged)
	}
}

// headless is the records before the heads.
func headless(records []byte) []byte {
	for rest := records; len(rest) > 0; {
		if kind(rest[0]) == headKind {
			return slices.Clone(records[:len(records)-len(rest)])
		}
		length, size := binary.Uvarint(rest[1:])
		rest = rest[1+size+int(length):]
	}
	return records
}
