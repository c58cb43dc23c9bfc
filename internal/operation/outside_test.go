package operation

import (
	"errors"
	"testing"
)

func TestOutside(t *testing.T) {
	c := &Call{}
	runs, works := 0, map[string]int{}
	work := func(name string) func() (string, error) {
		return func() (string, error) { works[name]++; return "did " + name, nil }
	}
	err := Complete(func() error {
		runs++
		for _, name := range []string{"a", "b", "a"} {
			got, err := Outside(c, name, work(name))
			if err != nil {
				return err
			}
			if got != "did "+name {
				t.Errorf("%s: got %q", name, got)
			}
		}
		return nil
	})
	if err != nil || runs != 3 || works["a"] != 1 || works["b"] != 1 {
		t.Errorf("%d runs, work %v, error %v; want 3 runs and each work once", runs, works, err)
	}
}

func TestOutsideFails(t *testing.T) {
	broken := errors.New("broken")
	err := Complete(func() error {
		_, err := Outside(&Call{}, "a", func() (int, error) { return 0, broken })
		return err
	})
	if !errors.Is(err, broken) {
		t.Errorf("the work's error came back as %v", err)
	}
	// A call that asks for other work each time is not run for ever.
	c, n := &Call{}, 0
	err = Complete(func() error {
		n++
		_, err := Outside(c, n, func() (int, error) { return 0, nil })
		return err
	})
	if !errors.Is(err, errTooMuchWork) {
		t.Errorf("got %v after %d runs", err, n)
	}
}
