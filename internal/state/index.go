package state

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tidwall/btree"
)

// Index finds the rows of a table by keys computed from them. It is kept by
// the same step that changes the table, so a tentative view's index already
// holds what its command did. Nothing makes an index key unique: a command
// that needs it unique looks first.
type Index[V any] struct {
	table *Table[V]
	pos   int
}

// indexKeys are the keys of a row, a table's *V, in one index.
type indexKeys func(key string, v any) []string

// NewIndex declares an index. keys must depend on its arguments alone and must
// not change v; nil leaves the row out, a repeated key counts once. Indexes
// are rebuilt from rows and are no part of any stored format. It panics when
// the table is already part of a [Schema] or has an index of that name.
func NewIndex[V any](t *Table[V], name string, keys func(key string, v *V) []string) *Index[V] {
	if t.frozen.Load() {
		panic(fmt.Sprintf("state: index %s.%s declared after its table was put to use", t.name, name))
	}
	if slices.Contains(t.indexNames, name) {
		panic(fmt.Sprintf("state: index %s.%s declared twice", t.name, name))
	}
	ix := &Index[V]{table: t, pos: len(t.indexes)}
	t.indexNames = append(t.indexNames, name)
	t.indexes = append(t.indexes, func(key string, v any) []string { return keys(key, v.(*V)) })
	return ix
}

// First returns the row with the least key among those at ikey.
func (ix *Index[V]) First(r Reader, ikey string) (key string, v *V, ok bool) {
	ix.scan(r, ikey, func(row indexRow) bool {
		if row.ikey == ikey {
			key, v, ok = row.key, row.v.(*V), true
		}
		return false
	})
	return key, v, ok
}

// Ascend calls fn for each row at ikey, in order of row keys, until fn returns
// false. It walks the index as it was at the call: fn may change the table.
func (ix *Index[V]) Ascend(r Reader, ikey string, fn func(key string, v *V) bool) {
	r.pin(ix.table.slot)
	ix.scan(r, ikey, func(row indexRow) bool {
		return row.ikey == ikey && fn(row.key, row.v.(*V))
	})
}

// AscendAll calls fn for each row whose index key is not less than fromIKey,
// ordered by index key and then row key, until fn returns false. A row with
// several index keys comes once for each.
func (ix *Index[V]) AscendAll(r Reader, fromIKey string, fn func(ikey, key string, v *V) bool) {
	r.pin(ix.table.slot)
	ix.scan(r, fromIKey, func(row indexRow) bool { return fn(row.ikey, row.key, row.v.(*V)) })
}

// Count is the number of rows at ikey. It walks them.
func (ix *Index[V]) Count(r Reader, ikey string) int {
	n := 0
	ix.scan(r, ikey, func(row indexRow) bool {
		if row.ikey != ikey {
			return false
		}
		n++
		return true
	})
	return n
}

func (ix *Index[V]) scan(r Reader, from string, fn func(indexRow) bool) {
	if rows := ix.table.in(r.current()); rows != nil {
		rows.indexes[ix.pos].Ascend(indexRow{ikey: from}, fn)
	}
}

// load fills an empty index tree from all rows of its table.
func (of indexKeys) load(tree *btree.BTreeG[indexRow], keys []string, values []any) {
	sorted := make([]indexRow, 0, len(keys))
	for i, key := range keys {
		for _, ikey := range of(key, values[i]) {
			sorted = append(sorted, indexRow{ikey, key, values[i]})
		}
	}
	slices.SortFunc(sorted, indexRow.compare)
	for _, row := range sorted {
		tree.Load(row)
	}
}

// indexRow orders an index by index key, then row key.
type indexRow struct {
	ikey, key string
	v         any
}

func (r indexRow) compare(than indexRow) int {
	if c := cmp.Compare(r.ikey, than.ikey); c != 0 {
		return c
	}
	return cmp.Compare(r.key, than.key)
}

func newIndexTree() *btree.BTreeG[indexRow] {
	return btree.NewBTreeGOptions(func(a, b indexRow) bool {
		return a.ikey < b.ikey || a.ikey == b.ikey && a.key < b.key
	}, btree.Options{Degree: rowDegree, NoLocks: true})
}
