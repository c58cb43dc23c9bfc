package arn

import (
	"errors"
	"fmt"
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
	if !t.isARN || t.fields[0] != "arn" {
		return ARN{}, fmt.Errorf("arn: %q is not an ARN", s)
	}
	a := ARN{Partition: t.fields[1], Service: t.fields[2], Region: t.fields[3], Account: t.fields[4], Resource: t.fields[5]}
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
	fields [fieldCount]string
	isARN  bool
}

// Split prepares text for matching. It does not validate.
func Split(s string) Target {
	t := Target{text: s}
	rest := s
	if strings.HasPrefix(s, commonStart) { // nearly all
		t.fields[0], t.fields[1], rest = s[:len("arn")], s[len("arn:"):len(commonStart)-1], s[len(commonStart):]
	}
	for i := range fieldCount - 1 {
		if t.fields[i] != "" {
			continue
		}
		colon := strings.IndexByte(rest, ':')
		if colon < 0 {
			return Target{text: s}
		}
		t.fields[i], rest = rest[:colon], rest[colon+1:]
	}
	t.fields[fieldCount-1] = rest
	t.isARN = t.fields[0] == "arn"
	return t
}

// commonStart is how the ARNs of most partitions' resources begin.
const commonStart = "arn:aws:"

// IsARN reports whether the text has the six fields of an ARN.
func (t *Target) IsARN() bool { return t.isARN }

// Text returns the whole text.
func (t *Target) Text() string { return t.text }

// Partition, Service, Account and Resource return a field, or "" if the text is no
// ARN; Resource is all that follows the fifth colon.
func (t *Target) Partition() string { return t.fields[1] }
func (t *Target) Service() string   { return t.fields[2] }
func (t *Target) Account() string   { return t.fields[4] }
func (t *Target) Resource() string  { return t.fields[fieldCount-1] }
