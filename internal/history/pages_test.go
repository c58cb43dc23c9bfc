package history_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/history"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/test/inprocess"
)

const ask = "sallyport:GetEntityHistory"

// TestPages: pages of any size add up to the history as it was at the first
// one, whatever is changed while they are turned.
func TestPages(t *testing.T) {
	s := inprocess.New(t)
	for range 4 {
		s.Admin.Do("iam:CreateUser", p{"UserName": "alice"})
		s.Admin.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "own", "PolicyDocument": document})
		s.Admin.Do("iam:DeleteUserPolicy", p{"UserName": "alice", "PolicyName": "own"})
		s.Admin.Do("iam:DeleteUser", p{"UserName": "alice"})
	}
	all := historyOf(s.Admin, t, alice)
	if len(all) != 16 {
		t.Fatalf("%d events", len(all))
	}
	for _, size := range []int{1, 3, 15, 16, 17, 100} {
		in := p{"Entity": alice, "MaxResults": fmt.Sprint(size)}
		var turned []event
		for pages := 1; ; pages++ {
			events, next := page(t, s.Admin.Do(ask, in))
			turned = append(turned, events...)
			if len(events) > size || (next == "") != (len(turned) == len(all)) {
				t.Fatalf("page %d of %d has %d events and the token %q", pages, size, len(events), next)
			}
			if next == "" {
				break
			}
			in["NextToken"] = next
			s.Admin.Do("iam:CreateUser", p{"UserName": "alice"})
			s.Admin.Do("iam:DeleteUser", p{"UserName": "alice"})
		}
		if !reflect.DeepEqual(turned, all) {
			t.Errorf("in pages of %d: %v", size, lines(turned))
		}
		all = historyOf(s.Admin, t, alice)
	}
	for _, size := range []string{"0", "101"} {
		s.Admin.Refused(ask, p{"Entity": alice, "MaxResults": size}, 400, "ValidationException")
	}
}

// TestLargePage: a page ends when it holds much, however few its events are.
func TestLargePage(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:CreatePolicy", p{"PolicyName": "limits", "PolicyDocument": document})
	// The padding is part of a document, so that it is shown.
	large := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::` + strings.Repeat("x", 5900) + `"}]}`
	for range 40 {
		s.Admin.Do("iam:CreatePolicyVersion", p{"PolicyArn": iamARN + "policy/limits", "PolicyDocument": large})
		version := s.Admin.Do("iam:ListPolicyVersions", p{"PolicyArn": iamARN + "policy/limits"}).Text("VersionId")
		s.Admin.Do("iam:DeletePolicyVersion", p{"PolicyArn": iamARN + "policy/limits", "VersionId": version})
	}
	service := history.New(s.App.State(), history.NewSealer(t))
	service.SetPageBytes(64 << 10)
	d := direct{t, service.Operations()[0], s}
	var turned []string
	for token := ""; ; {
		out, err := d.call(t.Context(), iamARN+"policy/limits", token)
		if err != nil {
			t.Fatal(err)
		}
		bytes := 0
		for _, e := range out.Events {
			turned = append(turned, *e.EventName)
			for _, c := range e.Changes {
				bytes += len(api.Value(c.Before)) + len(api.Value(c.After))
			}
		}
		if len(out.Events) == 0 || bytes > 72<<10 {
			t.Fatalf("a page of %d events and %d bytes", len(out.Events), bytes)
		}
		if out.NextToken == nil {
			break
		}
		token = *out.NextToken
	}
	var all []string
	for _, e := range historyOf(s.Admin, t, iamARN+"policy/limits", "MaxResults", "100") {
		all = append(all, e.EventName)
	}
	if len(all) != 81 || !slices.Equal(turned, all) {
		t.Errorf("%d events in pages, %d in all", len(turned), len(all))
	}
}

// TestAttackForgedToken: a token holds for the account and parameters it was
// given for; any other, and anything else, is refused.
func TestAttackForgedToken(t *testing.T) {
	s := inprocess.New(t)
	for _, name := range []string{"alice", "bob"} {
		s.Admin.Do("iam:CreateUser", p{"UserName": name})
		s.Admin.Do("iam:TagUser", p{"UserName": name, "Tags.member.1.Key": "team", "Tags.member.1.Value": "red"})
	}
	created := s.Admin.Do("sallyport:CreateAccount", p{"Email": "root@example.org", "Name": "AnyCompany"})
	other := s.Client(created.Credentials())
	token := s.Admin.Do(ask, p{"Entity": alice, "MaxResults": "1"}).Text("NextToken")
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < 40 {
		t.Fatalf("token %q: %v", token, err)
	}
	flipped := func(i int) string {
		b := append([]byte(nil), raw...)
		b[i] ^= 1
		return base64.RawURLEncoding.EncodeToString(b)
	}
	for _, forged := range []string{
		"x", "AAAA", token + "A", token[:len(token)-1], token + "=", "\n" + token, token + "\n", flipped(0), flipped(10), flipped(30), flipped(len(raw) - 20), flipped(len(raw) - 1),
		base64.StdEncoding.EncodeToString(raw), strings.Repeat("A", 1000), base64.RawURLEncoding.EncodeToString([]byte("\x05\x03AIDACKCEVSQ6C2EXAMPLE")),
	} {
		s.Admin.Refused(ask, p{"Entity": alice, "NextToken": forged}, 400, "ValidationException").WantMessage("Invalid NextToken.")
	}
	for _, in := range []p{
		{"Entity": iamARN + "user/bob"}, {"Entity": iamARN + "user/admin"}, {"Entity": iamARN + "user/Alice"},
		{"Entity": alice, "StartTime": "1767323045"}, {"Entity": alice, "EndTime": "1767323045"},
	} {
		in["NextToken"] = token
		s.Admin.Refused(ask, in, 400, "ValidationException").WantMessage("Invalid NextToken.")
	}
	other.Refused(ask, p{"Entity": alice, "NextToken": token}, 400, "ValidationException").WantMessage("Invalid NextToken.")
	// Whoever may not see alice's history may not turn its pages.
	s.Admin.Do("iam:PutUserPolicy", p{"UserName": "bob", "PolicyName": "own", "PolicyDocument": strings.NewReplacer("s3:GetObject", ask, `"*"`, `"`+iamARN+`user/bob"`).Replace(document)})
	bob := s.Client(s.Admin.Do("iam:CreateAccessKey", p{"UserName": "bob"}).Credentials())
	bob.Denied(ask, p{"Entity": alice, "NextToken": token}, ask)
	// The size of pages is not the token's.
	if r := s.Admin.Do(ask, p{"Entity": alice, "MaxResults": "100", "NextToken": token}); r.Text("EventName") != "iam:CreateUser" || r.Text("NextToken") != "" {
		t.Errorf("the second page: %s", r.Body)
	}
}

// FuzzToken: whatever a client sends as a token is read or refused, and what is
// read is what was written.
func FuzzToken(f *testing.F) {
	codec := history.NewTokens(f)
	for _, seed := range []string{"", "AA", codec.Seal(7, 3, "AIDACKCEVSQ6C2EXAMPLE"), codec.Seal(1, 0, "")} {
		f.Add(seed, []byte(seed))
	}
	f.Add("", []byte("\x05\x03AIDACKCEVSQ6C2EXAMPLE"))
	f.Fuzz(func(t *testing.T, token string, plain []byte) {
		if upTo, at, id, ok := codec.Open(token); ok && codec.Plain(upTo, at, id) == "" {
			t.Errorf("token %q opened to %d, %d, %q", token, upTo, at, id)
		}
		if upTo, at, id, ok := history.DecodeCursor(plain); ok {
			if again := codec.Plain(upTo, at, id); again != string(plain) {
				t.Errorf("%q was read as %d, %d, %q, which is written %q", plain, upTo, at, id, again)
			}
			if at > upTo || (at == 0) != (id == "") {
				t.Errorf("%q was read as %d, %d, %q", plain, upTo, at, id)
			}
		}
	})
}

// countingStore counts the entries that are read.
type countingStore struct {
	history.Store
	read int
	stop context.CancelFunc
}

func (s *countingStore) Entries(ctx context.Context, id state.StreamID, after state.Revision, limit int) ([]state.Entry, error) {
	if s.stop != nil {
		s.stop()
	}
	entries, err := s.Store.Entries(ctx, id, after, limit)
	s.read += len(entries)
	return entries, err
}

// direct calls the operation on a server's state, past the server.
type direct struct {
	*testing.T
	def    operation.Definition
	server *inprocess.Server
}

func (d direct) call(ctx context.Context, entity, token string) (*sallyportapi.GetEntityHistoryResponse, error) {
	in := &sallyportapi.GetEntityHistoryRequest{Entity: &entity}
	if token != "" {
		in.NextToken = &token
	}
	c := &operation.Call{Context: ctx, Op: sallyportapi.OpGetEntityHistory, Caller: iam.RootCaller(account), Now: d.server.Now()}
	view := d.server.View(account)
	if _, err := d.def.Checks(c, view, in); err != nil {
		return nil, err
	}
	out, err := d.def.Read(c, view, in)
	if err != nil {
		return nil, err
	}
	return out.(*sallyportapi.GetEntityHistoryResponse), nil
}

// TestBoundedWork: a call reads no more of the account than its share, goes on
// with the token of an empty page, and stops when its client is gone.
func TestBoundedWork(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:CreateUser", p{"UserName": "alice"})
	id := s.Admin.Do("iam:GetUser", p{"UserName": "alice"}).Text("UserId")
	s.Admin.Do("iam:DeleteUser", p{"UserName": "alice"})
	for range 30 {
		s.Admin.Do("iam:CreateGroup", p{"GroupName": "crew"})
		s.Admin.Do("iam:DeleteGroup", p{"GroupName": "crew"})
	}
	store := &countingStore{Store: s.App.State()}
	start := func(share int) direct {
		service := history.New(store, history.NewSealer(t))
		service.SetScan(share)
		return direct{t, service.Operations()[0], s}
	}

	d := start(20)
	token := ""
	for calls := 1; ; calls++ {
		store.read = 0
		out, err := d.call(t.Context(), alice, token)
		if err != nil {
			t.Fatal(err)
		}
		if calls == 4 { // of 63 entries
			if len(out.Events) != 2 || out.NextToken != nil {
				t.Errorf("the fourth call gave %d events, token %v", len(out.Events), out.NextToken)
			}
			break
		}
		if len(out.Events) != 0 || out.NextToken == nil || store.read != 20 {
			t.Fatalf("call %d read %d entries and gave %d events", calls, store.read, len(out.Events))
		}
		token = *out.NextToken
	}
	store.read = 0
	if out, err := d.call(t.Context(), alice, ""); err != nil || len(out.Events) != 2 || store.read > 4 {
		t.Errorf("with the index there, a call read %d entries; error %v", store.read, err)
	}

	// The id of an entity that is gone is not known before all is read.
	d = start(20)
	for calls := 1; ; calls++ {
		out, err := d.call(t.Context(), id, "")
		if calls == 4 {
			if err != nil || len(out.Events) != 2 {
				t.Errorf("the fourth call by id: %v, %v", out, err)
			}
			break
		}
		if !errors.Is(err, sallyportapi.ErrThrottlingException) {
			t.Fatalf("call %d by id: %v", calls, err)
		}
	}

	d = start(10_000)
	ctx, cancel := context.WithCancel(t.Context())
	store.stop, store.read = cancel, 0
	if _, err := d.call(ctx, alice, ""); !errors.Is(err, context.Canceled) || store.read > 0 {
		t.Errorf("after its client was gone a call read %d entries; error %v", store.read, err)
	}
}

// TestAttackIndexesOfTheDenied: to ask for the ids of entities that are gone, in
// one account after another and with no permission, does not pile up indexes.
func TestAttackIndexesOfTheDenied(t *testing.T) {
	s := inprocess.New(t)
	accounts := []string{account}
	for _, name := range []string{"second", "third"} {
		made := s.Admin.Do("sallyport:CreateAccount", p{"Name": name, "Email": name + "@example.com"})
		accounts = append(accounts, made.Text("Id"))
	}
	service := history.New(s.App.State(), history.NewSealer(t))
	service.SetTouches(1) // every account has more
	def := service.Operations()[0]
	for _, a := range accounts {
		c := &operation.Call{Context: t.Context(), Op: sallyportapi.OpGetEntityHistory, Caller: iam.RootCaller(a), Now: s.Now()}
		// The call ends here when it is denied.
		if _, err := def.Checks(c, s.View(a), &sallyportapi.GetEntityHistoryRequest{Entity: new("AIDACKCEVSQ6C2EXAMPLE")}); err != nil {
			t.Fatal(err)
		}
		if got := service.Indexed(); !slices.Equal(got, []string{a}) {
			t.Errorf("after the call in account %s there are indexes of %v", a, got)
		}
	}
}

// TestConcurrentHistory: calls side by side, among changes, see whole
// histories.
func TestConcurrentHistory(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:CreateUser", p{"UserName": "alice"})
	d := direct{t, func() operation.Definition {
		service := history.New(s.App.State(), history.NewSealer(t))
		service.SetScan(3)
		return service.Operations()[0]
	}(), s}
	done := make(chan error)
	for range 4 {
		go func() {
			for range 30 {
				before := s.View(account).Revision()
				token, seen := "", 0
				for {
					out, err := d.call(t.Context(), alice, token)
					if err != nil {
						done <- err
						return
					}
					seen += len(out.Events)
					if out.NextToken == nil {
						break
					}
					token = *out.NextToken
				}
				// Every change after the first start is one of alice's.
				if seen < int(before)-1 {
					done <- fmt.Errorf("at revision %d only %d events", before, seen)
					return
				}
				time.Sleep(time.Millisecond)
			}
			done <- nil
		}()
	}
	for n := range 60 {
		s.Admin.Do("iam:TagUser", p{"UserName": "alice", "Tags.member.1.Key": "n", "Tags.member.1.Value": fmt.Sprint(n)})
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
