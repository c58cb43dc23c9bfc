package cataloggen

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"

	"sallyport/catalog"
)

// magic begins the file; the layout is described in catalog/file.go.
const magic = "sallyport catalogue 1\n"

// Encode writes the layout that catalog/file.go describes. The services are
// sorted by prefix, and what is in them as package catalog says.
func Encode(s *Source) ([]byte, error) {
	var index, blocks writer
	index.keys(s.Globals)
	index.number(len(s.Services))
	for i := range s.Services {
		service := &s.Services[i]
		block, err := encodeService(service)
		if err != nil {
			return nil, fmt.Errorf("cataloggen: %s: %w", service.Prefix, err)
		}
		packed, err := compress(block)
		if err != nil {
			return nil, err
		}
		index.string(service.Prefix)
		index.number(len(packed))
		index.number(len(block))
		index.strings(namespaces(service))
		index.strings(keyPrefixes(service))
		blocks.Write(packed)
	}
	packed, err := compress(index.Bytes())
	if err != nil {
		return nil, err
	}
	var out writer
	out.WriteString(magic)
	out.number(len(packed))
	out.number(index.Len())
	out.Write(packed)
	out.Write(blocks.Bytes())
	return out.Bytes(), nil
}

// compress uses a pinned compressor, so that the result does not change with
// the version of Go; the standard library expands it.
func compress(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// namespaces are the service fields of the service's ARN templates.
func namespaces(s *catalog.Service) []string {
	var found []string
	for _, r := range s.Resources {
		for _, text := range r.ARN {
			if fields := strings.SplitN(text, ":", 4); len(fields) == 4 {
				found = append(found, variable.ReplaceAllString(fields[2], "*"))
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// keyPrefixes are the prefixes of the service's keys, in lower case, but for
// its own and that of the global keys.
func keyPrefixes(s *catalog.Service) []string {
	var found []string
	for _, k := range s.Keys {
		prefix, _, _ := strings.Cut(k.Name, ":")
		if prefix = strings.ToLower(prefix); prefix != s.Prefix && prefix != "aws" {
			found = append(found, prefix)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func encodeService(s *catalog.Service) ([]byte, error) {
	e := serviceEncoder{service: s, keyLists: newLists(), resourceLists: newLists(), dependents: newLists()}
	var resources, actions writer
	resources.number(len(s.Resources))
	for _, r := range s.Resources {
		resources.string(r.Name)
		resources.strings(r.ARN)
		resources.number(e.keyList(r.Keys))
	}
	actions.number(len(s.Actions))
	for _, a := range s.Actions {
		actions.string(a.Name)
		actions.number(int(a.Access))
		actions.number(e.resourceList(a.Resources))
		actions.number(e.keyList(a.Keys))
		var dependents writer
		dependents.strings(a.Dependents)
		actions.number(e.dependents.add(len(a.Dependents), dependents.Bytes()))
	}
	var out writer
	out.string(s.Name)
	out.number(flag(s.RCP))
	out.keys(s.Keys)
	out.lists(e.keyLists)
	out.Write(resources.Bytes())
	out.lists(e.resourceLists)
	out.lists(e.dependents)
	out.Write(actions.Bytes())
	return out.Bytes(), e.err
}

// serviceEncoder numbers lists, which many actions share. The first failure
// sticks.
type serviceEncoder struct {
	service                             *catalog.Service
	keyLists, resourceLists, dependents *lists
	err                                 error
}

func (e *serviceEncoder) keyList(names []string) int {
	var w writer
	w.number(len(names))
	for _, name := range names {
		i := slices.IndexFunc(e.service.Keys, func(k catalog.Key) bool { return strings.EqualFold(k.Name, name) })
		if i < 0 && e.err == nil {
			e.err = fmt.Errorf("there is no condition key %q", name)
		}
		w.number(max(i, 0))
	}
	return e.keyLists.add(len(names), w.Bytes())
}

func (e *serviceEncoder) resourceList(resources []catalog.ActionResource) int {
	var w writer
	w.number(len(resources))
	for _, r := range resources {
		i := slices.IndexFunc(e.service.Resources, func(t catalog.ResourceType) bool { return t.Name == r.Name })
		if i < 0 && e.err == nil {
			e.err = fmt.Errorf("there is no resource type %q", r.Name)
		}
		w.number(2*max(i, 0) + flag(r.Required))
		w.number(e.keyList(r.Keys))
	}
	return e.resourceLists.add(len(resources), w.Bytes())
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// lists are lists that have numbers, from 1; 0 is the empty list.
type lists struct {
	encoded [][]byte
	numbers map[string]int
}

func newLists() *lists { return &lists{numbers: make(map[string]int)} }

func (l *lists) add(length int, encoded []byte) int {
	if length == 0 {
		return 0
	}
	if n, ok := l.numbers[string(encoded)]; ok {
		return n
	}
	l.encoded = append(l.encoded, encoded)
	l.numbers[string(encoded)] = len(l.encoded)
	return len(l.encoded)
}

// writer writes the parts of the layout.
type writer struct{ bytes.Buffer }

func (w *writer) number(n int) { w.Write(binary.AppendUvarint(nil, uint64(n))) }

func (w *writer) string(s string) {
	w.number(len(s))
	w.WriteString(s)
}

func (w *writer) strings(list []string) {
	w.number(len(list))
	for _, s := range list {
		w.string(s)
	}
}

func (w *writer) keys(keys []catalog.Key) {
	w.number(len(keys))
	for _, k := range keys {
		w.string(k.Name)
		w.number(2*int(k.Type) + flag(k.Multivalued))
	}
}

func (w *writer) lists(l *lists) {
	w.number(len(l.encoded))
	for _, encoded := range l.encoded {
		w.Write(encoded)
	}
}
