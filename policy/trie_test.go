package policy

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/arn"
)

// TestTrie compares the trie with a search through all texts.
func TestTrie(t *testing.T) {
	text := rapid.StringMatching(`[abAB:é]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		type filed struct {
			text  string
			exact bool
		}
		var root trie[filed]
		files := map[filed]bool{}
		for range rapid.IntRange(0, 30).Draw(t, "count") {
			f := filed{text: arn.Lower(text.Draw(t, "filed")), exact: rapid.Bool().Draw(t, "exact")}
			place := root.put(f.text, f.exact)
			if *place != nil && **place != f {
				t.Fatalf("%v is where %v belongs", **place, f)
			}
			*place, files[f] = &f, true
		}
		asked, fold := text.Draw(t, "asked"), rapid.Bool().Draw(t, "fold")
		want := map[filed]bool{}
		for f := range files {
			given := asked
			if fold {
				given = arn.Lower(asked)
			}
			if given == f.text || !f.exact && strings.HasPrefix(given, f.text) {
				want[f] = true
			}
		}
		got := root.find(asked, fold, nil)
		if len(got) != len(want) {
			t.Fatalf("%q: found %d, want %d", asked, len(got), len(want))
		}
		for _, f := range got {
			if !want[*f] {
				t.Fatalf("%q: found %v", asked, *f)
			}
		}
		if !slices.IsSortedFunc(got, func(a, b *filed) int { return len(a.text) - len(b.text) }) {
			t.Fatalf("%q: not from short to long", asked)
		}
		count := 0
		root.each(func(*filed) { count++ })
		if count != len(files) {
			t.Fatalf("%d visited of %d", count, len(files))
		}
	})
}
