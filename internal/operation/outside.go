package operation

import "errors"

// maxWork bounds how often one call may ask for work outside the writer. A call
// whose work keeps going stale is in trouble of its own making.
const maxWork = 8

var errTooMuchWork = errors.New("operation: a call asks for more work outside the writer than it may")

// pending is how a handler's run ends that waits for work to be done outside the
// writer.
type pending struct{ work func() error }

func (*pending) Error() string { return "operation: work is to be done outside the writer first" }

// Outside returns what work returns, without doing it inside an account's writer:
// the run that first asks for it ends with an error that [Complete] knows, which
// does the work and runs the call again. Work depends on nothing but its key, which
// is comparable and the call's own.
//
// It is for what takes long, such as the hash of a password: authorization was
// decided before, the writer is free meanwhile, and what the work was done for is
// looked up anew in the next run.
func Outside[V any](c *Call, key any, work func() (V, error)) (V, error) {
	if done, ok := c.done[key]; ok {
		return done.(V), nil
	}
	var none V
	return none, &pending{work: func() error {
		v, err := work()
		if err != nil {
			return err
		}
		if c.done == nil {
			c.done = make(map[any]any)
		}
		c.done[key] = v
		return nil
	}}
}

// Kept returns what make returned when the call first asked for it by the key. It is
// for what must be one and the same from the checks of an operation that reads to its
// reply.
func Kept[V any](c *Call, key any, make func() V) V {
	if kept, ok := c.kept[key]; ok {
		return kept.(V)
	}
	v := make()
	if c.kept == nil {
		c.kept = map[any]any{}
	}
	c.kept[key] = v
	return v
}

// IsPending reports whether a run ended because work is to be done first.
func IsPending(err error) bool {
	_, waits := errors.AsType[*pending](err)
	return waits
}

// Complete runs a call until it asks for no more work outside the writer. run is
// one run inside it.
func Complete(run func() error) error {
	for range maxWork {
		err := run()
		p, waits := errors.AsType[*pending](err)
		if !waits {
			return err
		}
		if err := p.work(); err != nil {
			return err
		}
	}
	return errTooMuchWork
}
