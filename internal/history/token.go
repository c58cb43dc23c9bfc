package history

import (
	"encoding/binary"
	"errors"
	"strconv"
	"time"

	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/seal"
	"sallyport/internal/state"
)

// tokenPurpose separates the key of page tokens from other uses of the sealer.
const tokenPurpose = "history-token"

// maxID bounds the unique id in a token.
const maxID = 128

// maxToken bounds a token before it is decoded, in bytes.
const maxToken = 512

var errToken = errors.New("history: not a token of this request")

// tokens seals cursors, so that a token is opaque, and bound to the account and
// the parameters it was given for.
type tokens struct{ sealer state.Sealer }

func (t tokens) seal(account string, in *sallyportapi.GetEntityHistoryRequest, c cursor) (string, error) {
	return seal.Text(t.sealer, tokenPurpose, binding(account, in), c.encode())
}

// open reads the NextToken of a request. Every defect is the same error.
func (t tokens) open(account string, in *sallyportapi.GetEntityHistoryRequest) (cursor, error) {
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

// binding is what a token holds for: all parameters but how large pages are.
// None of them holds a NUL.
func binding(account string, in *sallyportapi.GetEntityHistoryRequest) []byte {
	moment := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return strconv.FormatInt(t.UnixMilli(), 10)
	}
	return []byte(account + "\x00" + *in.Entity + "\x00" + moment(in.StartTime) + "\x00" + moment(in.EndTime))
}

// encode is the cursor's two revisions as uvarints, then the id.
func (c cursor) encode() []byte {
	b := binary.AppendUvarint(nil, uint64(c.upTo))
	b = binary.AppendUvarint(b, uint64(c.at))
	return append(b, c.id...)
}

// decodeCursor reads exactly what encode writes.
func decodeCursor(b []byte) (cursor, bool) {
	upTo, n := binary.Uvarint(b)
	if n <= 0 {
		return cursor{}, false
	}
	at, m := binary.Uvarint(b[n:])
	if m <= 0 {
		return cursor{}, false
	}
	c := cursor{state.Revision(upTo), state.Revision(at), string(b[n+m:])}
	ok := upTo >= 1 && at <= upTo && (at == 0) == (c.id == "") && len(c.id) <= maxID && string(c.encode()) == string(b)
	return c, ok
}
