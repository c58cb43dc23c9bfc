package history

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/journal"
	"sallyport/internal/state"
)

// reader turns planned events into events, with what their entries hold.
type reader struct {
	x     *index
	store Store
	ctx   context.Context
	bytes int // of documents so far
	// read are small entries that were read: one change's entry is often what
	// the next newer one looks back to.
	read map[state.Revision]*state.Entry
}

// keepEntry is the size in bytes up to which an entry is kept.
const keepEntry = 16 << 10

// event reads one event.
func (r *reader) event(p planned) (*sallyportapi.EntityEvent, error) {
	entry, err := r.entry(p.at)
	if err != nil {
		return nil, err
	}
	out := &sallyportapi.EntityEvent{
		EntityId: &p.entity.id, EntityArn: new(r.x.arnAt(p.entity.id, p.at)), Revision: new(int64(p.at)),
		EventTime: new(entry.Time), RequestId: &entry.RequestID, EventName: &entry.Operation, CallerArn: &entry.Caller,
		Changes: []sallyportapi.EntityChange{},
	}
	if err := addSource(out, entry.Audit); err != nil {
		return nil, r.broken(p.at, err)
	}
	left := make(map[rowID]touch, len(p.touched))
	for _, t := range p.touched {
		left[t.row] = t
	}
	for i := range entry.Changes {
		c := &entry.Changes[i]
		t, ours := left[r.x.row(c.Table, c.Key)]
		if !ours {
			continue
		}
		delete(left, t.row)
		change, err := r.change(p, t, c)
		if err != nil {
			return nil, r.broken(p.at, err)
		}
		out.Changes = append(out.Changes, *change)
	}
	if len(left) > 0 {
		return nil, r.broken(p.at, fmt.Errorf("%d rows that were indexed are not in the entry", len(left)))
	}
	return out, nil
}

// change is one row of an event, before and after.
func (r *reader) change(p planned, t touch, c *state.Change) (*sallyportapi.EntityChange, error) {
	part := parts[c.Table]
	out := &sallyportapi.EntityChange{Kind: &part.kind, Name: new(part.name(r.x, p.entity.id, c.Key, p.at))}
	if t.before != 0 {
		value, err := r.value(t.before, c.Table, c.Key)
		if err != nil {
			return nil, err
		}
		if out.Before, err = r.document(part, value); err != nil {
			return nil, err
		}
	}
	if c.Value != nil {
		var err error
		if out.After, err = r.document(part, c.Value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *reader) document(p part, value []byte) (*string, error) {
	v, err := p.document(r.x.account, value)
	if err != nil {
		return nil, err
	}
	text, err := encode(v)
	r.bytes += len(text)
	return &text, err
}

// value is what the entry of a revision put into a row.
func (r *reader) value(at state.Revision, table, key string) ([]byte, error) {
	entry, err := r.entry(at)
	if err != nil {
		return nil, err
	}
	for _, c := range entry.Changes {
		if c.Table == table && c.Key == key && c.Value != nil {
			return c.Value, nil
		}
	}
	return nil, fmt.Errorf("revision %d does not put %s %q", at, table, key)
}

func (r *reader) entry(at state.Revision) (*state.Entry, error) {
	if e, ok := r.read[at]; ok {
		return e, nil
	}
	entries, err := r.store.Entries(r.ctx, state.AccountStream(r.x.account), at-1, 1)
	if err != nil {
		return nil, err
	}
	if len(entries) != 1 {
		return nil, r.broken(at, journal.ErrCorrupt)
	}
	e := &entries[0]
	size := len(e.Audit)
	for _, c := range e.Changes {
		size += len(c.Key) + len(c.Value)
	}
	if size <= keepEntry {
		if r.read == nil {
			r.read = make(map[state.Revision]*state.Entry)
		}
		r.read[at] = e
	}
	return e, nil
}

func (r *reader) broken(at state.Revision, err error) error {
	return fmt.Errorf("history of account %s, revision %d: %w", r.x.account, at, err)
}

// addSource says where a request came from, from its audit record. Entries of
// commands that were no request have none.
func addSource(out *sallyportapi.EntityEvent, record []byte) error {
	if record == nil {
		return nil
	}
	var source struct {
		SourceIPAddress string `json:"sourceIPAddress"`
		UserAgent       string `json:"userAgent"`
	}
	if err := json.Unmarshal(record, &source); err != nil {
		return fmt.Errorf("audit record: %w", err)
	}
	if source.SourceIPAddress != "" {
		out.SourceIpAddress = &source.SourceIPAddress
	}
	if source.UserAgent != "" {
		out.UserAgent = &source.UserAgent
	}
	return nil
}
