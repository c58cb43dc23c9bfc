package cloudtrail

import "time"

const (
	// defaultResults is how many events a page has when MaxResults is not given
	// (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html).
	defaultResults = 50
	// maxAge is how far back the event history goes
	// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html).
	maxAge = 90 * 24 * time.Hour
	// maxRead is how many bytes of records one call looks at, unpacked.
	maxRead = 32 << 20
	// parsing is how much more a record costs that must be read whole to know whether
	// it fits.
	parsing = 4
	// overhead is what a block or an entry counts for beside its records.
	overhead = 512
	// maxPageBytes ends a page early: so many bytes of records are enough.
	maxPageBytes = 1 << 20
	// lag is the longest a call may take from when it was received until it is on
	// record. A longer one may be missing where a range of time is asked for.
	lag = 5 * time.Minute
	// Of blocks and entries firstBatch are read at first, then as many as fetchBytes
	// hold by what they were like before, at most maxBatch.
	firstBatch = 8
	maxBatch   = 256
	fetchBytes = 4 << 20
)

// batch is how many to read next, when the last n had so many bytes together.
func batch(n, bytes int) int {
	if n == 0 {
		return firstBatch
	}
	return max(1, min(maxBatch, fetchBytes/(bytes/n+1)))
}
