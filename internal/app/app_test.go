package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sallyport/internal/iam"
	"sallyport/internal/ident"
	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/internal/seal"
	"sallyport/internal/state"
)

func open(t *testing.T, c Config) *App {
	t.Helper()
	a, err := Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// TestFirstStartOfAnother: the first account that another node makes is joined, also
// when this node shows the account before the directory.
func TestFirstStartOfAnother(t *testing.T) {
	const id = "111122223333"
	medium := memory.NewMedium()
	key, err := seal.NewKey(make([]byte, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.New(key)
	if err != nil {
		t.Fatal(err)
	}
	start := func() *App {
		store, err := medium.Share()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		})
		shown, err := state.Open(t.Context(), state.Config{Store: store, Sealer: sealer, Schema: Schema(), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := shown.Close(); err != nil {
				t.Error(err)
			}
		})
		return &App{config: Config{Data: t.TempDir(), PublicURL: "http://localhost:7420", FirstAccount: FirstAccount{ID: id}}, journal: store, state: shown}
	}
	first, second := start(), start()
	if err := first.firstStart(t.Context(), ident.New(nil)); err != nil || first.Created == nil {
		t.Fatalf("%+v, %v", first.Created, err)
	}
	if err := second.state.CatchUp(t.Context(), map[state.StreamID]state.Revision{state.AccountStream(id): 1}); err != nil {
		t.Fatal(err)
	}
	if err := second.firstStart(t.Context(), ident.New(nil)); err != nil || second.Created != nil {
		t.Fatalf("%+v, %v", second.Created, err)
	}
	if _, ok := second.state.View(state.Directory); !ok {
		t.Error("the directory is not shown")
	}
	if _, err := ReadProfile(second.config.Data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a profile of a key that nobody has: %v", err)
	}
}

func TestFirstStart(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	a := open(t, Config{Data: data, PublicURL: "http://localhost:7420", FirstAccount: FirstAccount{
		ID: "111122223333", Alias: "anycompany", RootEmail: "root@example.com", RootPassword: "root-password",
		RootAccessKeyID: "AKIAROOTEXAMPLE00001", RootSecret: "root-secret-root-secret", AdminPassword: "admin-password",
	}})
	c := a.Created
	if c == nil || c.AccountID != "111122223333" || c.Alias != "anycompany" || c.RootKey == nil || c.AdminUser != "admin" || c.AdminPassword != "admin-password" {
		t.Fatalf("created %+v", c)
	}
	p, err := ReadProfile(data)
	if err != nil || p.AccessKeyID != c.AdminKey.ID || p.Secret != c.AdminKey.Secret || p.EndpointURL != "http://localhost:7420" {
		t.Errorf("profile %v: %v", p.AccessKeyID, err)
	}
	for _, name := range []string{"admin.credentials", "seal.key", "metrics-token", "sallyport.db"} {
		info, err := os.Stat(filepath.Join(data, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o", name, info.Mode().Perm())
		}
	}
	view, ok := a.account("111122223333")
	if !ok || iam.Users.Len(view) != 1 || iam.AccessKeys.Len(view) != 2 || iam.LoginProfiles.Len(view) != 2 {
		t.Error("the account is not what was asked for")
	}
	entries, err := a.state.Entries(context.Background(), state.AccountStream("111122223333"), 0, 10)
	if err != nil || len(entries) != 1 || !strings.Contains(string(entries[0].Audit), `"eventName":"FirstStart"`) {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}

// TestRestart: a second start makes nothing and keeps everything, with the
// settings of a first one in place.
func TestRestart(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	first, err := Open(context.Background(), Config{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	id, token := first.Created.AccountID, first.MetricsToken
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, Config{Data: data, FirstAccount: FirstAccount{ID: "111122223333"}})
	if second.Created != nil || second.MetricsToken != token {
		t.Error("the second start made something")
	}
	if _, ok := second.account(id); !ok {
		t.Error("the account is gone")
	}
}

func TestWithoutAdmin(t *testing.T) {
	a := open(t, Config{Store: "memory:", FirstAccount: FirstAccount{WithoutAdmin: true}})
	view, _ := a.account(a.Created.AccountID)
	if a.Created.AdminUser != "" || a.Created.AdminKey.ID != "" || iam.Users.Len(view) != 0 || iam.AccessKeys.Len(view) != 0 {
		t.Errorf("created %s with %d users", a.Created.AdminUser, iam.Users.Len(view))
	}
}

// TestSecondServer: one journal has one server.
func TestSecondServer(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	open(t, Config{Data: data})
	if _, err := Open(context.Background(), Config{Data: data}); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("a second server: %v, want ErrLocked", err)
	}
	if _, err := OpenExisting(context.Background(), data, ""); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("an offline command: %v, want ErrLocked", err)
	}
}

// TestRefusedConfigs: what can't be meant is an error, and makes no account.
func TestRefusedConfigs(t *testing.T) {
	open777 := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(open777, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open777, 0o777); err != nil {
		t.Fatal(err)
	}
	first := func(f FirstAccount) Config { return Config{Store: "memory:", FirstAccount: f} }
	for name, c := range map[string]struct {
		config Config
		want   string
	}{
		"no data folder":            {Config{}, "no data folder"},
		"folder others may write":   {Config{Data: open777}, "chmod"},
		"unknown store":             {Config{Store: "redis://user:password@example.com", Data: t.TempDir()}, "redis:…"},
		"memory with a path":        {Config{Store: "memory:x", Data: t.TempDir()}, "memory:…"},
		"unknown quota":             {Config{Store: "memory:", Quotas: map[string]int{"UsersPerPlanet": 1}}, "UsersPerPlanet"},
		"negative quota":            {Config{Store: "memory:", Quotas: map[string]int{"UsersPerAccount": -1}}, "negative"},
		"seal key twice":            {Config{Store: "memory:", SealKey: "a", SealKeyFile: "b"}, "twice"},
		"seal key of no use":        {Config{Store: "memory:", SealKey: "short"}, "seal key"},
		"account id":                {first(FirstAccount{ID: "12345"}), "12 digits"},
		"alias":                     {first(FirstAccount{Alias: "Not An Alias"}), "alias"},
		"alias like an id":          {first(FirstAccount{Alias: "444455556666"}), "alias"},
		"e-mail":                    {first(FirstAccount{RootEmail: "nobody"}), "e-mail"},
		"root's key without secret": {first(FirstAccount{RootAccessKeyID: "AKIAROOTEXAMPLE00001"}), "go together"},
		"admin's secret alone":      {first(FirstAccount{AdminSecret: "secret-secret-secret"}), "go together"},
		"short secret":              {first(FirstAccount{AdminAccessKeyID: "AKIAADMINEXAMPLE0001", AdminSecret: "short"}), "shorter"},
		"key id":                    {first(FirstAccount{AdminAccessKeyID: "not a key", AdminSecret: "secret-secret-secret"}), "not an access key id"},
		"password for no admin":     {first(FirstAccount{WithoutAdmin: true, AdminPassword: "password"}), "leaves out admin"},
		"one key for two": {first(FirstAccount{RootAccessKeyID: "AKIAROOTEXAMPLE00001", RootSecret: "secret-secret-secret",
			AdminAccessKeyID: "AKIAROOTEXAMPLE00001", AdminSecret: "secret-secret-secret"}), "same access key id"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := Open(context.Background(), c.config)
			if err == nil {
				a.Close() //nolint:errcheck // the test has failed
				t.Fatal("it was taken")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "password@") {
				t.Errorf("the error %q does not say %q", err, c.want)
			}
		})
	}
}

// TestWrongSealKey: with another key no secret opens, so there is no start with
// it, and the journal takes no secret of it.
func TestWrongSealKey(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	first, err := Open(context.Background(), Config{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(data, "seal.key")
	key, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the first try makes a new key, the second finds it
		if _, err := Open(context.Background(), Config{Data: data}); err == nil || !strings.Contains(err.Error(), "the seal key does not open the journal's secrets") {
			t.Fatalf("a start with another key: %v", err)
		}
	}
	if err := os.WriteFile(path, key, 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, Config{Data: data})
}

// unwilling is a journal that takes no commit.
type unwilling struct{ journal.Store }

func (unwilling) Commit(context.Context, journal.Batch) error { return journal.ErrFull }

// TestKilledBetweenProfileAndCommit: the profile is written before the account
// is made. A start that ends between the two leaves one that opens nothing, and
// the next start one that does.
func TestKilledBetweenProfileAndCommit(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	medium := memory.NewMedium()
	store := func() journal.Store {
		s, err := medium.Open()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if _, err := Open(context.Background(), Config{Data: data, Journal: unwilling{store()}}); !errors.Is(err, journal.ErrFull) {
		t.Fatalf("a start whose account can't be stored: %v", err)
	}
	before, err := ReadProfile(data)
	if err != nil {
		t.Fatal(err)
	}
	a := open(t, Config{Data: data, Journal: store()})
	after, err := ReadProfile(data)
	if err != nil || a.Created == nil || after.AccessKeyID != a.Created.AdminKey.ID || after.Secret != a.Created.AdminKey.Secret || after == before {
		t.Errorf("the profile has the key %s, not admin's: %v", after.AccessKeyID, err)
	}
	if streams := a.State().Streams(); len(streams) != 2 {
		t.Errorf("streams %v", streams)
	}
}

func TestProfileRefusals(t *testing.T) {
	data := t.TempDir()
	if _, err := ReadProfile(data); err == nil {
		t.Error("a profile that is not there was read")
	}
	if err := os.WriteFile(profileFile(data), []byte("[sallyport]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadProfile(data); err == nil || !strings.Contains(err.Error(), "no credentials") {
		t.Errorf("an empty profile: %v", err)
	}
}
