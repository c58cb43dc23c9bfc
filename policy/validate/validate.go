package validate

import (
	"fmt"

	"sallyport/policy"
)

// MaxBytes is the longest policy that can be stored, as the constraint of every
// policy parameter of the IAM API has it.
const MaxBytes = 131072

// An Error is a MalformedPolicyDocument error.
type Error struct {
	Message string // AWS's text
	// Cause is what the engine found, with a position where there is one; it may
	// be nil. It is for hints and logs, not part of AWS's message.
	Cause error
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

func malformed(message string) *Error { return &Error{Message: message} }

// Messages of identity policies.
const (
	msgSyntax       = "Syntax errors in policy."
	msgVersion      = "Policy document must be version 2012-10-17 or greater."
	msgLegacy       = "The policy failed legacy parsing"
	msgPrincipal    = "Policy document should not specify a principal."
	msgSidUnique    = "Statement IDs (SID) in a single policy must be unique."
	msgSidCharset   = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
	msgNoActions    = "Policy statement must contain actions."
	msgNoResources  = "Policy statement must contain resources."
	msgVendor       = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	msgOneColon     = "Actions/Condition can contain only one colon."
	msgVendorRegexp = "Resource vendor must be fully qualified and cannot contain regexes."
)

// knownVersion reports whether a version is one of the language's; an absent one
// is.
func knownVersion(v string) bool {
	return v == "" || v == policy.Version2008 || v == policy.Version2012
}

// both returns the items of an element and of its Not form.
func both(a, b *policy.List) []policy.Item {
	switch {
	case a != nil:
		return a.Items
	case b != nil:
		return b.Items
	}
	return nil
}

// parse is policy.Parse within MaxBytes.
func parse(src []byte) (*policy.Document, error) {
	if len(src) > MaxBytes {
		return nil, fmt.Errorf("validate: longer than %d bytes", MaxBytes)
	}
	return policy.Parse(src)
}
