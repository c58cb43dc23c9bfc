package managed

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"sallyport/catalog/internal/packed"
)

// The layout of policies.bin. Every number is an unsigned varint.
//
//	magic
//	size of the compressed index, size of the index
//	index, one zstd frame
//	blocks of documents, each one zstd frame, one after another
//
// The index, when expanded:
//
//	number of paths, then each path:   length, bytes
//	number of blocks, then each block: compressed size, size
//	number of policies, then each policy, ordered by name:
//	    length of the name, name, path number, version number,
//	    creation (Unix seconds), update minus creation (seconds),
//	    block number, document size
//
// The documents of a block fill it exactly, in the order of the policies.
const (
	magic = "sallyport managed policies 1\n"

	// Limits that a damaged file cannot exceed. They are checked before
	// anything of the stated size is allocated.
	maxIndexBytes = 1 << 20
	maxBlockBytes = 1 << 20
	maxPaths      = 64
	maxBlocks     = 1024
	maxPolicies   = 16384
	maxStringLen  = 512 // IAM's limit for a path
	maxUnixSecond = 1 << 40

	// cachedBlocks bounds what expanded documents occupy: with blocks of
	// about 256 KiB, three quarters of a megabyte.
	cachedBlocks = 3
)

// block is a place in the file and what it expands to.
type block struct {
	start, end int
	size       int
}

// archive is an opened policies.bin.
type archive struct {
	file     string
	policies []Policy
	blocks   []block
	decoder  *zstd.Decoder

	mu    sync.Mutex
	cache [cachedBlocks]cached // most recently used first
}

// cached is one expanded block; data is nil in an unused place.
type cached struct {
	block int
	data  []byte
}

// openArchive reads and checks the index of a policies.bin. It does not expand
// any document.
func openArchive(file string) (*archive, error) {
	// One decoder without goroutines: DecodeAll works in the caller's.
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxBlockBytes))
	if err != nil {
		return nil, err
	}
	a := &archive{file: file, decoder: decoder}

	rest, ok := strings.CutPrefix(file, magic)
	if !ok {
		return nil, errors.New("not a policy catalogue of this version")
	}
	r := reader{packed.Reader{Data: rest}}
	compressed := r.Number(uint64(len(rest)))
	size := r.Number(maxIndexBytes)
	frame := r.Bytes(compressed)
	if r.Err != nil {
		return nil, fmt.Errorf("header: %w", r.Err)
	}
	index, err := a.expand(frame, size)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	if err := a.readIndex(string(index), len(file)-len(r.Data)); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	return a, nil
}

// readIndex fills blocks and policies; start is where the first block begins
// in the file.
func (a *archive) readIndex(index string, start int) error {
	r := reader{packed.Reader{Data: index}}
	paths := make([]string, r.Number(maxPaths))
	for i := range paths {
		paths[i] = r.string()
	}
	a.blocks = make([]block, r.Number(maxBlocks))
	for i := range a.blocks {
		compressed := r.Number(maxBlockBytes)
		a.blocks[i] = block{start: start, end: start + compressed, size: r.Number(maxBlockBytes)}
		start += compressed
	}
	if r.Err == nil && start != len(a.file) {
		return errors.New("blocks do not fill the file")
	}
	a.policies = make([]Policy, r.Number(maxPolicies))
	filled := make([]int, len(a.blocks))
	for i := range a.policies {
		if err := a.readPolicy(&r, &a.policies[i], paths, filled); err != nil {
			return fmt.Errorf("policy %d: %w", i, err)
		}
	}
	switch {
	case r.Err != nil:
		return r.Err
	case len(r.Data) != 0:
		return errors.New("bytes after the last policy")
	case !slices.IsSortedFunc(a.policies, func(x, y Policy) int { return strings.Compare(x.Name, y.Name) }):
		return errors.New("policies are not ordered by name")
	}
	for i, b := range a.blocks {
		if filled[i] != b.size {
			return fmt.Errorf("documents do not fill block %d", i)
		}
	}
	return nil
}

// readPolicy reads one policy; filled counts the bytes of each block that
// policies have claimed so far.
func (a *archive) readPolicy(r *reader, p *Policy, paths []string, filled []int) error {
	name := r.string()
	path := r.Number(maxPaths)
	version := r.Number(1 << 20)
	created := r.Number(maxUnixSecond)
	updated := created + r.Number(maxUnixSecond)
	block := r.Number(maxBlocks)
	size := r.Number(maxBlockBytes)
	switch {
	case r.Err != nil:
		return r.Err
	case name == "" || path >= len(paths) || block >= len(filled):
		return errors.New("out of range")
	}
	// Name and Path are parts of the ARN's memory, and IDs of policies are
	// short: the whole index stays near a quarter of a megabyte.
	arn := ARNPrefix + paths[path] + name
	*p = Policy{
		ARN:              arn,
		Name:             arn[len(arn)-len(name):],
		Path:             paths[path],
		ID:               uniqueID(arn),
		DefaultVersionID: "v" + strconv.Itoa(version),
		CreateDate:       time.Unix(int64(created), 0).UTC(),
		UpdateDate:       time.Unix(int64(updated), 0).UTC(),
		owner:            a,
		block:            block,
		offset:           filled[block],
		size:             size,
	}
	filled[block] += size
	if filled[block] > a.blocks[block].size {
		return errors.New("document outside its block")
	}
	return nil
}

// find returns the policy of that name by binary search.
func (a *archive) find(name string) (*Policy, bool) {
	i, ok := slices.BinarySearchFunc(a.policies, name,
		func(p Policy, name string) int { return strings.Compare(p.Name, name) })
	if !ok {
		return nil, false
	}
	return &a.policies[i], true
}

// document returns the compact document of p. The bytes belong to the cache
// and must only be read.
func (a *archive) document(p *Policy) ([]byte, error) {
	data, ok := a.cachedBlock(p.block)
	if !ok {
		// Expanded outside the lock: two callers may expand the same block,
		// which costs less than making readers of cached blocks wait.
		var err error
		b := a.blocks[p.block]
		if data, err = a.expand(a.file[b.start:b.end], b.size); err != nil {
			return nil, err
		}
		a.keep(p.block, data)
	}
	return data[p.offset : p.offset+p.size : p.offset+p.size], nil
}

// cachedBlock returns an expanded block and marks it as just used.
func (a *archive) cachedBlock(number int) ([]byte, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, c := range a.cache {
		if c.data != nil && c.block == number {
			copy(a.cache[1:i+1], a.cache[:i])
			a.cache[0] = c
			return c.data, true
		}
	}
	return nil, false
}

// keep puts an expanded block in front of the cache and drops the one that was
// used longest ago, or an older copy of the same block.
func (a *archive) keep(number int, data []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	last := slices.IndexFunc(a.cache[:], func(c cached) bool { return c.data != nil && c.block == number })
	if last < 0 {
		last = len(a.cache) - 1
	}
	copy(a.cache[1:last+1], a.cache[:last])
	a.cache[0] = cached{block: number, data: data}
}

// expand decompresses one frame that must come to exactly size bytes.
func (a *archive) expand(frame string, size int) ([]byte, error) {
	data, err := a.decoder.DecodeAll([]byte(frame), make([]byte, 0, size))
	if err != nil {
		return nil, err
	}
	if len(data) != size {
		return nil, fmt.Errorf("expands to %d bytes, not %d", len(data), size)
	}
	return data, nil
}

// uniqueID derives a policy id from an ARN, in IAM's form: the prefix of
// managed policies and 17 characters of base 32.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids.
func uniqueID(arn string) string {
	sum := sha256.Sum256([]byte(arn))
	var text [24]byte
	base32.StdEncoding.Encode(text[:], sum[:15])
	return "ANPA" + string(text[:17])
}

// A reader reads what is in the index.
type reader struct{ packed.Reader }

func (r *reader) string() string { return r.String(maxStringLen) }
