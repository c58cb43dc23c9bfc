package group

import (
	"context"
	"errors"
	"testing"
)

type write struct{ *Ticket }

// queued returns a queue of writes of these sizes.
func queued(sizes ...int) (chan write, []write) {
	queue := make(chan write, len(sizes))
	all := make([]write, len(sizes))
	for i, size := range sizes {
		all[i] = write{NewTicket(size)}
		queue <- all[i]
	}
	return queue, all
}

func TestCollectBounds(t *testing.T) {
	many := make([]int, maxWrites+10)
	for name, c := range map[string]struct {
		sizes []int
		want  int
	}{
		"one": {[]int{1}, 1}, "all that wait": {[]int{1, 2, 3}, 3}, "as many as fit": {many, maxWrites},
		"bytes": {[]int{maxBytes - 1, 1, 1}, 2}, "one that is too large alone": {[]int{maxBytes + 1, 1}, 1},
	} {
		queue, _ := queued(c.sizes...)
		if got := len(Collect(<-queue, queue)); got != c.want {
			t.Errorf("%s: %d writes, want %d", name, got, c.want)
		}
	}
}

// TestGivingUp: a caller may give up until its write is taken, and not after.
func TestGivingUp(t *testing.T) {
	queue, all := queued(1, 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := all[0].Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("giving up a write that was not taken: %v", err)
	}
	taken := Collect(<-queue, queue)
	if len(taken) != 1 || taken[0] != all[1] {
		t.Fatalf("%d writes are taken of one given up and one waiting", len(taken))
	}
	full := errors.New("full")
	go all[1].Answer(full)
	if err := all[1].Wait(ctx); !errors.Is(err, full) {
		t.Fatalf("giving up a write that was taken: %v", err)
	}
}
