package credential

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// TestAttackGate: beyond the places there is no waiting, and no hash is made.
func TestAttackGate(t *testing.T) {
	phc, err := HashPassword("Correct-Horse-1")
	if err != nil {
		t.Fatal(err)
	}
	g := NewGate(1, 2)
	g.running <- struct{}{} // one is being checked
	g.places <- struct{}{}
	before := Hashes()
	var wait sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	waited := make(chan error, 2)
	for range 2 {
		wait.Go(func() {
			if err := g.Enter(); err != nil {
				waited <- err
				return
			}
			defer g.Leave()
			_, err := g.Verify(ctx, phc, "Correct-Horse-1")
			waited <- err
		})
	}
	for len(g.places) < 3 {
	}
	if err := g.Enter(); !errors.Is(err, ErrBusy) {
		t.Errorf("a fourth got %v", err)
	}
	cancel() // who waits may leave
	wait.Wait()
	for range 2 {
		if err := <-waited; !errors.Is(err, context.Canceled) {
			t.Errorf("one that left got %v", err)
		}
	}
	if Hashes() != before {
		t.Error("hashes were made beyond the gate")
	}
	<-g.running
	<-g.places
	if err := g.Enter(); err != nil {
		t.Fatal(err)
	}
	defer g.Leave()
	if ok, err := g.Verify(context.Background(), phc, "Correct-Horse-1"); !ok || err != nil || Hashes() != before+1 {
		t.Errorf("an open gate: %t, %v, %d hashes", ok, err, Hashes()-before)
	}
}
