package managed

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"
)

//go:generate go run ./gen

//go:embed policies.bin
var embedded string

// catalogue opens the embedded file once. The file is part of the program, so
// one that cannot be read is a broken build and not a condition to handle.
var catalogue = sync.OnceValue(func() *archive {
	a, err := openArchive(embedded)
	if err != nil {
		panic(fmt.Sprintf("managed: embedded policies.bin: %v", err))
	}
	return a
})

// ARNPrefix is what the ARN of every AWS managed policy begins with; the
// policy's path, which starts with a slash, and its name follow.
const ARNPrefix = "arn:aws:iam::aws:policy"

// Policy is one AWS managed policy. Values are shared between all callers and
// must not be modified.
type Policy struct {
	// ARN is the whole ARN, for example
	// arn:aws:iam::aws:policy/job-function/Billing.
	ARN string
	// Name is the policy's name, unique without regard to case among AWS
	// managed policies.
	Name string
	// Path begins and ends with a slash; it is "/" for most policies.
	Path string
	// ID is the policy's unique id: ANPA and 17 characters. The published
	// source has no ids, so this one is derived from the ARN: it differs from
	// AWS's but is the same in every deployment and release.
	ID string
	// DefaultVersionID names the version that Document returns, for example v7.
	DefaultVersionID string
	// CreateDate and UpdateDate are in UTC with a resolution of one second.
	// UpdateDate is when the default version was made.
	CreateDate, UpdateDate time.Time

	owner        *archive
	block        int
	offset, size int
}

// Document returns the policy document of the default version as JSON, laid
// out the way AWS does it: four spaces of indentation, one element per line.
// The caller owns the returned bytes.
func (p *Policy) Document() []byte {
	compact, err := p.owner.document(p)
	if err != nil {
		panic(fmt.Sprintf("managed: embedded policies.bin: %s: %v", p.Name, err))
	}
	var out bytes.Buffer
	out.Grow(2 * len(compact))
	if err := json.Indent(&out, compact, "", "    "); err != nil {
		panic(fmt.Sprintf("managed: embedded policies.bin: %s: %v", p.Name, err))
	}
	return out.Bytes()
}

// Lookup finds the policy with exactly this ARN. Like AWS, it tells upper from
// lower case and insists on the policy's path.
func Lookup(arn string) (*Policy, bool) {
	rest, ok := strings.CutPrefix(arn, ARNPrefix)
	if !ok {
		return nil, false
	}
	p, ok := LookupName(rest[strings.LastIndexByte(rest, '/')+1:])
	if !ok || p.ARN != arn {
		return nil, false
	}
	return p, true
}

// LookupName finds the policy with exactly this name, whatever its path.
func LookupName(name string) (*Policy, bool) {
	return catalogue().find(name)
}

// All iterates over every policy, ordered by name in byte order. It reads
// metadata only; no document is expanded.
func All() iter.Seq[*Policy] {
	return func(yield func(*Policy) bool) {
		policies := catalogue().policies
		for i := range policies {
			if !yield(&policies[i]) {
				return
			}
		}
	}
}

// Len returns the number of policies in the catalogue.
func Len() int { return len(catalogue().policies) }
