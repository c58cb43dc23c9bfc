package authn

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/internal/operation"
	"sallyport/policy"
)

var (
	testStart = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	alice     = &operation.Caller{Principal: policy.Principal{Kind: policy.User}, AccessKeyID: "AKIAEXAMPLE", EntityID: "AIDAEXAMPLE"}
	inRole    = &operation.Caller{Principal: policy.Principal{Kind: policy.RoleSession}, AccessKeyID: "ASIAEXAMPLE", EntityID: "AROAEXAMPLE", Session: &operation.Session{}}
)

func newLastUsed(facts journal.Facts) *LastUsed {
	return NewLastUsed(facts, slog.New(slog.DiscardHandler))
}

func flush(t *testing.T, nodes ...*LastUsed) {
	t.Helper()
	for _, l := range nodes {
		if err := l.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func accessed(t *testing.T, l *LastUsed, id string) iam.Accessed {
	t.Helper()
	a, err := l.ServicesAccessed(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestServicesAccessed: each service has its last attempt, and each tracked action
// of it; at once, after a restart, and with what comes after that.
func TestServicesAccessed(t *testing.T) {
	facts := memory.New()
	l := newLastUsed(facts)
	l.Attempted(alice, "iam", "GetUser", "us-east-1", testStart)
	l.Attempted(alice, "iam", "TagUser", "us-east-1", testStart.Add(time.Minute))
	l.Attempted(alice, "iam", "GetUser", "us-east-1", testStart.Add(-time.Minute)) // one that took long
	l.Attempted(alice, "sts", "GetCallerIdentity", "eu-west-1", testStart)
	l.Attempted(alice, "s3", "ListAllMyBuckets", "eu-west-1", testStart)
	l.Attempted(alice, "sallyport", "", "eu-west-1", testStart)
	federated := *alice
	federated.Principal.Kind, federated.Session = policy.FederatedUser, &operation.Session{}
	l.Attempted(&federated, "sallyport", "Evaluate", "eu-west-1", testStart)
	l.Attempted(&operation.Caller{Principal: policy.Principal{Kind: policy.Root}, AccessKeyID: "AKIAROOT"}, "iam", "GetUser", "us-east-1", testStart)

	at := func(after time.Duration, region string) iam.Access {
		return iam.Access{At: testStart.Add(after), Region: region}
	}
	want := iam.Accessed{
		"iam":       {Access: at(time.Minute, "us-east-1"), Actions: map[string]iam.Access{"GetUser": at(0, "us-east-1")}},
		"sts":       {Access: at(0, "eu-west-1"), Actions: map[string]iam.Access{"GetCallerIdentity": at(0, "eu-west-1")}},
		"s3":        {Access: at(0, "eu-west-1")},
		"sallyport": {Access: at(0, "eu-west-1"), Actions: map[string]iam.Access{"Evaluate": at(0, "eu-west-1")}},
	}
	iamtest.WantEqual(t, "noted", want, accessed(t, l, alice.EntityID))
	flush(t, l)
	iamtest.WantEqual(t, "written", want, accessed(t, newLastUsed(facts), alice.EntityID))

	next := newLastUsed(facts)
	next.Attempted(alice, "s3", "ListAllMyBuckets", "eu-west-1", testStart.Add(time.Hour))
	want["s3"] = iam.ServiceAccess{Access: at(time.Hour, "eu-west-1")}
	iamtest.WantEqual(t, "noted after a restart", want, accessed(t, next, alice.EntityID))
	flush(t, next)
	iamtest.WantEqual(t, "written after a restart", want, accessed(t, newLastUsed(facts), alice.EntityID))
	if a := accessed(t, next, "AIDAOTHER"); len(a) > 0 {
		t.Errorf("a user who did nothing: %v", a)
	}
}

// TestAttackRecreatedUserHasNoUse: uses are by unique id, so that a user made again
// under an old name begins with none.
func TestAttackRecreatedUserHasNoUse(t *testing.T) {
	l := newLastUsed(memory.New())
	old, again := *alice, *alice
	old.UserName, again.UserName, again.EntityID, again.AccessKeyID = "alice", "alice", "AIDAEXAMPLE2", "AKIAEXAMPLE2"
	l.Attempted(&old, "iam", "GetUser", "us-east-1", testStart)
	flush(t, l)
	if a := accessed(t, l, again.EntityID); len(a) > 0 {
		t.Errorf("the new alice has %v", a)
	}
}

// racing are facts of a user that another node writes between a read and the next
// write.
type racing struct {
	journal.Facts
	meanwhile func()
}

func (r *racing) Get(ctx context.Context, key string, now time.Time) ([]byte, error) {
	value, err := r.Facts.Get(ctx, key, now)
	if strings.HasPrefix(key, "last-used/user/") && r.meanwhile != nil {
		do := r.meanwhile
		r.meanwhile = nil
		do()
	}
	return value, err
}

// TestServicesAccessedOnTwoNodes: what one node overwrites because the other wrote
// at the same time is written again at the next flush.
func TestServicesAccessedOnTwoNodes(t *testing.T) {
	facts := memory.New()
	a, b := newLastUsed(facts), newLastUsed(facts)
	a.Attempted(alice, "iam", "GetUser", "us-east-1", testStart)
	b.Attempted(alice, "sts", "GetCallerIdentity", "us-east-1", testStart)
	a.facts = &racing{facts, func() { flush(t, b) }}
	flush(t, a)
	if got := accessed(t, newLastUsed(facts), alice.EntityID); len(got) != 1 {
		t.Fatalf("the race was not run: %v", got)
	}
	flush(t, b, a)
	if got := accessed(t, newLastUsed(facts), alice.EntityID); got["iam"].At.IsZero() || got["sts"].At.IsZero() {
		t.Errorf("lost: %v", got)
	}
}

// TestNotesAreDropped: nothing stays in memory that is written and was not used
// since, nor in the journal for longer than the tracking period.
func TestNotesAreDropped(t *testing.T) {
	facts := memory.New()
	l := newLastUsed(facts)
	for n := range 1000 {
		c := *inRole
		c.EntityID += strconv.Itoa(n)
		l.Attempted(&c, "iam", "GetUser", "us-east-1", testStart)
	}
	held := func() (n int) {
		for i := range l.notes.shards {
			n += len(l.notes.shards[i].records)
		}
		return n
	}
	for i, want := range []int{1000, 1000, 0} {
		flush(t, l)
		if n := held(); n != want {
			t.Errorf("after flush %d there are %d records, not %d", i+1, n, want)
		}
	}
	id := inRole.EntityID + "7"
	if got := accessed(t, l, id); got["iam"].At.IsZero() {
		t.Error("what was dropped is lost")
	}
	// A use after a year leaves what is within the period, one after two does not.
	use := *inRole
	use.EntityID = id
	for years, want := range []int{1, 2, 1} {
		if years > 0 {
			l.Attempted(&use, "sts", "GetCallerIdentity", "us-east-1", testStart.AddDate(years, 0, 0))
			flush(t, l)
		}
		if got := accessed(t, newLastUsed(facts), id); len(got) != want {
			t.Errorf("after %d years: %v", years, got)
		}
	}
	ctx := context.Background()
	key := used{aRole, id}.fact()
	expires := testStart.AddDate(2, 0, 0).Add(iam.TrackingPeriod)
	if _, err := facts.Get(ctx, key, expires.Add(-time.Second)); err != nil {
		t.Error("the fact is gone early:", err)
	}
	if _, err := facts.Get(ctx, key, expires); err == nil {
		t.Error("the fact does not expire")
	}
}

// TestNotesInParallel: no use is lost however writers, readers and flushes meet.
func TestNotesInParallel(t *testing.T) {
	facts := memory.New()
	l := newLastUsed(facts)
	const last = 200
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			action := "Action" + strconv.Itoa(w)
			for n := range last + 1 {
				l.Attempted(alice, "sallyport", action, "us-east-1", testStart.Add(time.Duration(n)*time.Second))
			}
		})
	}
	wg.Go(func() {
		for range 50 {
			if err := l.Flush(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	flush(t, l, l)
	got := accessed(t, newLastUsed(facts), alice.EntityID)["sallyport"]
	for w := range 4 {
		if at := got.Actions["Action"+strconv.Itoa(w)].At; !at.Equal(testStart.Add(last * time.Second)) {
			t.Errorf("writer %d: the last use is %v", w, at)
		}
	}
}

// TestAttemptedAllocatesNothing in the steady state, tracked or not.
func TestAttemptedAllocatesNothing(t *testing.T) {
	l := newLastUsed(memory.New())
	for _, call := range []target{{"iam", "ListUsers"}, {"iam", "TagUser"}, {"s3", "GetObject"}} {
		note := func() { l.Attempted(alice, call.service, call.action, "us-east-1", testStart) }
		note()
		if n := testing.AllocsPerRun(100, note); n > 0 {
			t.Errorf("%v: %v allocations", call, n)
		}
	}
}

// BenchmarkAttempted is what noting adds to a call, with one caller and with many,
// on all processors; the clock of the server moves.
func BenchmarkAttempted(b *testing.B) {
	for _, callers := range []int{1, 1000} {
		b.Run("callers="+strconv.Itoa(callers), func(b *testing.B) {
			l := newLastUsed(memory.New())
			who := make([]*operation.Caller, callers)
			for i := range who {
				c := *alice
				c.EntityID, c.AccessKeyID = c.EntityID+strconv.Itoa(i), c.AccessKeyID+strconv.Itoa(i)
				who[i] = &c
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for n := 0; pb.Next(); n++ {
					l.Attempted(who[n%len(who)], "iam", "ListUsers", "us-east-1", time.Now())
				}
			})
		})
	}
}
