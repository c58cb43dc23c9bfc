package catalog

import (
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"sallyport/catalog/internal/packed"
)

// The layout of aws.bin, which internal/cataloggen writes. Every number is an
// unsigned varint; a string is its length and its bytes; a list is its length
// and its members. Compression is DEFLATE (RFC 1951).
//
//	magic
//	size of the compressed index, size of the index
//	index, compressed
//	one block for each service, compressed, one after another
//
// The index, when expanded:
//
//	list of global condition keys
//	list of services, sorted by prefix, each:
//	    prefix, compressed size of its block, size of its block
//	    list of the service fields of its ARN templates, "*" for a variable
//	    list of the prefixes of its condition keys, but for its own and "aws"
//
// A block, when expanded:
//
//	name, 1 if resource control policies apply to it (else 0)
//	list of condition keys, each: name, type times two plus 1 if multivalued
//	list of key lists, each a list of key numbers
//	list of resource types, each: name, list of ARN templates, key list
//	list of lists of resources that actions have, each resource:
//	    number of the type times two plus 1 if required, key list
//	list of lists of dependent actions, each a list of strings
//	list of actions, each: name, access level, resource list, key list,
//	    dependents list
//
// The list of that number is meant wherever a list is named, counted from 1; 0
// is the empty list.
const (
	// magic begins the file.
	magic = "sallyport catalogue 1\n"

	// Limits that a damaged file cannot exceed. They are checked before
	// anything of the stated size is allocated.
	maxIndexBytes  = 1 << 20
	maxBlockBytes  = 1 << 20
	maxServices    = 4096
	maxActions     = 4096 // of a service, and so for each other list
	maxPrefixBytes = 64
	maxActionBytes = 128
	maxStringBytes = 512
)

// openFile reads and checks the index of an aws.bin. It does not expand any
// service.
func openFile(file string) (*Catalog, error) {
	rest, ok := strings.CutPrefix(file, magic)
	if !ok {
		return nil, errors.New("not a catalogue of this version")
	}
	r := reader{packed.Reader{Data: rest}}
	compressed := r.Number(maxIndexBytes)
	size := r.Number(maxIndexBytes)
	frame := r.Bytes(compressed)
	if r.Err != nil {
		return nil, fmt.Errorf("header: %w", r.Err)
	}
	index, err := expand(frame, size)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	c, err := readIndex(index, r.Data)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	return c, nil
}

// readIndex makes a catalogue of an expanded index and the blocks.
func readIndex(index, blocks string) (*Catalog, error) {
	r := reader{packed.Reader{Data: index}}
	c := newCatalog()
	c.globals = r.keys()
	for range r.length(maxServices) {
		prefix := r.string()
		compressed := r.Number(maxBlockBytes)
		size := r.Number(maxBlockBytes)
		namespaces := r.strings()
		keyPrefixes := r.strings()
		switch {
		case r.Err != nil:
			return nil, r.Err
		case checkPrefix(prefix) != nil || len(c.prefixes) > 0 && prefix <= c.prefixes[len(c.prefixes)-1]:
			return nil, fmt.Errorf("prefix %q is malformed or out of order", prefix)
		case compressed > len(blocks):
			return nil, fmt.Errorf("%s: %w", prefix, packed.ErrTruncated)
		}
		block := blocks[:compressed]
		blocks = blocks[compressed:]
		e := &entry{prefix: prefix}
		e.decode = func() (*loaded, error) {
			text, err := expand(block, size)
			if err != nil {
				return nil, err
			}
			return decodeService(prefix, text)
		}
		c.add(e, namespaces, keyPrefixes)
	}
	switch {
	case r.Err != nil:
		return nil, r.Err
	case r.Data != "" || blocks != "":
		return nil, errors.New("bytes after the last service")
	}
	return c, nil
}

func newCatalog() *Catalog {
	return &Catalog{
		services:   make(map[string]*entry),
		namespaces: make(map[string][]*entry),
		keyOwners:  make(map[string][]*entry),
	}
}

// add puts a service into a catalogue that is being made. Namespaces and key
// prefixes are as in the file's index.
func (c *Catalog) add(e *entry, namespaces, keyPrefixes []string) {
	c.prefixes = append(c.prefixes, e.prefix)
	c.services[e.prefix] = e
	for _, n := range namespaces {
		c.namespaces[n] = append(c.namespaces[n], e)
	}
	for _, p := range keyPrefixes {
		if strings.Contains(p, "${") {
			if !slices.Contains(c.templated, e) {
				c.templated = append(c.templated, e)
			}
			continue
		}
		c.keyOwners[p] = append(c.keyOwners[p], e)
	}
}

// decodeService reads an expanded block.
func decodeService(prefix, block string) (*loaded, error) {
	r := reader{packed.Reader{Data: block}}
	s := Service{Prefix: prefix, Name: r.string(), RCP: r.Number(1) == 1, Keys: r.keys()}
	keyLists := readLists(&r, func() string {
		return member(&r, s.Keys, r.Number(maxActions)).Name
	})
	s.Resources = readList(&r, func() ResourceType {
		return ResourceType{Name: r.string(), ARN: r.strings(), Keys: listed(&r, keyLists)}
	})
	resourceLists := readLists(&r, func() ActionResource {
		n := r.Number(2*maxActions + 1)
		return ActionResource{Name: member(&r, s.Resources, n/2).Name, Required: n&1 == 1, Keys: listed(&r, keyLists)}
	})
	dependents := readLists(&r, r.string)
	s.Actions = readList(&r, func() Action {
		a := Action{Name: r.string(), Access: AccessLevel(r.Number(uint64(Tagging)))}
		a.Resources = listed(&r, resourceLists)
		a.Keys = listed(&r, keyLists)
		a.Dependents = listed(&r, dependents)
		return a
	})
	switch {
	case r.Err != nil:
		return nil, r.Err
	case r.Data != "":
		return nil, errors.New("bytes after the last action")
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s.index()
}

// inflaters are decompressors to use again: one is larger than most services.
var inflaters = sync.Pool{New: func() any { return flate.NewReader(strings.NewReader("")) }}

// expand decompresses what must come to exactly size bytes.
func expand(compressed string, size int) (string, error) {
	inflater := inflaters.Get().(io.Reader)
	defer inflaters.Put(inflater)
	if err := inflater.(flate.Resetter).Reset(strings.NewReader(compressed), nil); err != nil {
		return "", err
	}
	var out strings.Builder
	out.Grow(size + 1)
	n, err := io.Copy(&out, io.LimitReader(inflater, int64(size)+1))
	switch {
	case err != nil:
		return "", err
	case n != int64(size):
		return "", fmt.Errorf("does not expand to %d bytes", size)
	}
	return out.String(), nil
}

// A reader reads what is in the index and in blocks.
type reader struct{ packed.Reader }

func (r *reader) string() string { return r.String(maxStringBytes) }

// length reads the length of a list, whose members take a byte each at least.
func (r *reader) length(limit uint64) int {
	n := r.Number(limit)
	if n > len(r.Data) {
		r.Err = packed.ErrTruncated
		return 0
	}
	return n
}

// strings reads a list of strings.
func (r *reader) strings() []string { return readList(r, r.string) }

// keys reads a list of condition keys.
func (r *reader) keys() []Key {
	return readList(r, func() Key {
		name, kind := r.string(), r.Number(2*uint64(Binary)+1)
		return Key{Name: name, Type: KeyType(kind / 2), Multivalued: kind&1 == 1}
	})
}

// readList reads a list of what read reads; nil if it is empty.
func readList[T any](r *reader, read func() T) []T {
	n := r.length(maxActions)
	if n == 0 {
		return nil
	}
	list := make([]T, 0, n)
	for range n {
		v := read()
		if r.Err != nil {
			return nil
		}
		list = append(list, v)
	}
	return list
}

// readLists reads a list of lists.
func readLists[T any](r *reader, read func() T) [][]T {
	return readList(r, func() []T { return readList(r, read) })
}

// member is the member of that number, or zero and an error in the reader.
func member[T any](r *reader, of []T, number int) (v T) {
	if number >= len(of) {
		if r.Err == nil {
			r.Err = fmt.Errorf("no member %d in a list of %d", number, len(of))
		}
		return v
	}
	return of[number]
}

// listed reads the number of a list, and returns that list.
func listed[T any](r *reader, of [][]T) []T {
	n := r.Number(maxActions)
	if n == 0 {
		return nil
	}
	return member(r, of, n-1)
}
