package iam_test

import (
	"encoding/base64"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
)

// Following the markers gives every item once, in order, in full pages.
func TestPageOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfNDistinct(rapid.StringN(1, 8, -1), 0, 40, rapid.ID).Draw(t, "items")
		size := rapid.Int64Range(1, 10).Draw(t, "size")
		want := append([]string(nil), items...)
		sort.Strings(want)
		var got []string
		var marker *string
		for {
			page, truncated, next, err := iam.PageOf(marker, &size, items, func(s string) string { return s })
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page...)
			if !*truncated {
				if next != nil {
					t.Fatal("a last page has a marker")
				}
				break
			}
			if int64(len(page)) != size || next == nil {
				t.Fatalf("a page of %d with more to come, marker %v", len(page), next)
			}
			if marker = next; len(got) > len(want) {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("got %q, want %q", got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
	})
}

func TestPageDefaults(t *testing.T) {
	page, err := iam.NewPage(nil, nil)
	if err != nil || page.From != "" {
		t.Fatalf("%+v, %v", page, err)
	}
	taken := 0
	for page.Add("k", func() { taken++ }) {
	}
	if taken != iam.DefaultPage {
		t.Errorf("a page of %d", taken)
	}
	if truncated, marker := page.Result(); !*truncated || marker == nil {
		t.Error("not truncated")
	}
}

func TestPageRefusesForeignMarkers(t *testing.T) {
	for _, marker := range []string{"", "!", "a", "YQ==", "YWxpY2U\n", "YWxp\r\nY2U", base64.StdEncoding.EncodeToString([]byte{0xfb, 0xff})} {
		if _, err := iam.NewPage(&marker, nil); err == nil {
			t.Errorf("%q was taken", marker)
		}
	}
}

func FuzzMarker(f *testing.F) {
	for _, seed := range []string{"", "YWxpY2U", "____", "YQ==", "\x00", "000\r"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, marker string) {
		page, err := iam.NewPage(&marker, new(int64(1)))
		if err != nil {
			return
		}
		page.Add("first", func() {})
		page.Add(page.From, func() { t.Error("room for a second item") })
		if _, next := page.Result(); next == nil || *next != marker {
			t.Errorf("%q became %v", marker, next)
		}
	})
}

func TestPageTags(t *testing.T) {
	page, truncated, marker, err := iam.PageTags(nil, nil, nil)
	if err != nil || page == nil || len(page) != 0 || *truncated || marker != nil {
		t.Errorf("no tags: %v %v %v %v", page, *truncated, marker, err)
	}
	_, _, _, err = iam.PageTags(nil, new("?"), nil)
	iamtest.WantEqual(t, "error", "ValidationError: Invalid Marker.", err.Error())
}
