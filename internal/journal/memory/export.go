package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"sallyport/internal/journal"
)

var _ journal.Exports = (*Store)(nil)

// contents is what a medium holds at one moment. Stored bytes never change once
// they are stored, so that holding on to them is as good as a copy.
type contents struct {
	streams map[journal.StreamID][][]byte
	secrets map[secretKey][]byte
	facts   map[string]fact
	blocks  []journal.Block
}

// Export implements [journal.Exports].
func (s *Store) Export(ctx context.Context, v journal.Visitor) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	c := contents{
		streams: maps.Clone(s.m.streams), secrets: maps.Clone(s.m.secrets),
		facts: maps.Clone(s.m.facts), blocks: s.m.blocks,
	}
	s.m.mu.Unlock()
	for _, visit := range []func(context.Context, journal.Visitor) error{c.entries, c.sealed, c.kept, c.audit} {
		if err := visit(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

func (c *contents) entries(ctx context.Context, v journal.Visitor) error {
	for _, id := range slices.Sorted(maps.Keys(c.streams)) {
		for i, data := range c.streams[id] {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := v.Entry(journal.Entry{Stream: id, Revision: journal.Revision(i + 1), Data: clone(data)}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *contents) sealed(ctx context.Context, v journal.Visitor) error {
	byName := func(a, b secretKey) int {
		return cmp.Or(cmp.Compare(a.stream, b.stream), cmp.Compare(a.id, b.id))
	}
	for _, key := range slices.SortedFunc(maps.Keys(c.secrets), byName) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.Secret(journal.Secret{Stream: key.stream, ID: key.id, Sealed: clone(c.secrets[key])}); err != nil {
			return err
		}
	}
	return nil
}

func (c *contents) kept(ctx context.Context, v journal.Visitor) error {
	for _, key := range slices.Sorted(maps.Keys(c.facts)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		f := c.facts[key]
		if !f.expires.IsZero() {
			f.expires = f.expires.UTC()
		}
		if err := v.Fact(journal.Fact{Key: key, Value: clone(f.value), Expires: f.expires}); err != nil {
			return err
		}
	}
	return nil
}

func (c *contents) audit(ctx context.Context, v journal.Visitor) error {
	for _, b := range c.blocks {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.Data = clone(b.Data)
		if err := v.Block(b); err != nil {
			return err
		}
	}
	return nil
}
