package iam

import (
	"encoding/base64"
	"sort"
)

// DefaultPage is how many items a list returns when MaxItems is not given.
const DefaultPage = 100

// A Page collects one page of a list whose items are visited in the order of
// their keys. Use:
//
//	page, err := iam.NewPage(in.Marker, in.MaxItems)
//	table.Ascend(r, page.From, func(key string, v *V) bool { return page.Add(key, func() { … }) })
//	out.IsTruncated, out.Marker = page.Result()
type Page struct {
	// From is the key to start at: the first one not yet returned.
	From string

	limit, taken int
	next         string
	more         bool
}

// NewPage starts a page at the marker of an earlier reply, or at the
// beginning. A marker of a form that no reply has is a ValidationError.
func NewPage(marker *string, maxItems *int64) (*Page, error) {
	p := &Page{limit: DefaultPage}
	if maxItems != nil {
		p.limit = int(*maxItems)
	}
	if marker != nil {
		from, err := base64.RawURLEncoding.Strict().DecodeString(*marker)
		// The decoder skips line breaks; a reply never has them.
		if err != nil || len(from) == 0 || base64.RawURLEncoding.EncodeToString(from) != *marker {
			return nil, ValidationError("Invalid Marker.")
		}
		p.From = string(from)
	}
	return p, nil
}

// Add takes the item with that key when the page has room, and reports whether
// to go on visiting.
func (p *Page) Add(key string, take func()) bool {
	if p.taken == p.limit {
		p.next, p.more = key, true
		return false
	}
	p.taken++
	take()
	return true
}

// Result returns the reply's IsTruncated and Marker.
func (p *Page) Result() (truncated *bool, marker *string) {
	more := p.more
	if !more {
		return &more, nil
	}
	return &more, Marker(p.next)
}

// Marker is the marker of a reply after which a list goes on at a key.
func Marker(key string) *string {
	m := base64.RawURLEncoding.EncodeToString([]byte(key))
	return &m
}

// PageOf returns one page of items that are not kept in the order of the list:
// it sorts a copy of them by key and takes the page the marker and maxItems
// ask for. Keys must be unique. The page is nil when it is empty.
func PageOf[T any](marker *string, maxItems *int64, items []T, key func(T) string) (page []T, truncated *bool, next *string, err error) {
	p, err := NewPage(marker, maxItems)
	if err != nil {
		return nil, nil, nil, err
	}
	sorted := append([]T(nil), items...)
	sort.Slice(sorted, func(i, j int) bool { return key(sorted[i]) < key(sorted[j]) })
	first := sort.Search(len(sorted), func(i int) bool { return key(sorted[i]) >= p.From })
	for _, item := range sorted[first:] {
		if !p.Add(key(item), func() { page = append(page, item) }) {
			break
		}
	}
	truncated, next = p.Result()
	return page, truncated, next, nil
}
