package iamtest

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/iam"
	"sallyport/internal/ident"
	"sallyport/internal/journal/memory"
	"sallyport/internal/operation"
	"sallyport/internal/seal"
	"sallyport/internal/state"
)

// Account and OtherAccount are the two accounts of every fixture.
const (
	Account      = "111122223333"
	OtherAccount = "444455556666"
)

// Start is the time of the first command.
var Start = time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)

// A Fixture is a store on a memory journal that holds two accounts, and the
// operations under test. Its methods stop the test on anything unexpected.
type Fixture struct {
	testing.TB
	Store *state.Store
	Env   *iam.Env
	// Table holds the operations under test.
	Table *operation.Table
	// Usage is what Env.Usage answers.
	Usage *Usage
	// Checks are those of the last call, in order.
	Checks []operation.Check
	// Tasks are what operations began in the background; they wait for RunTasks.
	Tasks []func(context.Context) error

	mu  sync.Mutex
	now time.Time
}

// Usage is an iam.Usage that tests fill in.
type Usage struct {
	Keys  map[string]iam.LastUsed
	Roles map[string]iam.LastUsed
	// Accessed is by the unique ids of users and roles.
	Accessed map[string]iam.Accessed
	// Err is what it answers when it is set.
	Err error
	// Reads counts the questions.
	Reads int
}

// KeyLastUsed answers from Keys.
func (u *Usage) KeyLastUsed(ctx context.Context, id string) (iam.LastUsed, bool, error) {
	return u.answer(ctx, u.Keys, id)
}

// RoleLastUsed answers from Roles.
func (u *Usage) RoleLastUsed(ctx context.Context, id string) (iam.LastUsed, bool, error) {
	return u.answer(ctx, u.Roles, id)
}

// ServicesAccessed answers from Accessed.
func (u *Usage) ServicesAccessed(ctx context.Context, id string) (iam.Accessed, error) {
	_, _, err := u.answer(ctx, nil, id)
	return u.Accessed[id], err
}

func (u *Usage) answer(ctx context.Context, of map[string]iam.LastUsed, id string) (iam.LastUsed, bool, error) {
	u.Reads++
	if err := errors.Join(ctx.Err(), u.Err); err != nil {
		return iam.LastUsed{}, false, err
	}
	l, ok := of[id]
	return l, ok, nil
}

// New returns a fixture with the operations of the given packages.
func New(t testing.TB, packages ...func(*iam.Env) []operation.Definition) *Fixture {
	t.Helper()
	f := &Fixture{
		TB: t, now: Start,
		Usage: &Usage{Keys: map[string]iam.LastUsed{}, Roles: map[string]iam.LastUsed{}, Accessed: map[string]iam.Accessed{}},
	}
	sealer, err := seal.New(seal.GenerateKey())
	f.must(err)
	store := memory.New()
	f.Store, err = state.Open(context.Background(), state.Config{
		Store: store, Sealer: sealer, Now: f.clock,
		Schema: state.NewSchema(append(iam.Tables(), iam.DirectoryTables()...)...),
	})
	f.must(err)
	t.Cleanup(func() {
		if err := f.Store.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	f.Env = &iam.Env{
		Ident: ident.New(nil), Limits: iam.DefaultLimits(), Usage: f.Usage,
		Facts:      store,
		Now:        f.clock,
		Background: func(_ string, task func(context.Context) error) { f.Tasks = append(f.Tasks, task) },
		Accounts:   func(account string) (*state.View, bool) { return f.Store.View(state.AccountStream(account)) },
	}
	var defs [][]operation.Definition
	for _, p := range packages {
		defs = append(defs, p(f.Env))
	}
	f.Table = operation.NewTable(defs...)
	for account, email := range map[string]string{Account: "root@example.com", OtherAccount: "root@example.org"} {
		f.ChangeIn(account, func(tx *state.Tx) error {
			dir, err := tx.Other(state.Directory)
			if err != nil {
				return err
			}
			created := iam.Moment(tx.Now())
			iam.DirectoryAccounts.Put(dir, account, &iam.DirectoryAccount{Email: email, Created: created})
			iam.Accounts.Put(tx, iam.AccountKey, &iam.Account{ID: account, Email: email, Created: created})
			return nil
		})
	}
	return f
}

// RunTasks runs what waits in Tasks and returns how it failed.
func (f *Fixture) RunTasks() error {
	var errs []error
	for _, task := range f.Tasks {
		errs = append(errs, task(context.Background()))
	}
	f.Tasks = nil
	return errors.Join(errs...)
}

// Advance moves the clock.
func (f *Fixture) Advance(by time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(by)
}

// clock advances by a second with every reading, so that each command has its
// own time.
func (f *Fixture) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now
	f.now = now.Add(time.Second)
	return now
}

func (f *Fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// View is the committed state of Account.
func (f *Fixture) View() *state.View { return f.ViewOf(state.AccountStream(Account)) }

// ViewOf is the committed state of any stream.
func (f *Fixture) ViewOf(id state.StreamID) *state.View {
	f.Helper()
	v, ok := f.Store.View(id)
	if !ok {
		f.Fatalf("no stream %s", id)
	}
	return v
}

// ARN names a resource of Account, such as "user/alice".
func (f *Fixture) ARN(resource string) string { return "arn:aws:iam::" + Account + ":" + resource }

// Change commits fn to Account.
func (f *Fixture) Change(fn func(tx *state.Tx) error) {
	f.Helper()
	f.ChangeIn(Account, fn)
}

// ChangeIn commits fn to an account.
func (f *Fixture) ChangeIn(account string, fn func(tx *state.Tx) error) {
	f.Helper()
	_, err := f.Store.Update(context.Background(), state.AccountStream(account), state.Command{Operation: "fixture", Run: fn})
	f.must(err)
}

// Secret opens a sealed secret of Account; nil when there is none.
func (f *Fixture) Secret(id string) []byte {
	secret, err := f.Store.Secret(context.Background(), state.AccountStream(Account), id)
	if err != nil {
		return nil
	}
	return secret
}

// AddUser puts a user with the root path into Account, without the operation.
func (f *Fixture) AddUser(name string) *iam.User {
	f.Helper()
	u := &iam.User{ID: f.Env.Ident.UserID(), Name: name, Path: "/", Created: Start}
	f.Change(func(tx *state.Tx) error { iam.Users.Put(tx, u.ID, u); return nil })
	return u
}

// AddGroup puts a group with the root path into Account.
func (f *Fixture) AddGroup(name string) *iam.Group {
	f.Helper()
	g := &iam.Group{ID: f.Env.Ident.GroupID(), Name: name, Path: "/", Created: Start}
	f.Change(func(tx *state.Tx) error { iam.Groups.Put(tx, g.ID, g); return nil })
	return g
}

// AddPolicy puts a customer managed policy with the root path and one version
// into Account, and returns its ARN.
func (f *Fixture) AddPolicy(name, document string) string {
	f.Helper()
	p := &iam.Policy{ID: f.Env.Ident.PolicyID(), Name: name, Path: "/", Created: Start, Updated: Start, Default: 1, Latest: 1}
	f.Change(func(tx *state.Tx) error {
		iam.Policies.Put(tx, p.ID, p)
		iam.PolicyVersions.Put(tx, iam.VersionKey(p.ID, 1), &iam.PolicyVersion{Number: 1, Document: document, Created: Start})
		return nil
	})
	return iam.PolicyARN(Account, p)
}

// Root is the root user of Account.
func (f *Fixture) Root() *operation.Caller { return iam.RootCaller(Account) }

// RootOf is the root user of an account.
func (f *Fixture) RootOf(account string) *operation.Caller { return iam.RootCaller(account) }

// As is the user of Account with that name, with a long-term key.
func (f *Fixture) As(name string) *operation.Caller {
	f.Helper()
	u, err := iam.FindUser(f.View(), name)
	f.must(err)
	c := iam.UserCaller(Account, u)
	c.AccessKeyID = f.Env.Ident.AccessKeyID(Account)
	return c
}

// Temporary is the user of Account with that name, with the credentials of a
// session.
func (f *Fixture) Temporary(name string) *operation.Caller {
	f.Helper()
	c := f.As(name)
	c.AccessKeyID = f.Env.Ident.TemporaryAccessKeyID(Account)
	c.Session = &operation.Session{Issued: Start, Expires: Start.Add(time.Hour)}
	return c
}

// Session is a session of a role that is in no table of Account.
func (f *Fixture) Session(role, name string) *operation.Caller {
	c := iam.RoleCaller(Account, &iam.Role{ID: f.Env.Ident.RoleID(), Name: role, Path: "/"}, name)
	c.AccessKeyID = f.Env.Ident.TemporaryAccessKeyID(Account)
	c.Session = &operation.Session{Issued: Start, Expires: Start.Add(time.Hour), Name: name}
	return c
}

var errRehearsal = errors.New("rehearsal")

// Call runs one operation as the pipeline does and returns its output.
func (f *Fixture) Call(caller *operation.Caller, name string, in any) (any, error) {
	f.Helper()
	op, ok := iamapi.Service.Operation(name)
	if !ok {
		op, ok = sallyportapi.Service.Operation(name)
	}
	if !ok {
		f.Fatalf("the models have no operation %s", name)
	}
	def, ok := f.Table.Lookup(op)
	if !ok {
		f.Fatalf("%s is not among the operations under test", name)
	}
	f.Checks = nil
	if err := api.Validate(op, in, op.Service.Style()); err != nil {
		return nil, err
	}
	call := &operation.Call{Context: context.Background(), Op: op, Caller: caller, RequestID: f.Env.Ident.RequestID(), Now: f.clock(), Region: "us-east-1", Secure: true}
	home := state.AccountStream(caller.Account())
	if !def.Mutates() {
		view := f.ViewOf(home)
		if err := f.check(def, call, view, in); err != nil {
			return nil, err
		}
		return def.Read(call, view, in)
	}
	f.rehearse(def, call, home, in)
	var out any
	command := state.Command{
		RequestID: call.RequestID, Caller: caller.Principal.ARN, Operation: name,
		Run: func(tx *state.Tx) error {
			if err := f.check(def, call, tx, in); err != nil {
				return err
			}
			var err error
			out, err = def.Write(call, tx, in)
			return err
		},
	}
	err := operation.Complete(func() error {
		_, err := f.Store.Update(context.Background(), home, command)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (f *Fixture) check(def *operation.Definition, call *operation.Call, r state.Reader, in any) (err error) {
	if def.Checks == nil {
		return nil
	}
	f.Checks, err = def.Checks(call, r, in)
	if err == nil && len(f.Checks) == 0 {
		f.Errorf("%s asked for no authorization", call.Op.Name)
	}
	return err
}

// rehearse runs the change in a command that is given up, and holds it to
// leaving the views as they were: a handler that changes a row in place instead
// of a copy of it is found here.
func (f *Fixture) rehearse(def *operation.Definition, call *operation.Call, home state.StreamID, in any) {
	f.Helper()
	view := f.ViewOf(home)
	before := f.dump(view)
	command := state.Command{
		Operation: call.Op.Name,
		Run: func(tx *state.Tx) error {
			if err := f.check(def, call, tx, in); err == nil {
				if _, err := def.Write(call, tx, in); operation.IsPending(err) {
					return err
				}
			}
			return errRehearsal
		},
	}
	err := operation.Complete(func() error {
		_, err := f.Store.Update(context.Background(), home, command)
		return err
	})
	if !errors.Is(err, errRehearsal) {
		f.Fatalf("rehearsal of %s: %v", call.Op.Name, err)
	}
	if f.ViewOf(home) != view || !bytes.Equal(before, f.dump(view)) {
		f.Fatalf("%s changed committed rows in a command that was given up", call.Op.Name)
	}
}

// dump is empty for large accounts, where comparing would cost too much.
func (f *Fixture) dump(v *state.View) []byte {
	f.Helper()
	if iam.Users.Len(v)+iam.Policies.Len(v)+iam.Roles.Len(v) > 300 {
		return nil
	}
	var b bytes.Buffer
	f.must(state.Dump(&b, v))
	return b.Bytes()
}
