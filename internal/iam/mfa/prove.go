package mfa

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

const (
	// tolerance is by how many periods a code may be early or late, as RFC 6238
	// recommends at most (section 5.2).
	tolerance = 1
	// keepUsed is for how many periods after a code's own it could count, at the
	// drift that is furthest: so long it is known to be used.
	keepUsed = searchSteps + 10
)

// maxWrong is how many wrong codes a device bears in an hour and in a day. Three
// codes out of a million count at a time: who guesses for a year on end succeeds
// with a probability of three in a hundred.
var maxWrong = []struct {
	in    time.Duration
	codes int
}{{time.Hour, 10}, {24 * time.Hour, 30}}

// Prove decides whether a serial number and a code prove that the caller has an
// MFA device that is enabled for them, and uses the code up. It returns the
// device's id; without either, nothing. r is of the caller's account.
func (s *Service) Prove(c *operation.Call, r state.Reader, serial, code *string) (device string, err error) {
	switch {
	case serial == nil && code == nil:
		return "", nil
	case serial == nil || code == nil:
		return "", api.AccessDenied(c.Op.Service, "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
	}
	d, ok := iam.FindMFADevice(r, c.Caller.Account(), *serial)
	if owner := caller(c.Caller); !ok || owner == "" || d.Owner != owner || !d.ShowsCodes() {
		// Another's device looks like one that does not exist.
		return "", api.AccessDenied(c.Op.Service, "MultiFactorAuthentication failed, unable to validate MFA code.  "+
			"Please verify your MFA serial number is valid and associated with this user.")
	}
	device, err = s.prove(c.Context, r.Stream(), []*iam.MFADevice{d}, *code, c.Now)
	if device == "" && err == nil {
		// The trailing space is AWS's (row sts-023).
		err = api.AccessDenied(c.Op.Service, "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	return device, err
}

// ProveOwner decides whether a code is of any device that an owner, the unique id
// of a user or RootLogin, has enabled, and uses it up. It returns the device's id;
// nothing when it is of none. r is of the owner's account.
func (s *Service) ProveOwner(ctx context.Context, r state.Reader, owner, code string, now time.Time) (device string, err error) {
	var devices []*iam.MFADevice
	iam.MFADevicesByOwner.Ascend(r, owner, func(_ string, d *iam.MFADevice) bool {
		if d.ShowsCodes() {
			devices = append(devices, d)
		}
		return true
	})
	return s.prove(ctx, r.Stream(), devices, code, now)
}

// prove tries the devices that still bear a wrong code. When none does, it is
// Throttling.
func (s *Service) prove(ctx context.Context, stream state.StreamID, devices []*iam.MFADevice, code string, now time.Time) (device string, err error) {
	var taken []string
	var throttled error
	for _, d := range devices {
		facts, err := s.attempt(ctx, d, now)
		if errors.Is(err, errThrottled) {
			throttled = err
			continue
		}
		if err != nil {
			return "", err
		}
		taken = append(taken, facts...)
		ok, err := s.use(ctx, stream, d, code, now)
		if err != nil {
			return "", err
		}
		if !ok {
			continue
		}
		for _, fact := range taken {
			if err := s.facts.DeleteFact(ctx, fact); err != nil {
				return "", err
			}
		}
		return d.ID, nil
	}
	if len(taken) == 0 {
		return "", throttled
	}
	return "", nil
}

// errThrottled says that a device bears no wrong code any more.
var errThrottled = api.Errorf("Throttling", http.StatusBadRequest, true, "Rate exceeded")

// attempt takes one of the wrong codes that the device bears, before the code is
// looked at: calls at the same time can't have more of them. A right code gives
// it back.
func (s *Service) attempt(ctx context.Context, d *iam.MFADevice, now time.Time) (facts []string, err error) {
	for _, limit := range maxWrong {
		fact, err := s.take(ctx, d, now.Truncate(limit.in), limit.in, limit.codes)
		if err != nil {
			return nil, err
		}
		if fact == "" {
			return nil, errThrottled
		}
		facts = append(facts, fact)
	}
	return facts, nil
}

// take records the first of so many facts about a time that is not taken; none
// when all are.
func (s *Service) take(ctx context.Context, d *iam.MFADevice, from time.Time, length time.Duration, codes int) (string, error) {
	for n := range codes {
		fact := fmt.Sprintf("mfa/attempt/%s/%s/%d/%d", d.ID, length, from.Unix(), n)
		first, err := s.facts.Once(ctx, fact, from.Add(length+time.Minute))
		if first || err != nil {
			return fact, err
		}
	}
	return "", nil
}

// use reports whether the code is the device's, of now, and this call the first
// to bring it.
func (s *Service) use(ctx context.Context, stream state.StreamID, d *iam.MFADevice, code string, now time.Time) (bool, error) {
	seed, err := s.secrets.Secret(ctx, stream, iam.MFASecret(d.ID))
	if errors.Is(err, journal.ErrNotFound) {
		return false, nil // deleted since the view was taken
	}
	if err != nil {
		return false, err
	}
	about := credential.TOTPStep(now) + d.Drift
	first := max(about-tolerance, d.LastStep+1)
	step, ok, err := credential.MatchTOTP(string(seed), code, first, about+tolerance)
	if err != nil {
		return false, api.InternalFailure(err)
	}
	if !ok {
		return false, nil
	}
	if ok, err = s.facts.Once(ctx, usedFact(d, step), usedUntil(step)); !ok || err != nil {
		return false, err
	}
	// A code that was shown before and not used must not be good any longer than
	// one that was.
	for earlier := first; earlier < step; earlier++ {
		if _, err := s.facts.Once(ctx, usedFact(d, earlier), usedUntil(earlier)); err != nil {
			return false, err
		}
	}
	return true, nil
}

func usedFact(d *iam.MFADevice, step int64) string {
	return "mfa/used/" + d.ID + "/" + strconv.FormatInt(step, 10)
}

func usedUntil(step int64) time.Time {
	return time.Unix(0, 0).Add(time.Duration(step+keepUsed) * credential.TOTPPeriod)
}
