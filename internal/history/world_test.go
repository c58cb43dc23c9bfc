package history_test

import (
	"context"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/history"
	"sallyport/internal/iam"
	"sallyport/internal/iam/credentials"
	"sallyport/internal/iam/groups"
	"sallyport/internal/iam/policies"
	"sallyport/internal/iam/users"
	"sallyport/internal/ident"
	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/internal/operation"
	"sallyport/internal/pdp"
	"sallyport/internal/state"
	"sallyport/test/inprocess"
)

// A world is an account with IAM's own operations on it and Sallyport's to ask
// about it, without a server. Its clock goes on a second with each change.
type world struct {
	t       testing.TB
	journal *memory.Store
	store   *state.Store
	table   *operation.Table
	ids     *ident.Source
	now     time.Time
}

const home = state.StreamID("account/" + account)

func newWorld(t testing.TB) *world {
	w := &world{t: t, journal: memory.New(), ids: ident.New(nil), now: inprocess.Start}
	w.open()
	w.update("fixture", func(tx *state.Tx) error {
		iam.Accounts.Put(tx, iam.AccountKey, &iam.Account{ID: account, Email: "root@example.com", Created: tx.Now()})
		return nil
	})
	return w
}

// open opens the state anew, and with it everything kept in memory.
func (w *world) open() {
	if w.store != nil {
		w.must(w.store.Close())
	}
	sealer := history.NewSealer(w.t)
	var err error
	w.store, err = state.Open(context.Background(), state.Config{
		Store: w.journal, Sealer: sealer, Now: func() time.Time { return w.now },
		Schema:   state.NewSchema(append(iam.Tables(), iam.DirectoryTables()...)...),
		Snapshot: state.SnapshotPolicy{Disabled: true},
	})
	w.must(err)
	env := &iam.Env{Ident: w.ids, Limits: iam.DefaultLimits()}
	w.table = operation.NewTable(
		users.Operations(env), groups.Operations(env), policies.Operations(env), credentials.Operations(env),
		pdp.New(pdp.Options{History: w.store}).Operations(), history.New(w.store, sealer).Operations(),
	)
}

func (w *world) must(err error) {
	if err != nil {
		w.t.Helper()
		w.t.Fatal(err)
	}
}

func (w *world) view() *state.View {
	view, _ := w.store.View(home)
	return view
}

func (w *world) update(name string, run func(*state.Tx) error) error {
	w.now = w.now.Add(time.Second)
	_, err := w.store.Update(context.Background(), home, state.Command{
		RequestID: w.ids.RequestID(), Caller: iam.RootARN(account), Operation: name, Run: run,
	})
	return err
}

// call carries out an operation as root, with its input as JSON.
func (w *world) call(op *api.Operation, input string) (any, error) {
	def, ok := w.table.Lookup(op)
	if !ok {
		w.t.Fatalf("%s is not among the operations", op.Name)
	}
	in := op.NewInput()
	w.must(json.Unmarshal([]byte(input), in))
	c := &operation.Call{Context: context.Background(), Op: op, Caller: iam.RootCaller(account), Now: w.now}
	if !def.Mutates() {
		if _, err := def.Checks(c, w.view(), in); err != nil {
			return nil, err
		}
		return def.Read(c, w.view(), in)
	}
	var out any
	err := operation.Complete(func() error {
		return w.update(op.Service.SigningName+":"+op.Name, func(tx *state.Tx) (err error) {
			out, err = def.Write(c, tx, in)
			return err
		})
	})
	return out, err
}

// iam carries out an operation of IAM and reports whether it was let.
func (w *world) iam(name, input string) bool {
	op, ok := iamapi.Service.Operation(name)
	if !ok {
		w.t.Fatalf("no operation %s", name)
	}
	_, err := w.call(op, input)
	return err == nil
}

// history is all of an entity's, the oldest first.
func (w *world) history(entity string) []sallyportapi.EntityEvent {
	var all []sallyportapi.EntityEvent
	in := map[string]any{"Entity": entity, "MaxResults": 7}
	for {
		input, err := json.Marshal(in)
		w.must(err)
		out, err := w.call(sallyportapi.OpGetEntityHistory, string(input))
		w.must(err)
		page := out.(*sallyportapi.GetEntityHistoryResponse)
		all = append(all, page.Events...)
		if page.NextToken == nil {
			break
		}
		in["NextToken"] = *page.NextToken
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all
}

// forget deletes every snapshot and everything in memory.
func (w *world) forget() {
	w.must(w.journal.DeleteSnapshots(context.Background(), journal.StreamID(home), 0))
	w.open()
}
