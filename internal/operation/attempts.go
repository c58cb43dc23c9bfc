package operation

import "time"

// Attempts takes note of what callers try to do: every call of an operation that a
// known caller makes, allowed or not, by whatever decides on it
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html).
type Attempts interface {
	// Attempted notes that the caller asked for an action of a service, such as
	// "iam" and "ListUsers", in a Region. The names are those of a model or of the
	// catalogue, never text of the request, for each is kept; action is empty for
	// one that the service has not. It neither blocks nor fails, and does not
	// allocate for what was noted a moment ago.
	Attempted(caller *Caller, service, action, region string, at time.Time)
}
