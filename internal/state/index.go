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
	name  string
	pos   int
	keys  func(key string, v *V) []string
}

// NewIndex declares an index. keys must depend on its arguments alone and must
// not change v; nil leaves the row out, a repeated key counts once. Indexes
// are rebuilt from rows and are no part of any stored format. It panics when
// the table is already part of a [Schema] or has an index of that name.
func NewIndex[V any](t *Table[V], name string, keys func(key string, v *V) []string) *Index[V] {
	if t.frozen.Load() {
		panic(fmt.Sprintf("state: index %s.%s declared after its table was put to use", t.name, name))
	}
	for _, ix := range t.indexes {
		if ix.name == name {
			panic(fmt.Sprintf("state: index %s.%s declared twice", t.name, name))
		}
	}
	ix := &Index[V]{table: t, name: name, pos: len(t.indexes), keys: keys}
	t.indexes = append(t.indexes, ix)
	return ix
}

// First returns the row with the least key among those at ikey.
func (ix *Index[V]) First(r Reader, ikey string) (key string, v *V, ok bool) {
	ix.scan(r, ikey, func(row indexRow[V]) bool {
		if row.ikey == ikey {
			key, v, ok = row.key, row.v, true
		}
		return false
	})
	return key, v, ok
}

// Ascend calls fn for each row at ikey, in order of row keys, until fn returns
// false. It walks the index as it was at the call: fn may change the table.
func (ix *Index[V]) Ascend(r Reader, ikey string, fn func(key string, v *V) bool) {
	r.pin(ix.table.slot)
	ix.scan(r, ikey, func(row indexRow[V]) bool {
		return row.ikey == ikey && fn(row.key, row.v)
	})
}

// AscendAll calls fn for each row whose index key is not less than fromIKey,
// ordered by index key and then row key, until fn returns false. A row with
// several index keys comes once for each.
func (ix *Index[V]) AscendAll(r Reader, fromIKey string, fn func(ikey, key string, v *V) bool) {
	r.pin(ix.table.slot)
	ix.scan(r, fromIKey, func(row indexRow[V]) bool { return fn(row.ikey, row.key, row.v) })
}

// Count is the number of rows at ikey. It walks them.
func (ix *Index[V]) Count(r Reader, ikey string) int {
	n := 0
	ix.scan(r, ikey, func(row indexRow[V]) bool {
		if row.ikey != ikey {
			return false
		}
		n++
		return true
	})
	return n
}

func (ix *Index[V]) scan(r Reader, from string, fn func(indexRow[V]) bool) {
	if rows := ix.table.in(r.current()); rows != nil {
		rows.indexes[ix.pos].Ascend(indexRow[V]{ikey: from}, fn)
	}
}

// load fills an empty index tree from all rows of its table.
func (ix *Index[V]) load(tree *btree.BTreeG[indexRow[V]], keys []string, values []any) {
	sorted := make([]indexRow[V], 0, len(keys))
	for i, key := range keys {
		row := values[i].(*V)
		for _, ikey := range ix.keys(key, row) {
			sorted = append(sorted, indexRow[V]{ikey, key, row})
		}
	}
	slices.SortFunc(sorted, compareIndexRows[V])
	for _, row := range sorted {
		tree.Load(row)
	}
}

// indexRow orders an index by index key, then row key.
type indexRow[V any] struct {
	ikey, key string
	v         *V
}

func compareIndexRows[V any](a, b indexRow[V]) int {
	if c := cmp.Compare(a.ikey, b.ikey); c != 0 {
		return c
	}
	return cmp.Compare(a.key, b.key)
}

func newIndexTree[V any]() *btree.BTreeG[indexRow[V]] {
	return btree.NewBTreeGOptions(func(a, b indexRow[V]) bool {
		return a.ikey < b.ikey || a.ikey == b.ikey && a.key < b.key
	}, btree.Options{Degree: rowDegree, NoLocks: true})
}
