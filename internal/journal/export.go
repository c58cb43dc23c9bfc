package journal

import (
	"context"
	"time"
)

// Fact is a value kept outside of history, as [Exports] reads it.
type Fact struct {
	Key     string
	Value   []byte
	Expires time.Time // UTC; zero: never
}

// Visitor is handed what a store holds. Every function is required. What it is
// handed is its own to keep. An error ends the export, which returns it as it is.
type Visitor struct {
	// Entry is called for every entry, stream by stream in order of stream ids,
	// and by revision within a stream.
	Entry func(Entry) error
	// Secret is called for every secret, by stream and id, after all entries.
	Secret func(Secret) error
	// Fact is called for every fact, by key, after all secrets. Facts recorded by
	// Once have an empty value. Expired ones that were not swept yet are included.
	Fact func(Fact) error
	// Block is called for every audit block, by cursor, after all facts.
	Block func(Block) error
}

// Exports reads a store as a whole.
type Exports interface {
	// Export hands v everything the store holds as of one moment not before the
	// call, but for what is a cache (snapshots) or serves commits alone (remembered
	// batches, leases). Commits go on meanwhile.
	Export(ctx context.Context, v Visitor) error
}
