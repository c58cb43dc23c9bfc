package seal_test

import (
	"testing"

	"pgregory.net/rapid"

	"sallyport/internal/seal"
)

func TestText(t *testing.T) {
	s, other := sealer(t, keyOf(t, 1)), sealer(t, keyOf(t, 2))
	rapid.Check(t, func(r *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(r, "plain")
		text, err := seal.Text(s, "test", []byte("aad"), plain)
		if err != nil {
			r.Fatal(err)
		}
		if got, ok := seal.OpenText(s, "test", []byte("aad"), text, len(text)); !ok || string(got) != string(plain) {
			r.Fatalf("opened as %q, %v", got, ok)
		}
		at := rapid.IntRange(0, len(text)).Draw(r, "at")
		for what, try := range map[string]struct {
			s                  seal.Seals
			purpose, aad, text string
			longest            int
		}{
			"another key":     {other, "test", "aad", text, len(text)},
			"another purpose": {s, "test2", "aad", text, len(text)},
			"another context": {s, "test", "aad2", text, len(text)},
			"too long":        {s, "test", "aad", text, len(text) - 1},
			"a line break":    {s, "test", "aad", text[:at] + "\n" + text[at:], len(text) + 1},
			"padding":         {s, "test", "aad", text + "=", len(text) + 1},
			"nothing":         {s, "test", "aad", "", len(text)},
		} {
			if _, ok := seal.OpenText(try.s, try.purpose, []byte(try.aad), try.text, try.longest); ok {
				r.Errorf("%s: opened", what)
			}
		}
	})
}
