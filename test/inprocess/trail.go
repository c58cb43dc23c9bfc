package inprocess

import (
	"context"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/internal/audit"
	"sallyport/internal/journal"
)

// patience is how long records are waited for.
const patience = time.Minute

// A Record is what tests look at of an audit record.
type Record struct {
	EventVersion       string           `json:"eventVersion"`
	EventName          string           `json:"eventName"`
	EventSource        string           `json:"eventSource"`
	EventTime          time.Time        `json:"eventTime"`
	ErrorCode          string           `json:"errorCode"`
	ErrorMessage       string           `json:"errorMessage"`
	SourceIPAddress    string           `json:"sourceIPAddress"`
	UserAgent          string           `json:"userAgent"`
	AWSRegion          string           `json:"awsRegion"`
	RequestID          string           `json:"requestID"`
	EventID            string           `json:"eventID"`
	RecipientAccountID string           `json:"recipientAccountId"`
	SharedEventID      string           `json:"sharedEventID"`
	ReadOnly           bool             `json:"readOnly"`
	UserIdentity       map[string]any   `json:"userIdentity"`
	RequestParameters  map[string]any   `json:"requestParameters"`
	ResponseElements   map[string]any   `json:"responseElements"`
	Resources          []map[string]any `json:"resources"`
	EventType          string           `json:"eventType"`
	Additional         map[string]any   `json:"additionalEventData"`
	// Stream is where it was found: a stream of the journal, or "block".
	Stream string `json:"-"`
	// Raw is the record as stored.
	Raw string `json:"-"`
}

// Trail are all audit records so far: those of changes from the journal's
// entries, the others from its blocks. Records that are still gathered in memory
// are waited for, until every call made has one or a minute has passed.
func (s *Server) Trail() []Record {
	s.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		records := s.readTrail()
		if s.missing(records) == nil || time.Now().After(deadline) {
			return records
		}
	}
}

// SignIns are the records of the sign-in service, in order of time and then as they
// were stored, when there are at least n of them or a minute has passed.
func (s *Server) SignIns(n int) []Record {
	s.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		records := slices.DeleteFunc(s.readTrail(), func(r Record) bool { return r.EventSource != "signin.amazonaws.com" })
		if len(records) >= n || time.Now().After(deadline) {
			slices.SortStableFunc(records, func(a, b Record) int { return a.EventTime.Compare(b.EventTime) })
			return records
		}
	}
}

// FailedSignIns are the records of sign-ins that failed, as SignIns has them, when
// there are at least n of them or a minute has passed.
func (s *Server) FailedSignIns(n int) []Record {
	s.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		records := slices.DeleteFunc(s.SignIns(0), func(r Record) bool { return r.ResponseElements["ConsoleLogin"] != "Failure" })
		if len(records) >= n || time.Now().After(deadline) {
			return records
		}
	}
}

// missing is a call without a record; nil when there is none.
func (s *Server) missing(records []Record) *call {
	seen := make(map[string]bool, len(records))
	for _, r := range records {
		seen[r.RequestID] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.calls {
		if !seen[s.calls[i].id] {
			return &s.calls[i]
		}
	}
	return nil
}

// RecordOf is the record of a reply in an account's trail; "" is the trail of
// calls that belong to no account.
func (s *Server) RecordOf(r *Reply, account string) Record {
	s.Helper()
	id := r.Header.Get("X-Amzn-Requestid")
	for _, record := range s.Trail() {
		if record.RequestID == id && record.RecipientAccountID == account {
			return record
		}
	}
	s.Fatalf("account %q has no audit record of request %s", account, id)
	return Record{}
}

func (s *Server) readTrail() []Record {
	s.Helper()
	ctx := context.Background()
	var records []Record
	read := func(from string, raw []byte) {
		record := Record{Stream: from, Raw: string(raw)}
		if err := json.Unmarshal(raw, &record); err != nil {
			s.Fatalf("audit record %s: %v", raw, err)
		}
		records = append(records, record)
	}
	for _, id := range s.App.State().Streams() {
		for after := journal.Revision(0); ; {
			entries, err := s.App.State().Entries(ctx, id, after, 500)
			if err != nil {
				s.Fatal(err)
			}
			for _, e := range entries {
				after = e.Revision
				if e.Audit != nil {
					read(string(id), e.Audit)
				}
			}
			if len(entries) == 0 {
				break
			}
		}
	}
	for after := journal.BlockCursor(0); ; {
		blocks, err := s.Journal.ReadBlocks(ctx, after, 100)
		if err != nil {
			s.Fatal(err)
		}
		if len(blocks) == 0 {
			return records
		}
		for _, b := range blocks {
			after = b.Cursor
			raw, err := audit.Records(b)
			if err != nil {
				s.Fatal(err)
			}
			for _, r := range raw {
				read("block", r)
			}
		}
	}
}

// checkTrail holds every call to one record in one account, or one in each when
// it crossed accounts, with the code that the client was told.
func (s *Server) checkTrail() {
	s.Helper()
	records := s.Trail()
	if c := s.missing(records); c != nil {
		s.Errorf("the call %+v left no audit record", *c)
	}
	found := make(map[string]map[string]string) // request id → account → code
	for _, r := range records {
		accounts := found[r.RequestID]
		if accounts == nil {
			accounts = make(map[string]string)
			found[r.RequestID] = accounts
		}
		if _, twice := accounts[r.RecipientAccountID]; twice {
			s.Errorf("request %s is on record twice in account %q", r.RequestID, r.RecipientAccountID)
		}
		accounts[r.RecipientAccountID] = r.ErrorCode
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		for account, code := range found[c.id] {
			if code != c.code {
				s.Errorf("request %s was told %q, account %q has %q on record", c.id, c.code, account, code)
			}
		}
	}
}
