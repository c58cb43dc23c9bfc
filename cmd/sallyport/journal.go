package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/state"
)

type journalCmd struct {
	Verify journalVerifyCmd `cmd:"" help:"Check the hash chain of every stream."`
	Dump   journalDumpCmd   `cmd:"" help:"Print the journal's entries as JSON lines, or with --state the state they add up to."`
}

// journalStore says which journal is read. The commands refuse a file that a
// server has open; a database may be in use.
type journalStore struct {
	Data  string `help:"The server's data folder." default:"${data}" env:"SALLYPORT_DATA" type:"path" placeholder:"DIR"`
	Store string `help:"Where the journal is: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE (default: SQLite under --data)." env:"SALLYPORT_STORE" placeholder:"URL"`
}

type journalVerifyCmd struct{ journalStore }

// Run verifies every stream and fails when one is not sound.
func (c *journalVerifyCmd) Run(ctx context.Context) (err error) {
	store, err := app.OpenExisting(ctx, c.Data, c.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	report, err := state.Verify(ctx, store, app.Schema())
	for _, s := range report.Streams {
		verdict := "sound"
		if s.Problem != nil {
			verdict = "DAMAGED: " + s.Problem.Error()
		}
		fmt.Fprintf(os.Stdout, "%-28s %8d entries  %s  %s\n", s.Stream, s.Revision, s.Head, verdict)
	}
	return err
}

type journalDumpCmd struct {
	journalStore
	State   bool        `help:"Print the rows in force, in canonical order, instead of the entries."`
	Account string      `help:"Only this account." placeholder:"ID"`
	At      pointInTime `help:"With --state and --account, the rows that were in force at a revision or a time, such as 17 or 2026-01-02T03:04:05Z." placeholder:"REVISION|TIME"`
}

// A pointInTime is a revision or a time; neither when it was not given.
type pointInTime struct {
	revision state.Revision
	time     time.Time
}

// UnmarshalText reads what the flag is given.
func (p *pointInTime) UnmarshalText(text []byte) error {
	if n, err := strconv.ParseUint(string(text), 10, 63); err == nil {
		if n == 0 {
			return errors.New("the first revision is 1")
		}
		p.revision = state.Revision(n)
		return nil
	}
	t, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%q is neither a revision nor a time such as 2026-01-02T03:04:05Z", text)
	}
	p.time = t
	return nil
}

func (p pointInTime) given() bool { return p.revision != 0 || !p.time.IsZero() }

// view is the stream as it was then, or as it is when no point was given.
func (p pointInTime) view(ctx context.Context, s *state.Store, id state.StreamID) (*state.View, error) {
	at := p.revision
	switch {
	case !p.given():
		view, _ := s.View(id)
		return view, nil
	case at == 0:
		var err error
		if at, err = s.RevisionAt(ctx, id, p.time); err != nil {
			return nil, err
		}
		if at == 0 {
			return nil, fmt.Errorf("stream %s did not exist at %s", id, p.time.Format(time.RFC3339))
		}
	}
	return s.ViewAt(ctx, id, at)
}

// Run prints the journal. Secrets are not part of it.
func (c *journalDumpCmd) Run(ctx context.Context) (err error) {
	if c.At.given() && (!c.State || c.Account == "") {
		return errors.New("--at goes with --state and --account")
	}
	store, err := app.OpenExisting(ctx, c.Data, c.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	loaded, err := state.Open(ctx, state.Config{
		Store: store, Schema: app.Schema(), Now: time.Now, Snapshot: state.SnapshotPolicy{Disabled: true},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, loaded.Close()) }()
	streams := loaded.Streams()
	slices.Sort(streams)
	if c.Account != "" {
		id := state.AccountStream(c.Account)
		if !slices.Contains(streams, id) {
			return fmt.Errorf("the journal has no account %s", c.Account)
		}
		streams = []state.StreamID{id}
	}
	for _, id := range streams {
		if c.State {
			view, err := c.At.view(ctx, loaded, id)
			if err != nil {
				return err
			}
			if err := state.Dump(os.Stdout, view); err != nil {
				return err
			}
			continue
		}
		if err := dumpEntries(ctx, loaded, id); err != nil {
			return err
		}
	}
	return nil
}

// dumpPage is how many entries are read at a time.
const dumpPage = 1000

// dumpedEntry is an entry as dump prints it.
type dumpedEntry struct {
	Stream    state.StreamID  `json:"stream"`
	Revision  state.Revision  `json:"revision"`
	Time      time.Time       `json:"time"`
	RequestID string          `json:"requestId"`
	Caller    string          `json:"caller"`
	Operation string          `json:"operation"`
	Changes   []dumpedChange  `json:"changes"`
	Audit     json.RawMessage `json:"audit,omitempty"`
	Previous  string          `json:"previous"`
	Hash      string          `json:"hash"`
}

// dumpedChange is a row's new value; null deletes it.
type dumpedChange struct {
	Table string          `json:"table"`
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

func dumpEntries(ctx context.Context, s *state.Store, id state.StreamID) error {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for after := state.Revision(0); ; {
		entries, err := s.Entries(ctx, id, after, dumpPage)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := out.Encode(dumped(e)); err != nil {
				return err
			}
			after = e.Revision
		}
		if len(entries) < dumpPage {
			return nil
		}
	}
}

func dumped(e state.Entry) dumpedEntry {
	changes := make([]dumpedChange, len(e.Changes))
	for i, c := range e.Changes {
		changes[i] = dumpedChange{Table: c.Table, Key: c.Key, Value: c.Value}
	}
	return dumpedEntry{
		Stream: e.Stream, Revision: e.Revision, Time: e.Time, RequestID: e.RequestID,
		Caller: e.Caller, Operation: e.Operation, Changes: changes, Audit: e.Audit,
		Previous: hex.EncodeToString(e.Previous[:]), Hash: hex.EncodeToString(e.Hash[:]),
	}
}
