package reports

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"slices"
	"strconv"
	"time"

	"sallyport/internal/iam"
)

// A keeper makes reports in the background and keeps their text beside history, as
// facts of the journal: every node has it, it outlives a restart, and making it
// changes no state. The text is compressed and in parts, because a fact holds
// 1 MiB; the parts are deleted when the report expires.
type keeper struct {
	env *iam.Env
	// slots holds a token for each report that is being made.
	slots chan struct{}
}

const (
	// partSize is the most bytes of one fact of a report.
	partSize = 512 << 10
	// atOnce is how many reports a node makes at a time; others wait.
	atOnce = 2
	// reportPatience is how long making one may take. After it a node that was
	// stopped meanwhile is not waited for.
	reportPatience = 5 * time.Minute
)

func newKeeper(env *iam.Env) *keeper { return &keeper{env: env, slots: make(chan struct{}, atOnce)} }

// start runs a task when there is a slot for it.
func (k *keeper) start(name string, task func(ctx context.Context) error) {
	k.env.Background(name, func(ctx context.Context) error {
		select {
		case k.slots <- struct{}{}:
			defer func() { <-k.slots }()
			return task(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// put keeps a text under a fact's key, and returns in how many parts.
func (k *keeper) put(ctx context.Context, key string, text []byte, expires time.Time) (parts int, err error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(text); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	for part := range slices.Chunk(packed.Bytes(), partSize) {
		if err := k.env.Facts.Put(ctx, partFact(key, parts), part, expires); err != nil {
			return 0, err
		}
		parts++
	}
	return parts, nil
}

// get returns the text that is kept in so many parts.
func (k *keeper) get(ctx context.Context, key string, parts int) ([]byte, error) {
	var packed bytes.Buffer
	for n := range parts {
		part, err := k.env.Facts.Get(ctx, partFact(key, n), time.Time{})
		if err != nil {
			return nil, err
		}
		packed.Write(part)
	}
	unpacked, err := gzip.NewReader(&packed)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unpacked)
}

func partFact(key string, n int) string { return key + "/" + strconv.Itoa(n) }
