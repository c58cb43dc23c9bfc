package pdp

import (
	"context"
	"errors"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// maxReplays bounds how many past views are in memory at once: each is as
// large as its account.
const maxReplays = 2

// wirePrecision is that of the times in replies, which clients give back: a
// change at a time as printed happened before that unit of time was over.
const wirePrecision = time.Millisecond

// authorizeEvaluateAt asks for sallyport:EvaluateAt on the principal whose
// permissions are looked at, whether or not it exists any more.
func authorizeEvaluateAt(_ *operation.Call, _ state.Reader, in *sallyportapi.EvaluateAtRequest) ([]operation.Check, error) {
	return []operation.Check{{Action: "sallyport:EvaluateAt", Resource: *in.PrincipalArn}}, nil
}

// evaluateAt decides a request that nobody made, with the account as it was.
func (p *PDP) evaluateAt(c *operation.Call, r state.Reader, in *sallyportapi.EvaluateAtRequest) (*sallyportapi.EvaluateAtResponse, error) {
	at, err := p.revision(c, r, in)
	if err != nil {
		return nil, err
	}
	release, err := p.replay(c.Context)
	if err != nil {
		return nil, err
	}
	defer release()
	view, err := p.history.ViewAt(c.Context, r.Stream(), at)
	if errors.Is(err, state.ErrNoRevision) {
		return nil, api.ValidationError(c.Op.Service, "The account has no revision %d.", at)
	}
	if err != nil {
		return nil, err
	}
	then := *c
	then.Now = view.Time()
	if in.Time != nil {
		then.Now = *in.Time
	}
	out, err := p.evaluate(&then, view, &sallyportapi.EvaluateRequest{
		PrincipalArn: in.PrincipalArn, Action: in.Action, ResourceArn: in.ResourceArn,
		Context: in.Context, ResourcePolicy: in.ResourcePolicy, ResourceAccount: in.ResourceAccount, Explain: in.Explain,
		SessionPolicy: in.SessionPolicy,
	})
	if err != nil {
		return nil, err
	}
	return &sallyportapi.EvaluateAtResponse{
		Decision: out.Decision, DecidedBy: out.DecidedBy, Reason: out.Reason,
		Revision: new(int64(view.Revision())), Time: new(view.Time()), Explanation: out.Explanation,
	}, nil
}

// revision is the account's revision that the input asks for. It is never
// later than the view the call was authorized on.
func (p *PDP) revision(c *operation.Call, r state.Reader, in *sallyportapi.EvaluateAtRequest) (state.Revision, error) {
	invalid := func(format string, args ...any) (state.Revision, error) {
		return 0, api.ValidationError(c.Op.Service, format, args...)
	}
	switch {
	case (in.Revision == nil) == (in.Time == nil):
		return invalid("Exactly one of Revision and Time must be given.")
	case in.Revision != nil:
		if at := state.Revision(*in.Revision); at <= r.Revision() {
			return at, nil
		}
		return invalid("The account has no revision %d.", *in.Revision)
	case in.Time.After(c.Now):
		return invalid("Time is in the future.")
	}
	at, err := p.history.RevisionAt(c.Context, r.Stream(), in.Time.Add(wirePrecision-1))
	if err != nil {
		return 0, err
	}
	if at = min(at, r.Revision()); at == 0 {
		return invalid("The account did not exist at that time.")
	}
	return at, nil
}

// replay waits until another past view may be built. release must be called
// when it is no longer used.
func (p *PDP) replay(ctx context.Context) (release func(), err error) {
	select {
	case p.replaying <- struct{}{}:
		return func() { <-p.replaying }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
