package state

import (
	"crypto/sha256"
	"time"

	"sallyport/internal/journal"
)

// A Chain checks the entries of one stream as they come: each must decode,
// follow its predecessor by revision, time and hash and, with a schema, apply to
// the state before it. It is [Verify] for entries that are on their way.
type Chain struct {
	schema *Schema
	view   *View
}

// NewChain starts a stream's chain before its first entry. With a nil schema
// rows are not looked into, and nothing is kept of an entry but its hash.
func NewChain(id StreamID, schema *Schema) (*Chain, error) {
	if err := checkStream(id); err != nil {
		return nil, err
	}
	rows := schema
	if rows == nil {
		rows = &Schema{}
	}
	return &Chain{schema: schema, view: emptyView(id, rows)}, nil
}

// Next checks the next entry. After an error the chain is of no use.
func (c *Chain) Next(stored journal.Entry) error { return c.view.verify(c.schema, stored) }

// Stream is the stream the chain is of.
func (c *Chain) Stream() StreamID { return c.view.stream }

// Revision is the last entry's revision, 0 before the first.
func (c *Chain) Revision() Revision { return c.view.revision }

// Time is the last entry's time.
func (c *Chain) Time() time.Time { return c.view.time }

// Head is the hash of the last entry's stored bytes.
func (c *Chain) Head() [sha256.Size]byte { return c.view.head }
