package pdp

import (
	"context"
	"fmt"
	"time"

	"sallyport/authz"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
)

// A PDP decides checks. It is safe for concurrent use.
type PDP struct {
	documents documentCache
	sets      setCache
	gathered  gatheredCache
	// reasonOptions has denials name the managed policy that denied, as AWS
	// does since early 2026 within an account or organization. Every managed
	// policy gathered here is of the caller's own account.
	reasonOptions []authz.ReasonOption

	history   History
	replaying chan struct{} // holds one token for each view being rebuilt
}

// Options configure a PDP.
type Options struct {
	// HideDenyingPolicy leaves policy ARNs out of denial messages.
	HideDenyingPolicy bool
	// History gives accounts as they were, for EvaluateAt.
	History History
}

// History gives streams as they were; *state.Store is one.
type History interface {
	ViewAt(ctx context.Context, id state.StreamID, at state.Revision) (*state.View, error)
	RevisionAt(ctx context.Context, id state.StreamID, t time.Time) (state.Revision, error)
}

// New returns a PDP with empty caches.
func New(o Options) *PDP {
	p := &PDP{history: o.History, replaying: make(chan struct{}, maxReplays)}
	if !o.HideDenyingPolicy {
		p.reasonOptions = []authz.ReasonOption{authz.WithPolicyARN}
	}
	p.documents.init()
	p.sets.init()
	p.gathered.init()
	return p
}

// Decide answers one check of a call. home is the state of the caller's
// account: the tentative view of a transaction, or a committed one. The error
// is for state that can't be decided on, such as a stored policy that does not
// compile; the caller must refuse the request.
func (p *PDP) Decide(call *operation.Call, home state.Reader, check *operation.Check) (authz.Decision, error) {
	var ctx requestContext
	var request authz.Request
	policies, err := p.prepare(call, home, check, &ctx, &request)
	if err != nil {
		return authz.Decision{}, err
	}
	return authz.Decide(&request, &policies), nil
}

// prepare gathers the policies that apply to a check, and fills the request and
// its context.
func (p *PDP) prepare(call *operation.Call, home state.Reader, check *operation.Check, ctx *requestContext, request *authz.Request) (authz.Policies, error) {
	caller := call.Caller
	policies, err := p.policies(caller, home)
	if err != nil {
		return policies, err
	}
	if check.Trust != nil {
		policies.Resource, err = p.resourceSet(check.Trust)
		if err != nil {
			return policies, err
		}
		policies.ResourceDecides = authz.ResourceDecides(check.Action, check.Resource)
	}
	owner := check.Account
	if owner == "" {
		owner = caller.Account()
	}
	*ctx = requestContext{call: call, check: check, owner: owner}
	*request = authz.Request{
		Request: policy.Request{
			Principal: caller.Principal,
			Action:    check.Action,
			Resource:  check.Resource,
			Context:   ctx,
		},
		ResourceAccount: owner,
	}
	return policies, nil
}

// Authorize decides every check in order and returns a *Denial for the first
// that is not allowed.
func (p *PDP) Authorize(call *operation.Call, home state.Reader, checks []operation.Check) error {
	if len(checks) == 0 {
		return fmt.Errorf("pdp: %s came without anything to authorize", call.Op.Name)
	}
	for i := range checks {
		d, err := p.Decide(call, home, &checks[i])
		if err != nil {
			return err
		}
		if !d.Allowed() || checks[i].Refused {
			return p.denial(call, &checks[i], d)
		}
	}
	return nil
}
