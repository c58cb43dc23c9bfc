package memory_test

import (
	"errors"
	"testing"

	"sallyport/internal/journal"
	"sallyport/internal/journal/journaltest"
	"sallyport/internal/journal/memory"
)

func TestConformance(t *testing.T) { journaltest.Run(t, onMedium) }

func TestExport(t *testing.T) { journaltest.RunExport(t, onMedium) }

// onMedium gives a test a store of its own.
func onMedium(t *testing.T) (journal.Store, func() journal.Store) {
	medium := memory.NewMedium()
	open := func() journal.Store {
		store, err := medium.Open()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		return store
	}
	store := open()
	return store, func() journal.Store {
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		store = open()
		return store
	}
}

func TestOneStoreAtATime(t *testing.T) {
	medium := memory.NewMedium()
	store, err := medium.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := medium.Open(); !errors.Is(err, journal.ErrLocked) {
		t.Fatalf("second store: %v", err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := medium.Open()
	if err != nil {
		t.Fatal(err)
	}
	// The first store's Close must not open the medium to a third.
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := medium.Open(); !errors.Is(err, journal.ErrLocked) {
		t.Fatalf("third store: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestConformanceOfShared(t *testing.T) {
	journaltest.RunShared(t, func(t *testing.T) func() journal.Shared {
		medium := memory.NewMedium()
		return func() journal.Shared {
			store, err := medium.Share()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { store.Close() })
			return store
		}
	})
}
