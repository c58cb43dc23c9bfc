package state

import (
	"cmp"
	"fmt"
	"slices"
)

// Schema is the set of tables a store knows. A change of any other table, met
// in a journal, stops the store from opening.
type Schema struct {
	sorted []AnyTable // by name
	byName map[string]AnyTable
	bySlot []AnyTable // by Table.slot; nil where another schema's table has the slot
}

// NewSchema collects tables. It panics when two have the same name. No index
// can be declared on them afterwards.
func NewSchema(tables ...AnyTable) *Schema {
	s := &Schema{sorted: slices.Clone(tables), byName: make(map[string]AnyTable, len(tables))}
	slices.SortFunc(s.sorted, func(a, b AnyTable) int { return cmp.Compare(a.Name(), b.Name()) })
	for _, t := range s.sorted {
		if _, dup := s.byName[t.Name()]; dup {
			panic(fmt.Sprintf("state: two tables named %q", t.Name()))
		}
		t.freeze()
		s.byName[t.Name()] = t
		if n := t.id() + 1; n > len(s.bySlot) {
			s.bySlot = append(s.bySlot, make([]AnyTable, n-len(s.bySlot))...)
		}
		s.bySlot[t.id()] = t
	}
	return s
}

// Tables lists the names of the tables, sorted.
func (s *Schema) Tables() []string {
	names := make([]string, len(s.sorted))
	for i, t := range s.sorted {
		names[i] = t.Name()
	}
	return names
}
