package state

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	"github.com/tidwall/btree"
)

// rowDegree is the branching of every tree: at most 2*rowDegree-1 rows a node.
// A change copies one node per level, so wide nodes make writes dear (32 copies
// a third more than 16) and narrow ones cost memory and depth; CPU is the same.
const rowDegree = 16

var (
	// encodeOptions make the bytes of a row a function of its value alone:
	// hashes, dumps and snapshots compare as bytes.
	encodeOptions = json.JoinOptions(json.Deterministic(true))

	// decodeOptions refuse what the row's type does not know. A member that
	// is silently dropped would be lost for good at the next Put.
	decodeOptions = json.JoinOptions(json.RejectUnknownMembers(true))
)

// tableSequence numbers tables so that a view finds one by slice index.
var tableSequence atomic.Int64

// Table is one typed table of rows, keyed by a string. Declare it once as a
// package variable: it describes the rows and holds none; rows live in views.
//
// V is stored as JSON by github.com/go-json-experiment/json under its default
// (v2) rules, with deterministic output on writing and unknown members refused
// on reading. Of note: names are case-sensitive, a nil slice is written [],
// omitempty leaves out only what encodes as null, "", [] or {}; use omitzero
// for zero numbers, booleans and times; a time.Duration needs a format option.
//
// A row handed out is shared by every reader and never changes: copy it before
// changing it.
type Table[V any] struct {
	name       string
	slot       int
	indexes    []indexKeys
	indexNames []string
	frozen     atomic.Bool
}

// NewTable declares a table. The name is part of the journal's format: it must
// never change and must be unique in its [Schema]. It panics on a name that is
// empty or holds anything but letters, digits, '.', '_' and '-'.
func NewTable[V any](name string) *Table[V] {
	if !validTableName(name) {
		panic(fmt.Sprintf("state: bad table name %q", name))
	}
	return &Table[V]{name: name, slot: int(tableSequence.Add(1))}
}

func validTableName(name string) bool {
	return name != "" && len(name) <= 64 && strings.IndexFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			r == '.' || r == '_' || r == '-')
	}) < 0
}

// Name is the table's name in entries, snapshots and dumps.
func (t *Table[V]) Name() string { return t.name }

// Get returns the row at key. It does not allocate.
func (t *Table[V]) Get(r Reader, key string) (*V, bool) {
	rows := t.in(r.current())
	if rows == nil {
		return nil, false
	}
	c, ok := rows.tree.Get(key)
	if !ok {
		return nil, false
	}
	return c.v.(*V), true
}

// Has reports whether a row exists at key.
func (t *Table[V]) Has(r Reader, key string) bool {
	_, ok := t.Get(r, key)
	return ok
}

// Put inserts or replaces the row at key. v is encoded at once: later changes
// to *v have no effect, and what readers see is what the journal will hold. A
// value that cannot be encoded makes the command fail when Run returns.
func (t *Table[V]) Put(tx *Tx, key string, v *V) { tx.put(t, key, v) }

// Delete removes the row at key. Deleting an absent row does nothing and is
// recorded nowhere.
func (t *Table[V]) Delete(tx *Tx, key string) { tx.remove(t, key) }

// Ascend calls fn for each row with a key not less than from, in byte order of
// keys, until fn returns false. It walks the rows as they were at the call: fn
// may change the table.
func (t *Table[V]) Ascend(r Reader, from string, fn func(key string, v *V) bool) {
	r.pin(t.slot)
	if rows := t.in(r.current()); rows != nil {
		rows.tree.Ascend(from, func(key string, c cell) bool { return fn(key, c.v.(*V)) })
	}
}

// AscendPrefix is Ascend over the rows whose key begins with prefix.
func (t *Table[V]) AscendPrefix(r Reader, prefix string, fn func(key string, v *V) bool) {
	t.Ascend(r, prefix, func(key string, v *V) bool {
		return strings.HasPrefix(key, prefix) && fn(key, v)
	})
}

// Len is the number of rows.
func (t *Table[V]) Len(r Reader) int {
	if rows := t.in(r.current()); rows != nil {
		return rows.tree.Len()
	}
	return 0
}

// in returns the table's rows in a view, nil when it has never had one.
// Asking a store that does not know the table is a mistake in the program that
// must not read as "no such row".
func (t *Table[V]) in(v *View) *rows {
	if t.slot >= len(v.schema.bySlot) || v.schema.bySlot[t.slot] == nil {
		panic("state: table " + t.name + " is not in this store's schema")
	}
	return v.tables[t.slot]
}

// AnyTable is a [Table] of any row type, as [NewSchema] takes them.
type AnyTable interface {
	Name() string
	id() int
	freeze()
	newRows() *rows
	encode(v any) ([]byte, error)
	decode(data []byte) (any, error)
}

func (t *Table[V]) id() int        { return t.slot }
func (t *Table[V]) freeze()        { t.frozen.Store(true) }
func (t *Table[V]) newRows() *rows { return newRows(t.indexes) }

func (t *Table[V]) encode(v any) ([]byte, error) {
	data, err := json.Marshal(v.(*V), encodeOptions)
	if err != nil {
		return nil, fmt.Errorf("state: encode row of %s: %w", t.name, err)
	}
	return data, nil
}

func (t *Table[V]) decode(data []byte) (any, error) {
	v := new(V)
	if err := json.Unmarshal(data, v, decodeOptions); err != nil {
		return nil, fmt.Errorf("state: decode row of %s: %w", t.name, err)
	}
	return v, nil
}

// cell keeps the tree from seeing a Copy method the row's type may have: it
// would call it on every node it copies.
type cell struct{ v any }

// rows is the tree of one table in one view, with a tree for each index. Values
// are the table's *V. The trees are the same type for all tables: a tree of its
// own for each is thousands of functions, which every package that uses the
// tables would compile again.
type rows struct {
	keys    []indexKeys
	copying sync.Mutex // a copy marks both trees; several writers may copy one published view
	tree    *btree.Map[string, cell]
	indexes []*btree.BTreeG[indexRow]
}

func newRows(keys []indexKeys) *rows {
	r := &rows{keys: keys, tree: btree.NewMap[string, cell](rowDegree)}
	for range keys {
		r.indexes = append(r.indexes, newIndexTree())
	}
	return r
}

// fork returns an independent copy in constant time; nodes are shared until
// one side changes them.
func (r *rows) fork() *rows {
	r.copying.Lock()
	defer r.copying.Unlock()
	c := &rows{keys: r.keys, tree: r.tree.Copy()}
	if len(r.indexes) > 0 {
		c.indexes = make([]*btree.BTreeG[indexRow], len(r.indexes))
		for i, tree := range r.indexes {
			c.indexes[i] = tree.Copy()
		}
	}
	return c
}

func (r *rows) len() int { return r.tree.Len() }

func (r *rows) has(key string) bool {
	_, ok := r.tree.Get(key)
	return ok
}

func (r *rows) set(key string, v any) {
	old, replaced := r.tree.Set(key, cell{v})
	for i, keys := range r.keys {
		tree := r.indexes[i]
		if replaced {
			for _, ikey := range keys(key, old.v) {
				tree.Delete(indexRow{ikey: ikey, key: key})
			}
		}
		for _, ikey := range keys(key, v) {
			tree.Set(indexRow{ikey, key, v})
		}
	}
}

func (r *rows) remove(key string) bool {
	old, ok := r.tree.Delete(key)
	if !ok {
		return false
	}
	for i, keys := range r.keys {
		for _, ikey := range keys(key, old.v) {
			r.indexes[i].Delete(indexRow{ikey: ikey, key: key})
		}
	}
	return true
}

// load fills an empty table from rows in ascending key order.
func (r *rows) load(keys []string, values []any) {
	for i, key := range keys {
		r.tree.Load(key, cell{values[i]})
	}
	for i, of := range r.keys {
		of.load(r.indexes[i], keys, values)
	}
}

func (r *rows) each(fn func(key string, v any) error) (err error) {
	r.tree.Scan(func(key string, c cell) bool {
		err = fn(key, c.v)
		return err == nil
	})
	return err
}
