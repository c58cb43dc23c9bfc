package journaltest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/internal/journal"
)

func (s *suite) wantFact(key string, now time.Time, want string) {
	s.Helper()
	got, err := s.Get(context.Background(), key, now)
	s.must(err)
	if string(got) != want || got == nil {
		s.Fatalf("fact %q is %q, want %q", key, got, want)
	}
}

func (s *suite) wantNoFact(key string, now time.Time) {
	s.Helper()
	got, err := s.Get(context.Background(), key, now)
	s.wantError(err, journal.ErrNotFound)
	if got != nil {
		s.Fatalf("absent fact %q has value %q", key, got)
	}
}

func (s *suite) once() {
	ctx := context.Background()
	for round := range 5 {
		var firsts atomic.Int32
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() {
				first, err := s.Once(ctx, fmt.Sprint("code ", round), epoch.Add(time.Minute))
				if err != nil {
					s.Error(err)
				} else if first {
					firsts.Add(1)
				}
			})
		}
		all.Wait()
		if firsts.Load() != 1 {
			s.Fatalf("%d of 64 callers were first", firsts.Load())
		}
	}
	again := func(key string, want bool) {
		s.Helper()
		first, err := s.Once(ctx, key, epoch.Add(time.Minute))
		s.must(err)
		if first != want {
			s.Fatalf("Once(%q) = %v, want %v", key, first, want)
		}
	}
	s.Store = s.reopen()
	again("code 0", false)
	s.must(s.Sweep(ctx, epoch.Add(time.Minute-1)))
	again("code 0", false) // not expired
	s.must(s.Sweep(ctx, epoch.Add(time.Minute)))
	again("code 0", true)
	again("code 0", false)
	s.must(s.Put(ctx, "put", []byte("x"), epoch.Add(time.Hour)))
	again("put", false) // one namespace
	s.wantFact("code 0", epoch, "")
	s.must(s.DeleteFact(ctx, "code 0"))
	again("code 0", true)
}

func (s *suite) factsExpire() {
	ctx := context.Background()
	s.wantNoFact("k", epoch)
	s.must(s.DeleteFact(ctx, "k"))
	s.must(s.Put(ctx, "k", []byte("v1"), epoch))
	s.wantFact("k", epoch.Add(-1), "v1")
	s.wantNoFact("k", epoch)
	s.wantNoFact("k", epoch.Add(time.Hour))
	s.must(s.Put(ctx, "k", []byte("v2"), epoch.Add(time.Second)))
	s.wantFact("k", epoch, "v2")
	s.must(s.Put(ctx, "never", nil, time.Time{}))
	s.must(s.Put(ctx, "far", []byte("v"), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)))
	s.must(s.Put(ctx, "long ago", []byte("v"), time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC)))
	s.wantNoFact("long ago", epoch)
	s.must(s.Sweep(ctx, epoch))
	s.wantFact("k", epoch, "v2")
	s.must(s.Sweep(ctx, epoch.AddDate(100, 0, 0)))
	s.wantNoFact("k", epoch)
	s.Store = s.reopen()
	s.wantFact("never", epoch.AddDate(200, 0, 0), "")
	s.wantFact("far", epoch.AddDate(200, 0, 0), "v")
	// The zone a time is given in makes no difference.
	east := time.FixedZone("east", 9*3600)
	s.must(s.Put(ctx, "zone", []byte("v"), epoch.In(east)))
	s.wantFact("zone", epoch.Add(-1), "v")
	s.wantNoFact("zone", epoch)
	s.must(s.DeleteFact(ctx, "never"))
	s.wantNoFact("never", epoch)
}

func (s *suite) factLimits() {
	ctx := context.Background()
	s.wantError(s.Put(ctx, "", nil, epoch), journal.ErrInvalid)
	s.wantError(s.Put(ctx, strings.Repeat("k", journal.MaxFactKey+1), nil, epoch), journal.ErrTooLarge)
	s.wantError(s.Put(ctx, "k", make([]byte, journal.MaxFact+1), epoch), journal.ErrTooLarge)
	_, err := s.Once(ctx, "", epoch)
	s.wantError(err, journal.ErrInvalid)
	_, err = s.Once(ctx, strings.Repeat("k", journal.MaxFactKey+1), epoch)
	s.wantError(err, journal.ErrTooLarge)
	most, key := strings.Repeat("v", journal.MaxFact), strings.Repeat("k", journal.MaxFactKey)
	s.must(s.Put(ctx, key, []byte(most), time.Time{}))
	s.wantFact(key, epoch, most)
}

func (s *suite) sweepMany() {
	ctx := context.Background()
	const facts = 2500
	var all sync.WaitGroup
	for part := range 10 {
		all.Go(func() {
			for i := part; i < facts; i += 10 {
				if err := s.Put(ctx, fmt.Sprint(i), []byte("v"), epoch.Add(time.Duration(i))); err != nil {
					s.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	s.must(s.Sweep(ctx, epoch.Add(facts-2)))
	past := epoch.Add(-time.Hour) // shows what was deleted rather than expired
	s.wantNoFact("0", past)
	s.wantNoFact(fmt.Sprint(facts-2), past)
	s.wantFact(fmt.Sprint(facts-1), past, "v")
}
