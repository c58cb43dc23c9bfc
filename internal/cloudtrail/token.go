package cloudtrail

import (
	"encoding/binary"
	"errors"
	"strconv"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/cloudtrailapi"
	"sallyport/internal/journal"
	"sallyport/internal/seal"
	"sallyport/internal/state"
)

// tokenPurpose separates the key of page tokens from other uses of the sealer.
const tokenPurpose = "lookup-token"

// maxToken bounds a token before it is decoded, in bytes.
const maxToken = 512

var errToken = errors.New("cloudtrail: not a token of this request")

// tokens seals cursors, so that a token is opaque, and bound to the account and the
// parameters it was given for.
type tokens struct{ sealer state.Sealer }

func (t tokens) seal(account string, in *cloudtrailapi.LookupEventsRequest, c cursor) (string, error) {
	return seal.Text(t.sealer, tokenPurpose, binding(account, in), c.encode())
}

// open reads the NextToken of a request. Every defect is the same error.
func (t tokens) open(account string, in *cloudtrailapi.LookupEventsRequest) (cursor, error) {
	plain, ok := seal.OpenText(t.sealer, tokenPurpose, binding(account, in), *in.NextToken, maxToken)
	if !ok {
		return cursor{}, errToken
	}
	c, ok := decodeCursor(plain)
	if !ok {
		return cursor{}, errToken
	}
	return c, nil
}

// binding is what a token holds for: all parameters but how large pages are. The
// attribute's value, which may hold anything, is last.
func binding(account string, in *cloudtrailapi.LookupEventsRequest) []byte {
	moment := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return strconv.FormatInt(t.UnixMilli(), 10)
	}
	b := []byte(account + "\x00" + moment(in.StartTime) + "\x00" + moment(in.EndTime) + "\x00" + api.Value(in.EventCategory))
	for _, a := range in.LookupAttributes {
		b = append(b, "\x00"+*a.AttributeKey+"\x00"+*a.AttributeValue...)
	}
	return b
}

// encode is the cursor's numbers as varints.
func (c cursor) encode() []byte {
	b := binary.AppendUvarint(nil, uint64(c.revision))
	b = binary.AppendVarint(b, c.block.last)
	b = binary.AppendUvarint(b, uint64(c.block.cursor))
	b = binary.AppendVarint(b, c.passed.key)
	b = binary.AppendUvarint(b, uint64(c.passed.cursor))
	return binary.AppendUvarint(b, uint64(c.passed.index))
}

// decodeCursor reads exactly what encode writes.
func decodeCursor(b []byte) (cursor, bool) {
	rest, whole := b, true
	unsigned := func() uint64 {
		v, n := binary.Uvarint(rest)
		whole = whole && n > 0
		rest = rest[max(n, 0):]
		return v
	}
	signed := func() int64 {
		v, n := binary.Varint(rest)
		whole = whole && n > 0
		rest = rest[max(n, 0):]
		return v
	}
	c := cursor{revision: state.Revision(unsigned())}
	c.block = place{last: signed(), cursor: journal.BlockCursor(unsigned())}
	c.passed = position{key: signed(), cursor: journal.BlockCursor(unsigned()), index: int(unsigned())}
	return c, whole && c.passed.index >= 0 && string(c.encode()) == string(b)
}
