package iam

import (
	"sort"
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/operation"
)

// CaseSensitivity says which tag keys are one and the same. Keys keep the case
// that they were given in, and tags are sorted by key, without regard to case
// first
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#case-sensitivity).
type CaseSensitivity struct {
	form      func(key string) string // in which keys are compared
	duplicate string                  // the answer to one key given twice
}

var (
	// CaseInsensitiveTags are those of users and roles: tagging with "department"
	// replaces the tag "Department". Session tags are too.
	CaseInsensitiveTags = CaseSensitivity{FoldTagKey, "Duplicate tag keys found. Please note that Tag keys are case insensitive."}
	// CaseSensitiveTags are those of everything else: "Costcenter" and
	// "costcenter" are two tags.
	CaseSensitiveTags = CaseSensitivity{func(key string) string { return key }, "Duplicate tag keys found."}
)

// reservedTagPrefix begins the keys and values that only AWS may set.
const reservedTagPrefix = "aws:"

// RequestTags converts the tags a request passes as they are, in their order
// and unchecked: what an authorization is asked about. Tags that are going to
// be stored come from New.
func RequestTags(in []iamapi.Tag) []operation.Tag {
	if len(in) == 0 {
		return nil
	}
	tags := make([]operation.Tag, len(in))
	for i, t := range in {
		if t.Key != nil {
			tags[i].Key = *t.Key
		}
		if t.Value != nil {
			tags[i].Value = *t.Value
		}
	}
	return tags
}

// New checks and sorts the tags a request passes. A key given twice, and keys or
// values with the reserved prefix "aws:", are InvalidInput. Lengths, characters
// and the number of tags in one request are constraints of the model, checked
// before.
func (s CaseSensitivity) New(in []iamapi.Tag) ([]operation.Tag, error) {
	tags := RequestTags(in)
	sortTags(tags)
	for i, t := range tags {
		if i > 0 && s.form(tags[i-1].Key) == s.form(t.Key) {
			return nil, iamapi.InvalidInputException("%s", s.duplicate)
		}
		if ReservedTag(t.Key) || ReservedTag(t.Value) {
			return nil, iamapi.InvalidInputException("Tag keys and values must not begin with the reserved prefix %s", reservedTagPrefix)
		}
	}
	return tags, nil
}

// Merge returns old with the tags of added in place of those with the same key.
// Both come from New; old is not changed.
func (s CaseSensitivity) Merge(old, added []operation.Tag) []operation.Tag {
	replaced := make([]string, len(added))
	for i, t := range added {
		replaced[i] = t.Key
	}
	merged := append(s.Without(old, replaced), added...)
	sortTags(merged)
	return merged
}

// Without returns tags without those whose key is among keys; keys that no tag
// has are ignored (row iam-087). tags is not changed.
func (s CaseSensitivity) Without(tags []operation.Tag, keys []string) []operation.Tag {
	gone := make(map[string]bool, len(keys))
	for _, k := range keys {
		gone[s.form(k)] = true
	}
	var kept []operation.Tag
	for _, t := range tags {
		if !gone[s.form(t.Key)] {
			kept = append(kept, t)
		}
	}
	return kept
}

// APITags converts stored tags for a reply; none is nil, an absent element.
func APITags(tags []operation.Tag) []iamapi.Tag {
	if len(tags) == 0 {
		return nil
	}
	out := make([]iamapi.Tag, len(tags))
	for i, t := range tags {
		out[i] = iamapi.Tag{Key: new(t.Key), Value: new(t.Value)}
	}
	return out
}

// PageTags returns one page of stored tags for the List…Tags operations, whose
// list is empty, not absent, when there are none.
func PageTags(tags []operation.Tag, marker *string, maxItems *int64) (page []iamapi.Tag, truncated *bool, next *string, err error) {
	items, truncated, next, err := PageOf(marker, maxItems, tags, tagOrder)
	if err != nil {
		return nil, nil, nil, err
	}
	page = make([]iamapi.Tag, 0, len(items))
	return append(page, APITags(items)...), truncated, next, nil
}

func sortTags(tags []operation.Tag) {
	sort.SliceStable(tags, func(i, j int) bool { return tagOrder(tags[i]) < tagOrder(tags[j]) })
}

// tagOrder sorts tags, and no two of an entity alike.
func tagOrder(t operation.Tag) string { return FoldTagKey(t.Key) + "\x00" + t.Key }

// FoldTagKey is the form of a tag key whose case does not count. Keys may hold any letter,
// so that folding must take letters with several lower-case forms to one:
// upper-casing first sends 'ſ' to 'S' and 'ı' to 'I'.
func FoldTagKey(key string) string { return strings.ToLower(strings.ToUpper(key)) }

// ReservedTag reports whether a tag key or value begins as only AWS's may.
func ReservedTag(s string) bool {
	return len(s) >= len(reservedTagPrefix) && strings.EqualFold(s[:len(reservedTagPrefix)], reservedTagPrefix)
}
