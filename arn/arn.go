package arn

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// MaxBytes is the longest ARN that Parse accepts.
const MaxBytes = 2048

// ErrTooLong is returned for text longer than MaxBytes.
var ErrTooLong = errors.New("arn: longer than 2048 bytes")

// An ARN names one resource. Region and Account may be empty.
type ARN struct {
	Partition string // "aws", "aws-cn", "aws-us-gov"
	Service   string // service namespace, "iam"
	Region    string // "us-east-1"; empty for global services
	Account   string // twelve digits, or "aws" for what AWS itself owns
	Resource  string // all that follows the fifth colon, never empty
}

// Parse splits an ARN into its fields. The text must begin with "arn:", have
// all six fields, name a partition, a service and a resource, and be valid
// UTF-8 of at most MaxBytes bytes. Wildcards are not treated specially: use
// CompilePattern for those.
func Parse(s string) (ARN, error) {
	if len(s) > MaxBytes {
		return ARN{}, ErrTooLong
	}
	if !utf8.ValidString(s) {
		return ARN{}, errors.New("arn: invalid UTF-8")
	}
	t := Split(s)
	if !t.isARN {
		return ARN{}, fmt.Errorf("arn: %q is not an ARN", s)
	}
	a := ARN{Partition: t.field(1), Service: t.field(2), Region: t.field(3), Account: t.field(4), Resource: t.field(5)}
	switch {
	case a.Partition == "":
		return ARN{}, fmt.Errorf("arn: %q has no partition", s)
	case a.Service == "":
		return ARN{}, fmt.Errorf("arn: %q has no service", s)
	case a.Resource == "":
		return ARN{}, fmt.Errorf("arn: %q has no resource", s)
	}
	return a, nil
}

// String prints the ARN; Parse of the result gives the same fields.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.Account + ":" + a.Resource
}

// fieldCount is the number of fields of an ARN, "arn" itself included.
const fieldCount = 6

// A Target is text split once so that many patterns can be matched against it
// without allocating. It may be any text: only the pattern "*" matches text
// that is not an ARN.
type Target struct {
	text   string
	colons [fieldCount - 1]int32 // where the first five are
	isARN  bool
	// resource is the last field, which nearly every pattern is compared with.
	resource string
}

// commonStart is how nearly all ARNs begin.
const commonStart = "arn:aws:"

// Split prepares text for matching. It does not validate.
func Split(s string) Target {
	var t Target
	t.Set(s)
	return t
}

// Set makes the target one of this text; see Split.
func (t *Target) Set(s string) {
	t.text, t.isARN, t.resource = s, false, ""
	field, start := 0, 0
	if strings.HasPrefix(s, commonStart) {
		t.colons[0], t.colons[1] = int32(len("arn")), int32(len("arn:aws"))
		field, start = 2, len(commonStart)
	}
	for ; field < len(t.colons); field++ {
		colon := strings.IndexByte(s[start:], ':')
		if colon < 0 || len(s) > math.MaxInt32 {
			return
		}
		start += colon + 1
		t.colons[field] = int32(start - 1)
	}
	t.isARN = s[:t.colons[0]] == "arn"
	t.resource = s[start:]
}

// field returns field i of what is an ARN.
func (t *Target) field(i int) string {
	switch i {
	case 0:
		return t.text[:t.colons[0]]
	case fieldCount - 1:
		return t.resource
	}
	return t.text[t.colons[i-1]+1 : t.colons[i]]
}

// IsARN reports whether the text has the six fields of an ARN.
func (t *Target) IsARN() bool { return t.isARN }

// Text returns the whole text.
func (t *Target) Text() string { return t.text }

// Partition, Service, Region, Account and Resource return a field, or "" if the text
// is no ARN; Resource is all that follows the fifth colon.
func (t *Target) Partition() string { return t.known(1) }
func (t *Target) Service() string   { return t.known(2) }
func (t *Target) Region() string    { return t.known(3) }
func (t *Target) Account() string   { return t.known(4) }
func (t *Target) Resource() string  { return t.known(fieldCount - 1) }

func (t *Target) known(i int) string {
	if !t.isARN {
		return ""
	}
	return t.field(i)
}
