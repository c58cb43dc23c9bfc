package cloudtrail

import (
	"context"
	"slices"
	"time"

	"sallyport/internal/api/cloudtrailapi"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Entries reads the journal's entries; *state.Store does.
type Entries interface {
	Entries(ctx context.Context, id state.StreamID, after state.Revision, limit int) ([]state.Entry, error)
	RevisionAt(ctx context.Context, id state.StreamID, t time.Time) (state.Revision, error)
}

// Blocks finds the blocks of an account; every [journal.Store] does.
type Blocks interface {
	FindBlocks(ctx context.Context, q journal.BlockQuery) ([]journal.Block, error)
}

// A Service answers for the records of every account.
type Service struct {
	entries Entries
	blocks  Blocks
	tokens  tokens
	// maxRead and maxPageBytes, but for tests
	read, pageBytes int
}

// New returns the service. The sealer seals page tokens.
func New(entries Entries, blocks Blocks, sealer state.Sealer) *Service {
	return &Service{entries: entries, blocks: blocks, tokens: tokens{sealer}, read: maxRead, pageBytes: maxPageBytes}
}

// Operations lists what the service serves.
func (s *Service) Operations() []operation.Definition {
	return []operation.Definition{
		operation.Reads(cloudtrailapi.OpLookupEvents, authorize, s.lookupEvents),
	}
}

// authorize asks for the action on everything: it has no resource
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html).
func authorize(*operation.Call, state.Reader, *cloudtrailapi.LookupEventsRequest) ([]operation.Check, error) {
	return []operation.Check{{Action: "cloudtrail:LookupEvents", Resource: "*", Unnamed: true}}, nil
}

func (s *Service) lookupEvents(c *operation.Call, r state.Reader, in *cloudtrailapi.LookupEventsRequest) (*cloudtrailapi.LookupEventsResponse, error) {
	q, err := newQuery(c.Now, in)
	if err != nil {
		return nil, err
	}
	account := c.Caller.Account()
	var from cursor
	if in.NextToken != nil {
		if from, err = s.tokens.open(account, in); err != nil {
			return nil, cloudtrailapi.InvalidNextTokenException("The NextToken is not valid for this account and these parameters.")
		}
		from.revision = min(from.revision, r.Revision())
	} else if from, err = s.start(c.Context, r, q); err != nil {
		return nil, err
	}
	out := &cloudtrailapi.LookupEventsResponse{Events: []cloudtrailapi.Event{}}
	if in.EventCategory != nil { // insight: no events of that category are made
		return out, nil
	}
	next, more, err := s.fill(c.Context, account, q, from, out)
	if err != nil {
		return nil, err
	}
	// Within a second the order is that of the records.
	slices.SortStableFunc(out.Events, func(a, b cloudtrailapi.Event) int { return b.EventTime.Compare(*a.EventTime) })
	if more {
		token, err := s.tokens.seal(account, in, next)
		if err != nil {
			return nil, err
		}
		out.NextToken = &token
	}
	return out, nil
}

// start is the place of the newest record that can be wanted.
func (s *Service) start(ctx context.Context, r state.Reader, q *query) (cursor, error) {
	if q.end.IsZero() {
		return cursor{revision: r.Revision(), block: place{last: endOfTime, cursor: 1<<63 - 1}}, nil
	}
	until := q.end.Add(lag)
	revision, err := s.entries.RevisionAt(ctx, r.Stream(), until)
	if err != nil {
		return cursor{}, err
	}
	return cursor{revision: min(revision, r.Revision()), block: place{last: until.UnixNano(), cursor: 1<<63 - 1}}, nil
}

// fill adds a page's events to out. more says that there may be others, from next on.
func (s *Service) fill(ctx context.Context, account string, q *query, from cursor, out *cloudtrailapi.LookupEventsResponse) (next cursor, more bool, err error) {
	m := s.merge(account, q, from)
	limit := s.read
	if q.key != "" && q.needle == nil {
		limit /= parsing
	}
	for bytes, passed := 0, false; ; passed = true {
		record, err := m.peek(ctx)
		if err != nil || record == nil {
			return cursor{}, false, err
		}
		// Every call gets on by a record at least.
		if len(out.Events) == q.limit || passed && (bytes >= s.pageBytes || m.spent() > limit) {
			return m.cursor(), true, nil
		}
		event, err := q.event(record)
		if err != nil {
			return cursor{}, false, err
		}
		if event != nil {
			bytes += len(record)
			out.Events = append(out.Events, *event)
		}
		m.pass()
	}
}
