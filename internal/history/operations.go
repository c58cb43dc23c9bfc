package history

import (
	"context"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

const (
	// defaultResults is how many changes a page has when MaxResults is not
	// given, as CloudTrail's LookupEvents has.
	defaultResults = 50
	// maxScan is how many entries one call adds to an index at most.
	maxScan = 10_000
	// maxPageBytes ends a page early: so many bytes of documents are enough.
	maxPageBytes = 1 << 20
	// wirePrecision is that of the times in replies, which clients give back.
	wirePrecision = time.Millisecond
)

// Store reads the journal; *state.Store is one.
type Store interface {
	Entries(ctx context.Context, id state.StreamID, after state.Revision, limit int) ([]state.Entry, error)
	RevisionAt(ctx context.Context, id state.StreamID, t time.Time) (state.Revision, error)
}

// A Service answers for the history of every account.
type Service struct {
	store   Store
	tokens  tokens
	indexes indexes
	// maxScan and maxPageBytes, but for tests
	scan, pageBytes int
}

// New returns the service. The sealer seals page tokens.
func New(store Store, sealer state.Sealer) *Service {
	return &Service{store: store, tokens: tokens{sealer}, indexes: indexes{touches: maxTouches}, scan: maxScan, pageBytes: maxPageBytes}
}

// Operations lists what the service serves.
func (s *Service) Operations() []operation.Definition {
	return []operation.Definition{
		operation.Reads(sallyportapi.OpGetEntityHistory, s.authorize, s.getEntityHistory),
	}
}

// authorize asks for sallyport:GetEntityHistory on the ARN that the request
// names, whether or not an entity bears it; for a unique id, on the ARN that
// the entity has or had last. The denial then names the id alone.
func (s *Service) authorize(c *operation.Call, r state.Reader, in *sallyportapi.GetEntityHistoryRequest) ([]operation.Check, error) {
	account := c.Caller.Account()
	check := operation.Check{Action: "sallyport:GetEntityHistory", Resource: *in.Entity}
	id := parse(account, *in.Entity).id
	if id == "" {
		check.ResourceTags = tagsOfARN(r, account, *in.Entity)
		return []operation.Check{check}, nil
	}
	check.Name = id
	var found bool
	if check.Resource, check.ResourceTags, found = living(r, account, id); !found {
		var err error
		if check.Resource, err = s.lastARN(c, r, id); err != nil {
			return nil, err
		}
	}
	return []operation.Check{check}, nil
}

// lastARN is the ARN that an entity had when it was deleted. Whether the caller
// may see it is decided on the answer, so that a denied call too may have made
// the index grow.
func (s *Service) lastARN(c *operation.Call, r state.Reader, id string) (string, error) {
	account := c.Caller.Account()
	x := s.indexes.of(account)
	defer s.indexes.trim(x)
	reached, err := x.extend(c.Context, s.store, r.Revision(), s.scan)
	if err != nil {
		return "", err
	}
	if !reached {
		return "", sallyportapi.ThrottlingException("The account's history is still being read. Try again.")
	}
	if !x.has(id, r.Revision()) {
		return unknown(account, id), nil
	}
	return x.arnAt(id, r.Revision()), nil
}

func (s *Service) getEntityHistory(c *operation.Call, r state.Reader, in *sallyportapi.GetEntityHistoryRequest) (*sallyportapi.GetEntityHistoryResponse, error) {
	account := c.Caller.Account()
	cursor := cursor{upTo: r.Revision()}
	if in.NextToken != nil {
		var err error
		if cursor, err = s.tokens.open(account, in); err != nil {
			return nil, api.ValidationError(c.Op.Service, "Invalid NextToken.")
		}
		cursor.upTo = min(cursor.upTo, r.Revision())
	}
	x := s.indexes.of(account)
	defer s.indexes.trim(x)
	reached, err := x.extend(c.Context, s.store, cursor.upTo, s.scan)
	if err != nil {
		return nil, err
	}
	out := &sallyportapi.GetEntityHistoryResponse{Events: []sallyportapi.EntityEvent{}}
	if !reached {
		return s.andMore(account, in, out, cursor)
	}
	q := query{asked: parse(account, *in.Entity), cursor: cursor, limit: defaultResults}
	if in.MaxResults != nil {
		q.limit = int(*in.MaxResults)
	}
	if q.first, q.last, err = s.between(c, r, in); err != nil {
		return nil, err
	}
	plan, more, found := x.page(q)
	if !found {
		return nil, sallyportapi.NoSuchEntityException("The entity %s cannot be found.", *in.Entity)
	}
	reader := reader{x: x, store: s.store, ctx: c.Context}
	for i, planned := range plan {
		event, err := reader.event(planned)
		if err != nil {
			return nil, err
		}
		out.Events = append(out.Events, *event)
		cursor.at, cursor.id = planned.at, planned.entity.id
		if reader.bytes >= s.pageBytes && i+1 < len(plan) {
			more = true
			break
		}
	}
	if !more {
		return out, nil
	}
	return s.andMore(account, in, out, cursor)
}

// andMore is a page with a token for the one after it.
func (s *Service) andMore(account string, in *sallyportapi.GetEntityHistoryRequest, out *sallyportapi.GetEntityHistoryResponse, next cursor) (*sallyportapi.GetEntityHistoryResponse, error) {
	token, err := s.tokens.seal(account, in, next)
	if err != nil {
		return nil, err
	}
	out.NextToken = &token
	return out, nil
}

// between are the first and last revision within the times asked for. A change
// at a time as printed happened before that unit of time was over.
func (s *Service) between(c *operation.Call, r state.Reader, in *sallyportapi.GetEntityHistoryRequest) (first, last state.Revision, err error) {
	first, last = 1, r.Revision()
	if in.StartTime != nil && in.EndTime != nil && in.EndTime.Before(*in.StartTime) {
		return 0, 0, api.ValidationError(c.Op.Service, "EndTime must not be before StartTime.")
	}
	if in.StartTime != nil {
		before, err := s.store.RevisionAt(c.Context, r.Stream(), in.StartTime.Add(-1))
		if err != nil {
			return 0, 0, err
		}
		first = before + 1
	}
	if in.EndTime != nil {
		if last, err = s.store.RevisionAt(c.Context, r.Stream(), in.EndTime.Add(wirePrecision-1)); err != nil {
			return 0, 0, err
		}
	}
	return first, last, nil
}
