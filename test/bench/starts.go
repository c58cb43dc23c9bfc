package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sallyport/internal/app"
)

// settle is how long a server is left alone before its memory is looked at.
const settle = 5 * time.Second

// measureStarts times starts of an empty server and of one with a large
// account, and looks at the memory they hold.
func measureStarts(o *options) error {
	idle, err := emptyStarts(o)
	if err != nil {
		return err
	}
	data := filepath.Join(o.folder, "large")
	began := time.Now()
	if err := buildAccount(o, data, o.users, 0); err != nil {
		return fmt.Errorf("building the account: %w", err)
	}
	fmt.Printf("built an account of %d users in %.0f s\n", o.users, time.Since(began).Seconds())
	defer os.RemoveAll(data) //nolint:errcheck // a temporary folder
	snapshot := figure{name: fmt.Sprintf("start with %d users, from a snapshot", o.users), unit: "ms", aim: "below 1500"}
	ready := figure{name: "  resident when ready, per user", unit: "B"}
	settled := figure{name: "  resident after a rest, per user", unit: "B", aim: "below 2048"}
	for range o.rounds {
		if err := largeStart(o, data, idle, &snapshot, &ready, &settled); err != nil {
			return err
		}
	}
	replayed := figure{name: fmt.Sprintf("start with %d users, replaying every entry", o.users), unit: "ms", aim: "below 8000"}
	for range o.rounds {
		if err := dropSnapshots(data); err != nil {
			return err
		}
		if err := largeStart(o, data, idle, &replayed, nil, nil); err != nil {
			return err
		}
	}
	for _, f := range []*figure{&snapshot, &ready, &settled, &replayed} {
		f.print()
	}
	return nil
}

// emptyStarts returns the memory of a server with nothing but its first
// account, in bytes.
func emptyStarts(o *options) (float64, error) {
	first := figure{name: "first start, with the first account", unit: "ms", aim: "below 300"}
	again := figure{name: "start of an empty server", unit: "ms", aim: "below 300"}
	idle := figure{name: "resident memory of an empty server", unit: "MiB", aim: "below 64"}
	for round := range o.rounds {
		data := filepath.Join(o.folder, fmt.Sprintf("empty-%d", round))
		p, err := serve(o, data)
		if err != nil {
			return 0, err
		}
		first.add(milliseconds(p.took))
		if err := p.stop(); err != nil {
			return 0, err
		}
		if p, err = serve(o, data); err != nil {
			return 0, err
		}
		again.add(milliseconds(p.took))
		time.Sleep(settle)
		held, err := p.resident()
		if err := errors.Join(err, p.stop(), os.RemoveAll(data)); err != nil {
			return 0, err
		}
		idle.add(held / (1 << 20))
	}
	for _, f := range []*figure{&first, &again, &idle} {
		f.print()
	}
	return median(idle.rounds) * (1 << 20), nil
}

// largeStart starts a server on the large account and kills it, so that it
// leaves what it found.
func largeStart(o *options, data string, idle float64, took, ready, settled *figure) error {
	p, err := serve(o, data)
	if err != nil {
		return err
	}
	took.add(milliseconds(p.took))
	if ready != nil {
		held, err := p.resident()
		if err != nil {
			return errors.Join(err, p.kill())
		}
		ready.add((held - idle) / float64(o.users))
		time.Sleep(settle)
		if held, err = p.resident(); err != nil {
			return errors.Join(err, p.kill())
		}
		settled.add((held - idle) / float64(o.users))
	}
	return p.kill()
}

// dropSnapshots leaves a data folder with its journal alone.
func dropSnapshots(data string) (err error) {
	ctx := context.Background()
	store, err := app.OpenExisting(ctx, data, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	heads, err := store.Heads(ctx)
	if err != nil {
		return err
	}
	for stream := range heads {
		if err := store.DeleteSnapshots(ctx, stream, 0); err != nil {
			return err
		}
	}
	return nil
}
