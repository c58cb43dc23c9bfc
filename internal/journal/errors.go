package journal

import (
	"errors"
	"fmt"
)

// Errors callers tell apart with errors.Is. Drivers wrap them with detail that
// never holds the bytes of an entry, a secret or a fact.
var (
	// ErrNotFound: there is no such secret or (unexpired) fact.
	ErrNotFound = errors.New("journal: not found")
	// ErrInvalid: the arguments break a rule of the seam.
	ErrInvalid = errors.New("journal: invalid argument")
	// ErrTooLarge: a size limit of this package is exceeded.
	ErrTooLarge = errors.New("journal: too large")
	// ErrBatchReused: a batch id was used before for a batch with other content.
	ErrBatchReused = errors.New("journal: batch id reused for different content")
	// ErrBlockReused: a block's node and sequence were used before for other content.
	ErrBlockReused = errors.New("journal: audit block sequence reused for different content")
	// ErrFull: the storage has no space left. Nothing was written, and the call may
	// be repeated when there is space again.
	ErrFull = errors.New("journal: no space left")
	// ErrOutcomeUnknown: storage failed at the point of commit.
	ErrOutcomeUnknown = errors.New("journal: outcome of the write is unknown")
	// ErrFailed: an earlier storage error closed this store to writes until it is
	// opened again. Nothing was written.
	ErrFailed = errors.New("journal: store refuses writes after a storage error; reopen it")
	// ErrUnavailable: the storage could not be reached for as long as the driver
	// tries. Nothing was written, and the call may be repeated.
	ErrUnavailable = errors.New("journal: storage can't be reached")
	// ErrBehind: the storage lacks commits that were made or read through this store:
	// they are lost, or it is another copy that answers now.
	ErrBehind = errors.New("journal: storage lacks commits that it had")
	// ErrCorrupt: stored data contradicts itself.
	ErrCorrupt = errors.New("journal: stored data is corrupt")
	// ErrLocked: another process has the store open.
	ErrLocked = errors.New("journal: store is open in another process")
	// ErrClosed: the store is closed.
	ErrClosed = errors.New("journal: store is closed")
)

// ConflictError reports the first expectation of a batch that did not hold. Use
// errors.As with a *ConflictError.
type ConflictError struct {
	Stream           StreamID
	Expected, Actual Revision
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("journal: stream %q is at revision %d, not %d", string(e.Stream), e.Actual, e.Expected)
}
