// Command gen writes catalog/managed/policies.bin, the compressed catalogue of
// AWS managed policies, from models/aws-managed-policies.json.gz. Run it with
// "go generate ./catalog/managed". The result depends on nothing but the
// source and the pinned version of the compressor.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

const (
	// magic and the layout below it are described in ../archive.go.
	magic = "sallyport managed policies 1\n"

	// blockBytes is where a block ends. Larger blocks compress better;
	// smaller ones are cheaper to expand for a single document.
	blockBytes = 256 << 10

	// maxSourceBytes bounds the decompressed source.
	maxSourceBytes = 64 << 20
)

func main() {
	log.SetFlags(0)
	// go generate runs in the folder of the file that asks for it.
	source, err := os.ReadFile("../../models/aws-managed-policies.json.gz")
	if err != nil {
		log.Fatal(err)
	}
	out, err := build(source)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("policies.bin", out, 0o644); err != nil {
		log.Fatal(err)
	}
}

// entry is a policy in the source.
type entry struct {
	CreateDate       time.Time
	UpdateDate       time.Time
	DefaultVersionID string `json:"DefaultVersionId"`
	Path             string
	Document         document

	// PermissionsBoundaryUsageCount belongs to the account that recorded the
	// source and is not kept.
	PermissionsBoundaryUsageCount int
}

// document and statement name the elements in the order in which AWS writes
// them; the source has them in alphabetical order. An element that is not
// named here is an error in decode, so nothing can be lost.
type document struct {
	Version   string
	Statement statements
}

// statements is a list, or the single statement that the policy grammar allows
// in its place.
type statements struct {
	list   []statement
	single bool
}

type statement struct {
	Sid         string          `json:",omitempty"`
	Effect      string          `json:",omitempty"`
	Action      json.RawMessage `json:",omitempty"`
	NotAction   json.RawMessage `json:",omitempty"`
	Resource    json.RawMessage `json:",omitempty"`
	NotResource json.RawMessage `json:",omitempty"`
	Condition   json.RawMessage `json:",omitempty"`
}

func (s *statements) UnmarshalJSON(data []byte) error {
	if s.single = bytes.HasPrefix(data, []byte("{")); s.single {
		s.list = make([]statement, 1)
		return decodeStrict(data, &s.list[0])
	}
	return decodeStrict(data, &s.list)
}

// compact prints the document without white space.
func (d document) compact() ([]byte, error) {
	var statements any = d.Statement.list
	if d.Statement.single {
		statements = d.Statement.list[0]
	}
	var text bytes.Buffer
	plain := json.NewEncoder(&text)
	plain.SetEscapeHTML(false) // documents keep their <, > and & as they are
	err := plain.Encode(struct {
		Version   string
		Statement any
	}{d.Version, statements})
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}

func decodeStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// build turns the compressed source into the contents of policies.bin.
func build(source []byte) ([]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(source))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(unzipped, maxSourceBytes))
	if err != nil {
		return nil, err
	}
	var entries map[string]entry
	if err := decodeStrict(text, &entries); err != nil {
		return nil, err
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderCRC(true))
	if err != nil {
		return nil, err
	}
	b := builder{encoder: encoder}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if err := b.add(name, entries[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return b.finish(), nil
}

// builder collects the parts of the file.
type builder struct {
	encoder *zstd.Encoder

	paths    []string
	policies []byte // the index's list of policies
	count    int
	blocks   []byte // the index's list of blocks
	packed   []byte // the blocks themselves
	sealed   int    // number of blocks in packed
	current  []byte // the block being filled
}

func (b *builder) add(name string, e entry) error {
	version, err := strconv.ParseUint(strings.TrimPrefix(e.DefaultVersionID, "v"), 10, 16)
	if err != nil {
		return fmt.Errorf("version %q: %w", e.DefaultVersionID, err)
	}
	if e.UpdateDate.Before(e.CreateDate) {
		return fmt.Errorf("updated before it was created")
	}
	document, err := e.Document.compact()
	if err != nil {
		return err
	}

	if len(b.current) > 0 && len(b.current)+len(document) > blockBytes {
		b.seal()
	}
	path := slices.Index(b.paths, e.Path)
	if path < 0 {
		path = len(b.paths)
		b.paths = append(b.paths, e.Path)
	}
	b.policies = appendString(b.policies, name)
	for _, n := range []uint64{
		uint64(path), version, uint64(e.CreateDate.Unix()),
		uint64(e.UpdateDate.Unix() - e.CreateDate.Unix()),
		uint64(b.sealed), uint64(len(document)),
	} {
		b.policies = binary.AppendUvarint(b.policies, n)
	}
	b.current = append(b.current, document...)
	b.count++
	return nil
}

// seal compresses the current block and begins another.
func (b *builder) seal() {
	before := len(b.packed)
	b.packed = b.encoder.EncodeAll(b.current, b.packed)
	b.blocks = binary.AppendUvarint(b.blocks, uint64(len(b.packed)-before))
	b.blocks = binary.AppendUvarint(b.blocks, uint64(len(b.current)))
	b.sealed++
	b.current = b.current[:0]
}

func (b *builder) finish() []byte {
	if len(b.current) > 0 {
		b.seal()
	}
	index := binary.AppendUvarint(nil, uint64(len(b.paths)))
	for _, path := range b.paths {
		index = appendString(index, path)
	}
	index = binary.AppendUvarint(index, uint64(b.sealed))
	index = append(index, b.blocks...)
	index = binary.AppendUvarint(index, uint64(b.count))
	index = append(index, b.policies...)
	frame := b.encoder.EncodeAll(index, nil)

	out := binary.AppendUvarint([]byte(magic), uint64(len(frame)))
	out = binary.AppendUvarint(out, uint64(len(index)))
	out = append(out, frame...)
	return append(out, b.packed...)
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
