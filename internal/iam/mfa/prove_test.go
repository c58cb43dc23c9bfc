package mfa_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/mfa"
	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/internal/operation"
)

// proving is a call of STS by a user who has a device, a while after it was
// enabled.
func proving(f *devices, d *iam.MFADevice) (*operation.Call, func(periods int64) *string) {
	now := time.Unix((d.LastStep+10)*30, 0)
	code := func(periods int64) *string {
		c, err := credential.TOTPCode(string(f.Secret(iam.MFASecret(d.ID))), credential.TOTPStep(now)+periods)
		if err != nil {
			f.Fatal(err)
		}
		return &c
	}
	return &operation.Call{Context: context.Background(), Op: stsapi.OpGetSessionToken, Caller: f.As("alice"), Now: now}, code
}

func codeOf(err error) string {
	var e *api.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// TestAttackCodeOnTwoNodes: nodes share nothing but the journal; of their calls
// with one code at once exactly one is let.
func TestAttackCodeOnTwoNodes(t *testing.T) {
	f := newDevices(t)
	f.AddUser("alice")
	d := f.enabled("alice", "phone")
	serial := f.ARN("mfa/phone")
	call, code := proving(f, d)
	facts := memory.New()
	nodes := []*mfa.Service{service(facts, f.Store), service(facts, f.Store), service(facts, f.Store)}
	for periods := int64(-1); periods <= 1; periods++ {
		var let atomic.Int32
		var wg sync.WaitGroup
		for i := range 9 {
			wg.Go(func() {
				id, err := nodes[i%len(nodes)].Prove(call, f.View(), &serial, code(periods))
				switch {
				case err == nil && id == d.ID:
					let.Add(1)
				case codeOf(err) != "AccessDenied" && codeOf(err) != "Throttling":
					t.Errorf("%q, %v", id, err)
				}
			})
		}
		wg.Wait()
		if let.Load() != 1 {
			t.Errorf("the code of period %d is let %d times", periods, let.Load())
		}
		call.Now = call.Now.Add(24 * time.Hour) // what was wrong is forgotten
		_, code = proving(f, &iam.MFADevice{ID: d.ID, LastStep: credential.TOTPStep(call.Now) - 10})
	}
}

// broken is a journal that fails at one kind of fact.
type broken struct {
	journal.Facts
	prefix string
}

var errBroken = errors.New("the disk is gone")

func (b broken) Once(ctx context.Context, key string, expires time.Time) (bool, error) {
	if strings.HasPrefix(key, b.prefix) {
		return false, errBroken
	}
	return b.Facts.Once(ctx, key, expires)
}

// TestAttackProofWithoutStorage: what can't be noted as used does not count.
func TestAttackProofWithoutStorage(t *testing.T) {
	f := newDevices(t)
	f.AddUser("alice")
	d := f.enabled("alice", "phone")
	serial := f.ARN("mfa/phone")
	call, code := proving(f, d)
	for _, prefix := range []string{"mfa/attempt/", "mfa/used/"} {
		if id, err := service(broken{memory.New(), prefix}, f.Store).Prove(call, f.View(), &serial, code(0)); id != "" || !errors.Is(err, errBroken) {
			t.Errorf("without %s: %q, %v", prefix, id, err)
		}
	}
}

// TestDriftingDevice: codes count by the clock that the device was synchronized
// with, and root's devices as users' do.
func TestDriftingDevice(t *testing.T) {
	f := newDevices(t)
	f.AddUser("alice")
	changed := *f.enabled("alice", "phone")
	changed.Drift, changed.Owner = 40, iam.RootLogin
	f.put(&changed)
	serial := f.ARN("mfa/phone")
	call, code := proving(f, &changed)
	call.Caller = f.Root()
	devices := service(memory.New(), f.Store)
	for periods, want := range map[int64]string{0: "AccessDenied", 38: "AccessDenied", 42: "AccessDenied", 40: ""} {
		if id, err := devices.Prove(call, f.View(), &serial, code(periods)); codeOf(err) != want || want == "" && id != changed.ID {
			t.Errorf("a code %d periods ahead: %q, %v", periods, id, err)
		}
	}
	for _, c := range []*operation.Caller{f.As("alice"), f.Session("r", "s"), f.RootOf(iamtest.OtherAccount)} {
		call.Caller = c
		if _, err := devices.Prove(call, f.View(), &serial, code(41)); codeOf(err) != "AccessDenied" {
			t.Errorf("another's code: %v", err)
		}
	}
}
