package protocoltest

import (
	"time"

	"sallyport/internal/api"
)

// Kinds has a member of every kind, some in forms that the generated
// services do not use: renamed, flattened, with fractions.
type Kinds struct {
	Text    *string
	Count   *int64
	Big     *int64
	Ratio   *float64
	Precise *float64
	Flag    *bool
	When    *time.Time
	Data    []byte
	Items   []string
	Flat    []Kinds
	Named   map[string]int64
	FlatMap map[string]string
	Inner   *Kinds
	Blobs   [][]byte
	Times   map[string]time.Time
}

// KindsOperation takes and returns Kinds, in the query protocol.
func KindsOperation() *api.Operation {
	str := &api.Shape{Name: "Str", Kind: api.String}
	long := &api.Shape{Name: "Long", Kind: api.Long}
	blob := &api.Shape{Name: "Blob", Kind: api.Blob}
	when := &api.Shape{Name: "When", Kind: api.Timestamp}
	kinds := &api.Shape{Name: "Kinds", Kind: api.Structure}
	shapes := []*api.Shape{
		str,
		{Name: "Int", Kind: api.Integer},
		long,
		{Name: "Float", Kind: api.Float},
		{Name: "Double", Kind: api.Double},
		{Name: "Bool", Kind: api.Boolean},
		when,
		blob,
		{Name: "Items", Kind: api.List, Elem: str, ElemName: "Item"},
		{Name: "Flat", Kind: api.List, Elem: kinds, Flattened: true},
		{Name: "Named", Kind: api.Map, Key: str, Value: long, KeyName: "K", ValueName: "V"},
		{Name: "FlatMap", Kind: api.Map, Key: str, Value: str, Flattened: true},
		kinds,
		{Name: "Blobs", Kind: api.List, Elem: blob},
		{Name: "Times", Kind: api.Map, Key: str, Value: when},
	}
	names := []string{"Text", "Count", "Big", "Ratio", "Precise", "Flag", "When", "Data", "Items", "Flat", "Named", "FlatMap", "Inner", "Blobs", "Times"}
	for i, name := range names {
		wire := name
		if name == "Text" {
			wire = "text-wire"
		}
		kinds.Members = append(kinds.Members, api.Member{Name: name, WireName: wire, Field: i, Shape: shapes[i]})
	}
	op := &api.Operation{Name: "Do", HTTPMethod: "POST", HTTPPath: "/", Input: kinds, Output: kinds, ResultWrapper: "DoResult",
		Milliseconds: true, NewInput: func() any { return new(Kinds) }, NewOutput: func() any { return new(Kinds) }}
	api.NewService(&api.Service{ID: "Kinds", Protocol: "query", APIVersion: "2024-01-01",
		XMLNamespace: "https://example.com/kinds", Operations: []*api.Operation{op}})
	return op
}

// KindsValue is a Kinds with every member set.
func KindsValue() *Kinds {
	when := time.Date(1999, 12, 31, 23, 59, 59, 5e6, time.UTC)
	return &Kinds{Text: new("t"), Count: new(int64(-1)), Big: new(int64(1) << 53), Ratio: new(0.5), Precise: new(1e300),
		Flag: new(false), When: &when, Data: []byte{0, 255}, Items: []string{"a", ""}, Flat: []Kinds{{Text: new("x")}, {Count: new(int64(2))}},
		Named: map[string]int64{"one": 1, "two": 2}, FlatMap: map[string]string{"k": "v", "l": "w"}, Inner: &Kinds{Flag: new(true)},
		Blobs: [][]byte{{1}, {}}, Times: map[string]time.Time{"epoch": time.Unix(0, 0).UTC()}}
}
