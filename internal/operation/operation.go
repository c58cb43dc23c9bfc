package operation

import (
	"context"
	"fmt"
	"sort"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/state"
	"sallyport/policy/condition"
)

// A Call is one request for one operation, after authentication and decoding.
type Call struct {
	// Context ends when the client is gone. Handlers that read more than their
	// account's view pass it on.
	Context   context.Context
	Op        *api.Operation
	Caller    *Caller
	RequestID string
	// Now is the time the request was received, UTC. Handlers of changes take
	// the time of their transaction instead.
	Now       time.Time
	Region    string
	SourceIP  string
	UserAgent string
	Secure    bool
	// Evaluated marks a call that nobody made: it came over no connection, and
	// what it would carry is for the conditions under test to say.
	Evaluated bool

	done map[any]any // of [Outside]
	kept map[any]any // of [Kept]
}

// A Check is one authorization a call needs: an action on a resource, with the
// condition keys that this action fills beside the global ones.
type Check struct {
	// Action is "service:Operation", as policies name it.
	Action string
	// Resource is the ARN the action is asked on.
	Resource string
	// Name is how the service's denial names the resource ("user alice");
	// empty for the ARN itself.
	Name string
	// Account owns the resource; empty for the caller's own account.
	Account string
	// Keys are the condition keys particular to the action.
	Keys condition.Map
	// RequestTags are the tags the request passes (aws:RequestTag/…,
	// aws:TagKeys); TagKeys are keys named without values (Untag…).
	RequestTags []Tag
	TagKeys     []string
	// ResourceTags are the tags of the resource as it stands
	// (aws:ResourceTag/…, and iam:ResourceTag/… of users and roles).
	ResourceTags []Tag
	// Trust is the resource's own policy, when it has one that counts.
	Trust *ResourcePolicy
	// Terse leaves the reason out of the denial, as AWS does for
	// sts:AssumeRole.
	Terse bool
	// Unnamed leaves the resource out of the denial, as STS does for an action
	// that has none.
	Unnamed bool
	// Refused denies the check whatever the policies say, in the words of an
	// implicit denial: the resource does not exist and the caller must not learn
	// so, or the action is not for the caller's account.
	Refused bool
}

// A ResourcePolicy is the policy attached to the resource of a Check.
type ResourcePolicy struct {
	Document string
	// ARN names the resource that owns the policy.
	ARN string
}

// A Definition is an operation as it is served.
type Definition struct {
	Op *api.Operation
	// Identify finds out who calls an operation that is not signed, by the input
	// alone: it is the first door of such an operation, and nil for every other.
	// c has no caller yet. account is the account that the call is about, whoever
	// makes it, for the record of failures; empty when it can't be told.
	Identify func(c *Call, in any) (caller *Caller, account string, err error)
	// Checks lists what the call must be authorized for, in the order AWS
	// reports denials. Open operations have none and say why.
	Checks func(c *Call, r state.Reader, in any) ([]Check, error)
	Open   string
	// Exactly one of Read and Write is set. Write runs inside the writer and
	// may run more than once.
	Read  func(c *Call, r state.Reader, in any) (any, error)
	Write func(c *Call, tx *state.Tx, in any) (any, error)
	// NotReadOnly has the record of a read say that it is none, as CloudTrail's
	// does for some calls that issue credentials.
	NotReadOnly bool
	// Issues says that the reply carries credentials, so that its audit record
	// is on disk before it is sent.
	Issues bool
}

// Mutates reports whether the operation changes state.
func (d *Definition) Mutates() bool { return d.Write != nil }

// Reads defines an operation that changes nothing.
func Reads[In, Out any](op *api.Operation, checks func(*Call, state.Reader, *In) ([]Check, error), read func(*Call, state.Reader, *In) (*Out, error)) Definition {
	return Definition{
		Op:     op,
		Checks: typed(checks),
		Read: func(c *Call, r state.Reader, in any) (any, error) {
			return result(read(c, r, in.(*In)))
		},
	}
}

// Identifies defines, of an operation that is not signed, how its callers are
// identified.
func Identifies[In any](d Definition, identify func(*Call, *In) (*Caller, string, error)) Definition {
	d.Identify = func(c *Call, in any) (*Caller, string, error) { return identify(c, in.(*In)) }
	return d
}

// Writes defines an operation that changes state.
func Writes[In, Out any](op *api.Operation, checks func(*Call, state.Reader, *In) ([]Check, error), write func(*Call, *state.Tx, *In) (*Out, error)) Definition {
	return Definition{
		Op:     op,
		Checks: typed(checks),
		Write: func(c *Call, tx *state.Tx, in any) (any, error) {
			return result(write(c, tx, in.(*In)))
		},
	}
}

func typed[In any](checks func(*Call, state.Reader, *In) ([]Check, error)) func(*Call, state.Reader, any) ([]Check, error) {
	if checks == nil {
		return nil
	}
	return func(c *Call, r state.Reader, in any) ([]Check, error) { return checks(c, r, in.(*In)) }
}

// result keeps a nil *Out from becoming a non-nil any.
func result[Out any](out *Out, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return out, nil
}

// A Table holds every operation that is served, by its modelled operation.
type Table struct {
	defs map[*api.Operation]*Definition
}

// NewTable returns the table of defs. It panics on a definition that is
// registered twice or is neither authorized nor said to be open: such a build
// must not start.
func NewTable(defs ...[]Definition) *Table {
	t := &Table{defs: make(map[*api.Operation]*Definition)}
	for _, group := range defs {
		for i := range group {
			t.add(&group[i])
		}
	}
	return t
}

func (t *Table) add(d *Definition) {
	switch {
	case d.Op == nil:
		panic("operation: a definition names no operation of the model")
	case t.defs[d.Op] != nil:
		panic(fmt.Sprintf("operation: %s is registered twice", d.Op.Name))
	case (d.Checks == nil) == (d.Open == ""):
		panic(fmt.Sprintf("operation: %s must have checks, or say why it is open to every caller", d.Op.Name))
	case d.Op.Unsigned != (d.Identify != nil):
		panic(fmt.Sprintf("operation: %s must identify its callers if, and only if, it is not signed", d.Op.Name))
	case (d.Read == nil) == (d.Write == nil):
		panic(fmt.Sprintf("operation: %s must either read or write", d.Op.Name))
	}
	t.defs[d.Op] = d
}

// Lookup returns the definition of op, if it is served.
func (t *Table) Lookup(op *api.Operation) (*Definition, bool) {
	d, ok := t.defs[op]
	return d, ok
}

// All returns every definition, ordered by service and name.
func (t *Table) All() []*Definition {
	all := make([]*Definition, 0, len(t.defs))
	for _, d := range t.defs {
		all = append(all, d)
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i].Op, all[j].Op
		if a.Service != b.Service {
			return a.Service.SigningName < b.Service.SigningName
		}
		return a.Name < b.Name
	})
	return all
}
